"""A contributor's and a custodian's side of draws, on their own machines: values, keys and shares stay there."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from cryptography import x509
from cryptography.x509.oid import NameOID

from bidding_docs import kept_keys
from bidding_docs.encoding import format_time
from bidding_docs.kept_keys import KeptKey
from bidding_docs.signing import public_key
from govcore.certificates.authority import is_issued_by
from govcore.dsse import Signer
from trading.client import Client
from trading.draws import escrow
from trading.draws.schemas import CustodianShown, DrawShown

KEY_FILE = "draws.age"
SCOPE = "draws"


class NotRight(click.ClickException):
    """What the site sent is not what it should be, or it is not our turn; nothing left this machine."""


def waiting(client: Client) -> list[DrawShown]:
    """The draws that the account's organisation takes part in."""
    return msgspec.convert(client.get("/api/draws"), list[DrawShown])


def commit(client: Client, folder: Path, authority: x509.Certificate, draw_id: str) -> list[str]:
    """Draw a value, keep it in `folder`, and hand in its hash with its escrow; the custodians' names.

    Running it again after a lost answer hands in the same value.
    """
    shown = _draw(client, draw_id)
    if shown.own is None or shown.turn != "commit":
        raise NotRight("this draw takes no commitment of yours now")
    names = [_checked(one, authority) for one in shown.custodians]
    if len(set(names)) != len(names):
        raise NotRight("two custodians are of the same organisation")
    given = escrow.committing(
        _value(folder, draw_id),
        draw_id=draw_id,
        name=shown.own,
        recipients={one.custodian: one.recipient for one in shown.custodians},
        k=shown.k,
        token_bytes=os.urandom,
    )
    capsules = {str(seat): sealed for seat, sealed in given.capsules.items()}
    body = {"commitment": given.commitment, "capsules": msgspec.to_builtins(capsules)}
    client.post(f"/api/draws/{draw_id}/commitment", body)
    return names


def reveal(client: Client, folder: Path, draw_id: str) -> None:
    """Hand in the value that `commit` kept."""
    path = _value_file(folder, draw_id)
    if not path.exists():
        raise NotRight(f"there is no value of this draw in {folder}; the custodians will open it")
    client.post(f"/api/draws/{draw_id}/value", {"value": path.read_text().strip()})


def make_key(client: Client, signer: Signer, folder: Path, passphrase: str) -> str:
    """Make a custodian's standing key for draws, keep it locked in `folder`, and give its public half."""
    if len(passphrase) < kept_keys.MIN_PASSPHRASE:
        raise NotRight(f"a passphrase for keys has at least {kept_keys.MIN_PASSPHRASE} characters")
    identity, recipient = escrow.SUITE.generate()
    kept = KeptKey(
        lot_id=SCOPE,
        round=1,
        opens=SCOPE,
        recipient=recipient,
        identity=escrow.SUITE.encode_identity(identity),
    )
    path = folder / KEY_FILE
    if path.exists():
        raise NotRight(f"{path} is there already: move it away if you mean to make a new key")
    _write_new(path, kept_keys.lock(kept, passphrase))
    since = format_time(datetime.now(UTC))
    raw = escrow.sign_key(escrow.DrawKey(cert_sha256=signer.keyid, recipient=recipient, since=since), signer)
    client.post("/api/draw-keys", {"envelope": raw.decode()})
    return recipient


def open_withheld(client: Client, folder: Path, passphrase: str, draw_id: str, *, now: datetime) -> list[str]:
    """Show one's shares of the values that were not revealed in their time; whose these are.

    `now` is this machine's clock: a site that asks early gets nothing.
    """
    shown = _draw(client, draw_id)
    if shown.reveal_until is None or now < shown.reveal_until:
        raise NotRight("the time for revealing is not over yet")
    kept = kept_keys.unlock((folder / KEY_FILE).read_bytes(), passphrase)
    for one in shown.withheld:
        proof = escrow.prove(one.data, kept.secret(), draw_id=draw_id, name=one.name, custodian=one.custodian)
        body = {"name": one.name, "custodian": one.custodian, "proof": msgspec.to_builtins(proof)}
        client.post(f"/api/draws/{draw_id}/proofs", body)
    return [one.name for one in shown.withheld]


def _draw(client: Client, draw_id: str) -> DrawShown:
    shown = msgspec.convert(client.get(f"/api/draws/{draw_id}"), DrawShown)
    if shown.id != draw_id:
        raise NotRight("the site answered about another draw")
    return shown


def _checked(one: CustodianShown, authority: x509.Certificate) -> str:
    """The organisation that signed for the recipient: a site that exchanged it could read values alone."""
    if not one.certificate:
        raise NotRight("a custodian's certificate is missing")
    certificate = x509.load_der_x509_certificate(one.certificate)
    if not is_issued_by(certificate, authority):
        raise NotRight("a custodian's certificate is not of the authority that you pinned")
    keyid = hashlib.sha256(one.certificate).hexdigest()
    key = escrow.read_key(one.envelope.encode(), keyid, public_key(certificate))
    if key.recipient != one.recipient:
        raise NotRight("a custodian signed for another key")
    return str(certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value)


def _value_file(folder: Path, draw_id: str) -> Path:
    return folder / f"draw-{draw_id}.value"


def _value(folder: Path, draw_id: str) -> str:
    path = _value_file(folder, draw_id)
    if not path.exists():
        _write_new(path, f"{os.urandom(escrow.VALUE_SIZE).hex()}\n".encode())
    return path.read_text().strip()


def _write_new(path: Path, data: bytes) -> None:
    """A new file that only its owner reads."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
