"""An upgrade that cannot wait for a deadline or an opening: two operators sign which one, what it disturbs and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from govcore.dsse import Envelope
from govcore.module import Registry, Undisturbed
from govcore.settings import Settings
from govcore.setup import wanted
from govcore.upkeep import approvals
from govcore.upkeep.approvals import Request, RequestOver
from govcore.upkeep.backups import target
from govcore.upkeep.policy import ORDER_LASTS

UPGRADE, BECAUSE, _ASKED = "module.upgrade", "because", "upgrade-request"


def request(
    settings: Settings,
    registry: Registry,
    at_risk: Sequence[Undisturbed],
    reason: str,
    *,
    at: datetime,
    nonce: str,
) -> tuple[Request, Envelope]:
    """What two operators have to sign within ten minutes."""
    approvals.refuse_too_few(settings.operators)
    made = Request(
        act=UPGRADE,
        object=target(settings),
        shown={**_shown(registry, at_risk), BECAUSE: reason},
        nonce=nonce,
        until=at + ORDER_LASTS,
    )
    return made, approvals.ask(settings.data / _ASKED, made)


def use_up(
    settings: Settings,
    registry: Registry,
    at_risk: Sequence[Undisturbed],
    signed: Envelope,
    *,
    at: datetime,
) -> tuple[str, list[str]]:
    """The reason and who signed; `RequestOver` when the upgrade or what it disturbs is another by now."""
    asked = approvals.read(signed)
    names = approvals.approvers(signed, settings.operators)
    reason = asked.shown.get(BECAUSE, "")
    now = UPGRADE, target(settings), {**_shown(registry, at_risk), BECAUSE: reason}
    if (asked.act, asked.object, asked.shown) != now:
        raise RequestOver
    approvals.use_up(settings.data / _ASKED, asked, at=at)
    return reason, names


def _shown(registry: Registry, at_risk: Sequence[Undisturbed]) -> dict[str, str]:
    heads = (f"{name} {', '.join(revisions)}" for name, revisions in sorted(wanted(registry).items()))
    return {"upgrade to": "; ".join(heads), "disturbs": ", ".join(sorted(one.subject for one in at_risk))}
