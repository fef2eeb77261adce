"""The folder of a gate that runs by itself: its keys, what it pins, its database, and their backup."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from bidding_docs import age
from govcore.audit.note import NoteError, parse_vkey
from govcore.audit.tlog_policy import PolicyError, parse_witnesses
from govcore.db import Base, Database
from govcore.keys import KeyWrapper, create_kek, load_kek
from govcore.rotation import move
from govcore.settings import SettingsError
from govcore.vault import Ed25519Signer
from trading.gate.at_rest import WRAPPED
from trading.gate.models import TABLES, GateScope
from trading.gate.server import Service
from trading.gate.service import Trust
from trading.gate.sources import ServedLog, cosigners

KEY, PINS, KEK, DATABASE = "key", "pins.json", "kek", "gate.sqlite3"
KEEP_DAYS = 10
"""A complaint about an opening may be raised for ten days (实施条例 art. 60): so long its keys are kept."""


class Pins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the gate knows of the platform from elsewhere: address, request key (hex), log key, CA, witnesses.

    `operators` are the gate's own people: two of their keys sign for a new key-encryption key.
    """

    url: str
    platform_key: str
    log: str
    authority: str
    witnesses: str = ""
    keep_days: int = KEEP_DAYS
    operators: str = ""


class _Kept(msgspec.Struct, frozen=True):
    lot_id: str
    round: int
    opens: str
    tender_id: str
    recipient: str
    identity: bytes
    made_at: datetime

    def __repr__(self) -> str:
        return f"_Kept({self.lot_id}/{self.round}/{self.opens})"


class _Backup(msgspec.Struct, frozen=True):
    v: int
    signing_key: bytes
    scopes: list[_Kept]

    def __repr__(self) -> str:
        return f"_Backup({len(self.scopes)} keys)"


def create(folder: Path, pins: Pins, *, kek: Path) -> Ed25519Signer:
    """Make a gate's folder with a new signing key; `SettingsError` when there is a gate already."""
    return _create(folder, pins, kek=kek, seed=secrets.token_bytes(32))


def _create(folder: Path, pins: Pins, *, kek: Path, seed: bytes) -> Ed25519Signer:
    _trust(pins)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_kek(kek)
    try:
        write(folder / KEY, load_kek(kek).wrap("gate-signing", "", seed))
    except FileExistsError as error:
        raise SettingsError(f"there is a gate in {folder} already") from error
    (folder / PINS).write_bytes(msgspec.json.format(msgspec.json.encode(pins)) + b"\n")
    return _signer(seed)


def open_service(
    folder: Path, *, kek: Path, database_url: str | None, clock: Callable[[], datetime]
) -> Service:
    """Everything the gate works with; `SettingsError` when something is missing or does not fit."""
    wrapper, pins = load_kek(kek), load_pins(folder / PINS)
    return Service(
        db=open_database(folder, database_url),
        source=ServedLog(pins.url.rstrip("/")),
        trust=_trust(pins),
        wrapper=wrapper,
        signer=_signer(_seed(folder, wrapper)),
        platform_key=bytes.fromhex(pins.platform_key),
        keep=timedelta(days=pins.keep_days),
        clock=clock,
    )


def open_database(folder: Path, url: str | None) -> Database:
    """The gate's own database, with its three tables."""
    database = Database(url or f"sqlite:///{folder / DATABASE}")
    Base.metadata.create_all(database.engine, tables=TABLES)
    return database


def load_pins(path: Path, operators: Sequence[str] = ()) -> Pins:
    """The pins in the file, with these operators where any are given; `SettingsError` unless it holds pins."""
    try:
        pins = msgspec.json.decode(path.read_bytes(), type=Pins)
    except FileNotFoundError as error:
        raise SettingsError(f"there are no pins at {path}: run `trading gate init` first") from error
    except msgspec.MsgspecError as error:
        raise SettingsError(f"the pins at {path} cannot be read: {error}") from error
    return msgspec.structs.replace(pins, operators=" ".join(operators)) if operators else pins


def backup(database: Database, folder: Path, wrapper: KeyWrapper, *, recipient: str) -> tuple[int, bytes]:
    """Every key that still lasts, sealed to somebody who keeps it offline; how many there are."""
    with database.read() as tx:
        rows = list(tx.scalars(select(GateScope).where(GateScope.wrapped.is_not(None))))
    kept = [
        _Kept(
            lot_id=row.lot_id,
            round=row.round,
            opens=row.opens,
            tender_id=row.tender_id,
            recipient=row.recipient,
            identity=wrapper.unwrap("gate", row.context, row.wrapped or b""),
            made_at=row.made_at,
        )
        for row in rows
    ]
    body = _Backup(v=1, signing_key=_seed(folder, wrapper), scopes=kept)
    return len(kept), age.encrypt_bytes(msgspec.json.encode(body), [recipient])


def restore(folder: Path, pins: Pins, sealed: bytes, identity: bytes, *, kek: Path, url: str | None) -> int:
    """A new gate out of a backup: the same signing key, the keys under a new key-encryption key."""
    body = msgspec.json.decode(age.decrypt_bytes(sealed, [identity]), type=_Backup)
    _create(folder, pins, kek=kek, seed=body.signing_key)
    wrapper, database = load_kek(kek), open_database(folder, url)
    with database.transaction() as tx:
        for one in body.scopes:
            row = GateScope(
                lot_id=one.lot_id,
                round=one.round,
                opens=one.opens,
                tender_id=one.tender_id,
                recipient=one.recipient,
                made_at=one.made_at,
            )
            row.wrapped = wrapper.wrap("gate", row.context, one.identity)
            tx.add(row)
    database.dispose()
    return len(body.scopes)


def rewrap(database: Database, folder: Path, wrapper: KeyWrapper) -> int:
    """Move every secret of the gate to the newest key-encryption key and return how many; may be repeated."""
    moved = move(database, WRAPPED, wrapper)
    draft = folder / f"{KEY}.new"
    draft.unlink(missing_ok=True)
    write(draft, wrapper.wrap("gate-signing", "", _seed(folder, wrapper)))
    draft.replace(folder / KEY)
    return moved + 1


def write(path: Path, blob: bytes) -> None:
    """A new file that only its owner can read, on disk before this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())


def public_key(folder: Path, wrapper: KeyWrapper) -> str:
    """The gate's public key, by which platforms know it (hex)."""
    return _signer(_seed(folder, wrapper)).public_bytes.hex()


def _trust(pins: Pins) -> Trust:
    try:
        return Trust(
            log=parse_vkey(pins.log),
            authority=x509.load_pem_x509_certificate(pins.authority.encode()),
            witnesses=cosigners(parse_witnesses(pins.witnesses)),
        )
    except (NoteError, PolicyError, ValueError) as error:
        raise SettingsError(f"the pins do not fit: {error}") from error


def _seed(folder: Path, wrapper: KeyWrapper) -> bytes:
    path = folder / KEY
    if not path.is_file():
        raise SettingsError(f"there is no gate in {folder}: run `trading gate init` first")
    return wrapper.unwrap("gate-signing", "", path.read_bytes())


def _signer(seed: bytes) -> Ed25519Signer:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return Ed25519Signer(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw), key)
