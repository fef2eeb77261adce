"""A new key-encryption key for a gate that runs by itself: asked for by its machine, signed by two of its operators."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from govcore.audit.note import NoteError, VerifierKey, parse_vkey
from govcore.db import Database
from govcore.dsse import Envelope
from govcore.errors import Problem
from govcore.keys import KeyWrapper
from govcore.settings import SettingsError
from govcore.upkeep import approvals
from govcore.upkeep.approvals import Request, RequestOver
from govcore.upkeep.policy import ORDER_LASTS
from trading.gate import folder as gates
from trading.gate.folder import Pins

ROTATE, LEFT = "gate.rotate", "key that is left"
_ASKED, _BEGUN = "rotation-request", "rotation"


class NotSigned(Problem):
    """Nobody signed for a new key, and none was begun."""

    code = "E_NOT_ORDERED"
    status = 403
    text = (
        "Two operators sign for a new key first: make a request with `trading gate request-rotation`, let each of them "
        "`trading gate approve` it, and give it with --approved within ten minutes."
    )


def request(folder: Path, wrapper: KeyWrapper, *, at: datetime, nonce: str) -> tuple[Request, Envelope]:
    """What two of the gate's operators have to sign within ten minutes."""
    pins = gates.load_pins(folder / gates.PINS)
    approvals.refuse_too_few(operators_of(pins), where=gates.PINS)
    made = Request(
        act=ROTATE,
        object=gates.public_key(folder, wrapper),
        shown={"platform": pins.url, LEFT: wrapper.newest()},
        nonce=nonce,
        until=at + ORDER_LASTS,
    )
    return made, approvals.ask(folder / _ASKED, made)


def rotate(
    database: Database, folder: Path, wrapper: KeyWrapper, signed: Envelope | None, *, at: datetime
) -> int:
    """Carry out what two operators signed, or finish what was begun; return how many secrets moved.

    What they signed stays in the folder beside the keys, under the new key's name.
    """
    begun = folder / _BEGUN
    if not begun.exists():
        if signed is None:
            raise NotSigned
        _begin(folder, wrapper, signed, at=at)
    if wrapper.newest() == approvals.read(Envelope.decode(begun.read_bytes())).shown[LEFT]:
        wrapper.add()
    moved = gates.rewrap(database, folder, wrapper)
    begun.rename(folder / f"{_BEGUN}-{wrapper.newest()}.json")
    return moved


def operators_of(pins: Pins) -> list[VerifierKey]:
    """The keys that the gate's own people sign with; `SettingsError` when one cannot be read."""
    try:
        return [parse_vkey(one) for one in pins.operators.split()]
    except NoteError as error:
        raise SettingsError(f"the operators in {gates.PINS} do not fit: {error}") from error


def _begin(folder: Path, wrapper: KeyWrapper, signed: Envelope, *, at: datetime) -> None:
    asked, pins = approvals.read(signed), gates.load_pins(folder / gates.PINS)
    approvals.approvers(signed, operators_of(pins), where=gates.PINS)
    here = ROTATE, gates.public_key(folder, wrapper), wrapper.newest()
    if (asked.act, asked.object, asked.shown.get(LEFT)) != here:
        raise RequestOver
    approvals.use_up(folder / _ASKED, asked, at=at)
    gates.write(folder / _BEGUN, signed.encode())
