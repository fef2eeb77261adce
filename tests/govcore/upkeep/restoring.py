"""What a return from a backup takes: a request of the machine, signed by operators."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from govcore.dsse import Envelope
from govcore.module import Registry
from govcore.settings import Settings
from govcore.upkeep import approvals, backups
from govcore.upkeep.approvals import OperatorKey

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
PASSPHRASE = b"a long enough passphrase"


def asked(empty: Settings, registry: Registry, folder: Path) -> Envelope:
    return backups.request(empty, registry, folder, at=AT, nonce="00")[1]


def signed(envelope: Envelope, *keys: OperatorKey) -> Envelope:
    for key in keys:
        envelope = approvals.approve(envelope, key)
    return envelope
