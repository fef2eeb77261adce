"""The people who operate a gate; the passphrase of their keys is what they are called."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from govcore.dsse import Envelope
from govcore.upkeep import approvals
from trading.gate import folder

with TemporaryDirectory() as _desk:
    KEYS = {
        name: approvals.new_key(Path(_desk) / name, name=f"office.example/{name}", passphrase=name.encode())
        for name in ("wang", "li", "stranger")
    }


def name_operators(home: Path) -> None:
    """Write two of them into the pins of the gate in this folder."""
    path = home / folder.PINS
    pins = folder.load_pins(path, [str(KEYS[name].vkey) for name in ("wang", "li")])
    path.write_bytes(msgspec.json.encode(pins))


def signed_by(*names_and_request: str | Envelope) -> Envelope:
    *names, request = names_and_request
    assert isinstance(request, Envelope)
    for name in names:
        request = approvals.approve(request, KEYS[str(name)])
    return request
