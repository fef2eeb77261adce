"""Which programs pages load, said in the log: a site that shows one reader another program leaves a trace or lies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx
from govcore.web import queries
from govcore.web.bundles import Bundle


def publish_programs(tx: Tx, bundles: Mapping[str, Bundle], *, version: str, at: datetime) -> bool:
    """Log the programs of this release, unless they are those logged last; true when it was said now.

    The subject is the SHA-256 of what `sha256sum *.js` prints for them in the folder `app`.
    """
    programs = queries.hashes(bundles)
    if queries.programs_in_log(tx) == programs:
        return False
    listing = "".join(f"{sha256}  {file}\n" for file, sha256 in programs.items())
    subject = hashlib.sha256(listing.encode()).hexdigest()
    data = {"version": version, "programs": programs}
    record(tx, queries.PUBLISHED, subject=subject, actor="system", at=at, data=data)
    return True
