"""`signatures/1`: what members signed of an evaluation, with the certificates that it is checked by."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from govcore import dsse
from govcore.audit.entries import time_text
from govcore.certificates.queries import authority_pem, certificate_holder
from govcore.db import Tx
from govcore.errors import NotFound
from trading.evaluation.bundles import SIGNATURES_SCHEMA, Document
from trading.evaluation.files import member_id
from trading.evaluation.sheet_queries import LockedSheet
from trading.evaluation.signature_rule import kind_of
from trading.evaluation.signatures import Signed


def signatures_document(
    tx: Tx, sheets: Sequence[LockedSheet], said: Sequence[Signed], *, report_sha256: str
) -> Document:
    """Each member's lock and word about the report, as signed envelopes where it signed by certificate.

    A certificate names an account or the tenderer, never a person.
    """
    by_seat = {one.seat: one for one in said}
    given = [one.envelope for one in sheets] + [one.envelope for one in said]
    envelopes = [one for one in given if one is not None]
    return {
        "schema": SIGNATURES_SCHEMA,
        "report_sha256": report_sha256,
        "members": [
            {
                "id": member_id(sheet.seat),
                "sheet": {
                    "kind": kind_of(sheet.envelope).value,
                    "sha256": sheet.sha256,
                    "at": time_text(sheet.locked_at),
                    "envelope": _plain(sheet.envelope),
                },
                "report": _word(by_seat.get(sheet.seat)),
            }
            for sheet in sheets
        ],
        "certificates": _certificates(tx, envelopes),
        "authority": authority_pem(tx) if envelopes else None,
    }


def _word(said: Signed | None) -> Document | None:
    if said is None:
        return None
    return {
        "kind": said.kind.value,
        "dissent": said.dissent,
        "at": time_text(said.signed_at),
        "envelope": _plain(said.envelope),
    }


def _plain(envelope: bytes | None) -> Any:
    return None if envelope is None else json.loads(envelope)


def _certificates(tx: Tx, envelopes: Sequence[bytes]) -> dict[str, str]:
    """By their fingerprints, in PEM."""
    keyids = {one.keyid for raw in envelopes for one in dsse.Envelope.decode(raw).signatures}
    return {keyid: _pem(tx, keyid) for keyid in sorted(keyids)}


def _pem(tx: Tx, keyid: str) -> str:
    holder = certificate_holder(tx, keyid)
    if holder is None:
        raise NotFound  # it was registered when it signed, and nothing leaves the register
    return x509.load_der_x509_certificate(holder.der).public_bytes(Encoding.PEM).decode()
