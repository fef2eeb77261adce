"""Reads of the programs that pages load: as this release has them, and as the log names them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from govcore.audit import queries as audit
from govcore.db import Tx
from govcore.web.bundles import Bundle

PUBLISHED = "web.programs_published"


@dataclass(frozen=True, slots=True)
class Program:
    """One program; `logged` says that the newest entry about programs names this very one."""

    bundle: Bundle
    logged: bool


@dataclass(frozen=True, slots=True)
class Programs:
    """All programs of this release, and since when the log has named the newest set."""

    files: list[Program]
    logged_at: datetime | None


def programs(tx: Tx, bundles: Mapping[str, Bundle]) -> Programs:
    """What this release serves, held against the newest entry of the log about it."""
    newest = audit.newest_public(tx, PUBLISHED)
    named = _named(newest)
    files = [Program(bundle, named.get(file) == bundle.sha256) for file, bundle in sorted(bundles.items())]
    return Programs(files, datetime.fromisoformat(str(newest["at"])) if newest else None)


def programs_in_log(tx: Tx) -> dict[str, str]:
    """The SHA-256 of every program by its file, as the log named them last; nothing before the first time."""
    return _named(audit.newest_public(tx, PUBLISHED))


def hashes(bundles: Mapping[str, Bundle]) -> dict[str, str]:
    """The SHA-256 of every program by its file, in the files' order."""
    return {file: bundle.sha256 for file, bundle in sorted(bundles.items())}


def _named(event: dict[str, Any] | None) -> dict[str, str]:
    return dict(event["data"]["programs"]) if event else {}
