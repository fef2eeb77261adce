"""A side's part of signing: look at the contract, hold its PDF against its hash, sign the exact bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import click
import msgspec

from govcore import dsse
from trading.client import Client
from trading.contract.policy import MEDIA_TYPE
from trading.contract.schemas import ContractDocument

Lines = list[tuple[str, str]]


def sign_contract(
    client: Client, signer: dsse.Signer, lot: str, *, agreed: Callable[[Lines], bool]
) -> ContractDocument:
    """Sign and hand in the contract once `agreed` says yes to it; nothing is sent otherwise."""
    payload = client.call("GET", f"/api/lots/{lot}/contract/document").content
    said = msgspec.json.decode(payload, type=ContractDocument)
    paper = client.call("GET", f"/api/lots/{lot}/contract.pdf").content
    if said.lot_id != lot or hashlib.sha256(paper).hexdigest() != said.pdf_sha256:
        raise click.ClickException("the PDF is not the one that this contract names")
    if agreed(_lines(said)):
        envelope = dsse.sign(MEDIA_TYPE, payload, [signer]).encode()
        client.post(f"/api/lots/{lot}/contract/signatures", {"envelope": envelope.decode()})
    return said


def _lines(said: ContractDocument) -> Lines:
    whole, part = divmod(said.amount_fen, 100)
    return [
        ("number", said.number),
        ("tenderer", said.tenderer.name),
        ("supplier", said.supplier.name),
        ("object", said.object),
        ("amount in yuan", f"{whole:,}.{part:02d}"),
        ("SHA-256 of the PDF", said.pdf_sha256),
    ]
