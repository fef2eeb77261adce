"""The second sealed intake: a round of its own for the final offers of those who remain (214号 art. 21)."""

from __future__ import annotations

from datetime import datetime

import msgspec

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx
from govcore.errors import Detail
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.notify.service import tell
from govcore.storage import Store
from trading.committee.carrying import seat_again
from trading.consultation import queries
from trading.consultation.queries import Consultation
from trading.documents import queries as documents
from trading.documents import service as drafting
from trading.documents.schemas import LotExtras, NewDocuments
from trading.opening.queries import OpenedBid
from trading.tender import queries as tenders
from trading.tender import rounds
from trading.tender.models import Admitted, Lot, Tender
from trading.tender.policy import LOT_WORDS, LotState, Method
from trading.tender.schemas import NewLot, Seat, TenderContent

DEPOSIT = "deposit"
TITLE = "{title}（最后报价）"


def call(
    tx: Tx, wrapper: KeyWrapper, store: Store, lot_id: str, *, actor: Actor, at: datetime
) -> tuple[Tender, Lot]:
    """Draft the round of the final offers, as the purchaser's agency: same terms, same custodians' seats, new keys.

    It is approved, sealed and published like every round; bids in it only who remained.
    """
    require(actor, "consultation.call")
    found = queries.to_call(tx, lot_id, actor=actor)
    context = found.context
    if context.state != LotState.CONSULTED:
        raise rounds.NotConsulted(lot=context.lot_code, stands=Detail(LOT_WORDS[LotState(context.state)]))
    tender, (lot,) = drafting.prepare(tx, wrapper, _round(tx, found), actor=actor, at=at)
    drafting.set_papers(tx, store, tender)
    _admit(tx, tender, found, at=at)
    data = {"lot": context.lot_code, "round": tender.round}
    record(tx, "consultation.called", subject=tender.id, actor=actor.user_id, at=at, data=data)
    return tender, lot


def tell_asked(tx: Tx, tender_id: str, *, at: datetime) -> None:
    """Tell those who are asked for final offers until when; safe to repeat, nothing for every other round."""
    tender = tx.get_one(Tender, tender_id)
    if tender.method != Method.REMAINED:
        return
    (lot,) = tenders.lots_of(tx, tender_id)
    assert lot.deadline_at is not None  # a round is published with its schedule
    tell(
        tx,
        queries.people_asked(tx, tender_id),
        about=f"consultation.called/{tender_id}",
        text="Submit your final offer for {lot} by {time}.",
        data={"lot": lot.name, "time": f"{lot.deadline_at.astimezone(BEIJING):%Y-%m-%d %H:%M}"},
        href=f"/lots/{lot.id}/bid",
        at=at,
    )


def seat_group(tx: Tx, lot_id: str, *, at: datetime) -> None:
    """Seat the group that held the consultation once the final offers are open; nothing for every other lot."""
    lot = tx.get_one(Lot, lot_id)
    if lot.previous_id is not None and tenders.lot_context(tx, lot_id).content.final:
        seat_again(tx, lot.previous_id, lot_id, at=at)


def final_content(content: TenderContent) -> TenderContent:
    """The terms of the final offers: the response as it stands now, sealed with its last price, and no deposit.

    Who is qualified was decided with the first response (214号 art. 16).
    """
    return msgspec.structs.replace(
        content,
        final=True,
        parts=[part for part in content.parts if part.id != DEPOSIT],
        gates=[gate for gate in content.gates if gate.kind != "qualification"],
        available_days=None,
        questions_end_days=0,
        acts=[],
    )


def _round(tx: Tx, found: Consultation) -> NewDocuments:
    context = found.context
    version = documents.in_force(tx, context.tender_id)
    terms = documents.terms_of(version)
    said = next(one for one in terms.lots if one.number == context.lot_number)
    tender = tx.get_one(Tender, context.tender_id)
    return NewDocuments(
        project_id=tender.project_id,
        title=TITLE.format(title=terms.title),
        rule_set=tender.rule_set,
        content=final_content(context.content),
        lots=[NewLot(name=context.lot_name, max_price_fen=context.max_price_fen, deposit_fen=0)],
        custodians=[
            msgspec.convert({"role": one.role, "org_id": one.org_id}, Seat)
            for one in tenders.custodians_of(tx, context.lot_id)
        ],
        previous=[context.lot_id],
        method="remained",
        extras={"1": LotExtras(estimate_fen=said.estimate_fen, bill=said.bill)},
        reasons=version.reasons,
    )


def _admit(tx: Tx, tender: Tender, found: Consultation, *, at: datetime) -> None:
    bids = {line.bid.bid_id: line.bid for line in found.lines}
    for bid_id in found.remaining:
        bid = bids[bid_id]
        tx.add(
            Admitted(tender_id=tender.id, org_id=bid.org_id, admitted_at=at, members=_members(bid)),
        )
    tx.flush()


def _members(bid: OpenedBid) -> list[str]:
    """The codes of a consortium that responded; it stays as it is."""
    return [one.id for one in bid.consortium.members] if bid.consortium else []
