"""What people are told about their certificates: the same for everybody who holds one, whether or not it bids."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from govcore import clock
from govcore.certificates import queries
from govcore.certificates.policy import warning_due
from govcore.certificates.queries import Ending
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.keys import KeyWrapper
from govcore.notify.following import write_to
from govcore.notify.policy import Channel
from govcore.vault import Vault

_HREF = "/certificates"


def warn(
    tx: Tx,
    vault: Vault,
    wrapper: KeyWrapper,
    ending: Ending,
    *,
    channels: Collection[Channel],
    at: datetime,
) -> None:
    """Write to holder and members once for each of the days before the end that was reached."""
    days = warning_due(not_after=ending.not_after, at=at)
    if days is None:
        return
    write_to(
        tx,
        vault,
        wrapper,
        ending.people,
        topic=f"certificate/{ending.sha256}",
        about=f"ends/{days}",
        text="The signing certificate {certificate} of {organisation} ends on {day}. Have a new one issued in time: "
        "after that day it signs nothing. What it signed before stays valid.",
        href=_HREF,
        at=at,
        channels=channels,
        data={
            "certificate": ending.sha256[:16],
            "organisation": ending.organisation,
            "day": ending.not_after.astimezone(clock.BEIJING).strftime("%Y-%m-%d"),
        },
    )


def tell_revoked(
    tx: Tx, vault: Vault, wrapper: KeyWrapper, sha256: str, *, channels: Collection[Channel], at: datetime
) -> None:
    holder = queries.certificate_holder(tx, sha256)
    if holder is None:
        raise NotFound
    write_to(
        tx,
        vault,
        wrapper,
        {holder.user_id, *(() if holder.personal else queries.members(tx, holder.org_id))},
        topic=f"certificate/{sha256}",
        about="revoked",
        text="The signing certificate {certificate} of {organisation} was revoked and signs nothing any more. "
        "If nobody of yours did this, call us at once; you can have a new one issued now.",
        href=_HREF,
        at=at,
        channels=channels,
        data={"certificate": sha256[:16], "organisation": holder.name},
    )
