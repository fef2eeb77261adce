"""Invited suppliers by lot: who buys for the state draws them from all who qualify (政府采购法 art. 34)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from govcore.db import Tx
from govcore.errors import Problem
from govcore.identity.policy import Actor, require
from trading.draws import queries as draws
from trading.draws import service
from trading.draws.custody import check_keys
from trading.draws.models import Draw
from trading.draws.policy import DrawState, Purpose
from trading.draws.replay import Quota
from trading.prequalification import inviting
from trading.tender import queries as tenders
from trading.tender.models import Admitted, Tender
from trading.tender.policy import Method, TenderState

QUOTA = "invited"


class NothingToDraw(Problem):
    code = "E_NOTHING_TO_DRAW"
    status = 422
    text = "Drawn are fewer than qualify: there are {found}. To invite all of them, name no number."


def draw_invitees(
    tx: Tx, tender_id: str, usccs: Sequence[str], *, number: int, actor: Actor, at: datetime
) -> str:
    """Announce the draw of so many of all who qualify; they are admitted when it is drawn. The draw's id.

    Refused in works and related tenders, where bidders are never drawn (发改法规规〔2022〕1117号, no. 2).
    """
    require(actor, "prequalification.admit")
    tender = inviting.draft_of(tx, tender_id, Method.INVITED, actor=actor)
    qualified = inviting.registered(tx, tender, usccs)
    inviting.check_enough(tender, number)
    if number >= len(qualified):
        raise NothingToDraw(found=len(qualified))
    lot_id = tenders.lots_of(tx, tender_id)[0].id
    draw_id = service.announce(
        tx,
        lot_id=lot_id,
        purpose=Purpose.INVITEES,
        pool=qualified,
        quotas=[Quota(name=QUOTA, number=number, of=qualified)],
        actor=actor.user_id,
        at=at,
    )
    check_keys(tx, lot_id)
    return draw_id


def admit_drawn(tx: Tx, draw_id: str, *, at: datetime) -> None:
    """Admit who was drawn, once, as long as the round is not published."""
    draw = tx.get(Draw, draw_id)
    if draw is None or draw.purpose != Purpose.INVITEES or draw.state != DrawState.DRAWN:
        return
    lot = tenders.lot_context(tx, draw.lot_id)
    tender = tx.scalars(select(Tender).where(Tender.id == lot.tender_id).with_for_update()).one()
    admitted = select(Admitted.org_id).where(Admitted.tender_id == tender.id).limit(1)
    if tender.state == TenderState.PUBLISHED or tx.scalar(admitted) is not None:
        return
    inviting.admit(tx, tender, [one["id"] for one in draws.taken(tx, draw_id)], at=at)


def publish_draw(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """After the deadline it is no secret any more who was invited: everybody may replay the draw."""
    draw = draws.present(tx, lot_id, purpose=Purpose.INVITEES)
    if draw is not None and draw.state == DrawState.DRAWN:
        service.publish(tx, draw.id, at=at)


def present(tx: Tx, tender_id: str) -> Draw | None:
    """The last draw of a round's invitees, if there was one."""
    return draws.present(tx, tenders.lots_of(tx, tender_id)[0].id, purpose=Purpose.INVITEES)
