"""What consultations ask: of the group, of the agency that calls for final offers, of suppliers."""

from __future__ import annotations

from collections.abc import Iterator

from govcore.errors import NotFound, Problem
from trading.committee.queries import lots_of_member
from trading.consultation import queries
from trading.desk.task import Desk, Task
from trading.tender.policy import LotState
from trading.tender.queries import lot_context

HEARD_ALIKE = "Each supplier is heard apart, all alike (财库〔2014〕214号 art. 19)."
FINAL = "Final offers are taken sealed, of those who remain (财库〔2014〕214号 art. 21)."


def groups(desk: Desk) -> Iterator[Task]:
    """Consultations that the leader of a group that meets carries on."""
    for lot_id in lots_of_member(desk.tx, desk.actor.user_id):
        context = lot_context(desk.tx, lot_id)
        if not context.content.consults or context.state != LotState.OPENED:
            continue
        try:
            found = queries.consultation(desk.tx, lot_id, actor=desk.actor, at=desk.at)
        except Problem:
            continue  # not in the session: what that asks for is told elsewhere
        if not found.leads or not found.reviewed:
            continue
        heard = len(found.remaining) - len(found.unheard)
        yield Task(
            text="Talk with the suppliers of {lot}: {done} of {total}"
            if found.unheard
            else "End the consultation on {lot}",
            data={"lot": context.lot_name, "done": heard, "total": len(found.remaining)}
            if found.unheard
            else {"lot": context.lot_name},
            href=f"/consultation/{lot_id}",
            article=HEARD_ALIKE,
        )


def calls(desk: Desk) -> Iterator[Task]:
    """Consultations of the own side: under way, or waiting for the call for final offers."""
    for lot in desk.own:
        href = f"/consultation/{lot.lot_id}"
        if lot.state == LotState.OPENED and lot.consults:
            appointed = desk.facts[lot.lot_id].appointed
            yield Task(
                text="The consultation group works on {lot}"
                if appointed
                else "{lot} waits for its committee",
                data={"lot": lot.lot_name},
                href=href,
                article=HEARD_ALIKE,
                word="Under way" if appointed else "Waiting",
                kind="neutral",
                about=lot,
            )
        elif lot.state == LotState.CONSULTED and queries.final_round(desk.tx, lot.lot_id) is None:
            mine = desk.is_agency(lot)
            yield Task(
                text="Call for the final offers of {lot}"
                if mine
                else "The agency calls for the final offers of {lot}",
                data={"lot": lot.lot_name},
                href=href,
                article=FINAL,
                word="To do" if mine else "Waiting",
                kind="warning" if mine else "neutral",
                about=lot,
            )


def suppliers(desk: Desk) -> Iterator[Task]:
    """Consultations in which the supplier takes part and that have not been followed by final offers."""
    for lot in desk.lots:
        if lot.state != LotState.OPENED or not lot.consults:
            continue
        try:
            mine = queries.mine(desk.tx, lot.lot_id, actor=desk.actor)
        except NotFound:
            continue  # somebody else's
        if mine.takes_part:
            yield Task(
                text="You take part in the consultation on {lot}",
                data={"lot": lot.lot_name},
                href=f"/consultation/{lot.lot_id}/mine",
                article=HEARD_ALIKE,
                word="Under way",
                kind="neutral",
                about=lot,
            )
