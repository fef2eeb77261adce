"""What a bidder has open: bids, shares of keys, read-outs to confirm, awards; its own only."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from govcore.pdf.figures import money
from guarantees import queries as guarantees
from guarantees.policy import DepositState
from trading.award.models import Award, Candidate, Exclusion
from trading.bidding import queries
from trading.bidding.policy import CONSENT_LIFETIME, CONSENTS, Kind
from trading.clarification import queries as clarifications
from trading.desk.queries import LotLine
from trading.desk.task import Desk, Task
from trading.opening import hall_queries, own_keys
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.tender.policy import LotState, Step
from trading.validity import queries as validity

_UNDECIDED = (LotState.CLOSED, LotState.OPENED, LotState.EVALUATED, LotState.PUBLICITY, LotState.AWARDED)

_WORDS = {
    None: ("NOT SUBMITTED", "danger"),
    Kind.BID: ("Submitted", "success"),
    Kind.WITHDRAW: ("Withdrawn", "neutral"),
}


def bids(desk: Desk) -> Iterator[Task]:
    """Every lot that takes bids, with what the bidder's organisation has in it."""
    running = [lot for lot in desk.lots if lot.state == LotState.OPEN]
    lot_ids = [lot.lot_id for lot in running]
    states = queries.my_states(desk.tx, lot_ids, actor=desk.actor, vault=desk.platform.keys)
    for lot in running:
        word, kind = _WORDS[states.get(lot.lot_id)]
        yield Task(
            text="Submit your final offer for {lot}" if lot.final else "{title}: {lot}",
            data={"lot": lot.lot_name} if lot.final else {"title": lot.title, "lot": lot.lot_name},
            href=f"/lots/{lot.lot_id}/bid",
            by=lot.deadline_at,
            article=_refused_when_late(lot),
            word=word,
            kind=kind,
        )


def _refused_when_late(lot: LotLine) -> str:
    if lot.procedure == "consultation":
        return "What arrives after the deadline is refused (财库〔2014〕214号 art. 13, 21)."
    if rule_set(lot.rule_set).regime is Regime.GP:
        return "What arrives after the deadline is refused (87号令 art. 33)."
    return "What arrives after the deadline is refused (招标投标法 art. 28)."


def confirmations(desk: Desk) -> Iterator[Task]:
    """Bids by a new key that members of the organisation confirm, for as long as a confirmation holds."""
    running = {lot.lot_id: lot for lot in desk.lots if lot.state == LotState.OPEN}
    since, vault = desk.at - CONSENT_LIFETIME, desk.platform.keys
    for one in queries.confirming(desk.tx, list(running), actor=desk.actor, vault=vault, since=since):
        done = one.given >= CONSENTS
        yield Task(
            text="{lot}: {given} of {needed} members confirmed the bid {hash}…",
            data={
                "lot": running[one.lot_id].lot_name,
                "given": one.given,
                "needed": CONSENTS,
                "hash": one.manifest_sha256[:12],
            },
            href=f"/lots/{one.lot_id}/bid/consent?manifest={one.manifest_sha256}",
            by=one.since + CONSENT_LIFETIME,
            article="A key younger than a day displaces a bid only with the word of two members; it holds for an hour.",
            word="Ready to submit" if done else "Another member must confirm",
            kind="success" if done else "warning",
            about=running[one.lot_id],
        )


def at_openings(desk: Desk) -> Iterator[Task]:
    """Shares of the keys to give and read-outs to confirm."""
    lots = {lot.lot_id: lot for lot in desk.lots}
    names = {lot_id: lot.lot_name for lot_id, lot in lots.items()}
    for lot_id, until in own_keys.shares_due(desk.tx, actor=desk.actor, at=desk.at):
        yield Task(
            text="Give your share of the keys of {lot}",
            data={"lot": names.get(lot_id, "")},
            href=f"/lots/{lot_id}/opening/share",
            by=until,
            article="Without it the bid stays sealed and counts as revoked.",
            kind="danger",
            about=lots.get(lot_id),
        )
    for lot_id in hall_queries.to_confirm(desk.tx, actor=desk.actor):
        yield Task(
            text="Confirm the read-out of {lot}",
            data={"lot": names.get(lot_id, "")},
            href=f"/lots/{lot_id}/opening#mine",
            article="Who says nothing is recorded as not confirmed.",
            kind="danger",
            about=lots.get(lot_id),
        )


def bound(desk: Desk) -> Iterator[Task]:
    """Bids that bind their bidder until their validity ends, while no contract was made; sealed ones when asked."""
    lots = {lot.lot_id: lot for lot in desk.lots if lot.state in _UNDECIDED}
    for lot_id in validity.own_lots(desk.tx, lots, actor=desk.actor):
        lot, found = lots[lot_id], validity.bound(desk.tx, lot_id, actor=desk.actor)
        offered = found.open_offer(desk.at)
        asked = offered is not None and offered.id not in found.bids[0].said
        if lot.state == LotState.CLOSED and not asked:
            continue
        yield Task(
            text="{lot}: answer whether your bid binds you longer"
            if asked
            else "Your bid for {lot} binds you",
            data={"lot": lot.lot_name},
            href=f"/lots/{lot_id}/validity",
            by=offered.answer_by if asked and offered else found.ends_at,
            article="As long as the documents say, from the deadline on (T32 · 实施条例 art. 25).",
            word="To do" if asked else "Valid",
            kind="warning" if asked else "info",
            about=lot,
        )


_DEPOSITS = {
    DepositState.MATCHED: ("Arrived", "info"),
    DepositState.LOCKED: ("Held", "info"),
    DepositState.MISMATCH: ("Does not count", "danger"),
    DepositState.REFUNDING: ("On its way back", "success"),
}


def deposits(desk: Desk) -> Iterator[Task]:
    """The own deposits that are not back yet; before the deadline nobody knows of any."""
    lots = {lot.lot_id: lot for lot in desk.lots}
    for paid in guarantees.own_deposits(desk.tx, actor=desk.actor):
        lot = lots.get(paid.lot_id)
        if lot is None:
            continue
        word, kind = _DEPOSITS[DepositState(paid.state)]
        yield Task(
            text="Your deposit of {amount} yuan for {lot}",
            data={"amount": money(paid.amount_fen), "lot": lot.lot_name},
            href=f"/lots/{lot.lot_id}/opening",
            article="It goes back to the account that paid it, with interest where it is owed (T25 · 实施条例 art. 57; "
            "G07 · 政府采购法实施条例 art. 33).",
            word=word,
            kind=kind,
            about=lot,
        )


def questions(desk: Desk) -> Iterator[Task]:
    """The person's own questions that no clarification has answered yet."""
    running = {lot.tender_id: lot for lot in desk.lots if lot.state == LotState.OPEN}
    asked = clarifications.unanswered(desk.tx, desk.platform.keys, list(running), actor=desk.actor)
    for tender_id, reference in asked:
        yield Task(
            text="Your question {reference} waits for its answer",
            data={"reference": reference},
            href=f"/tenders/{tender_id}/questions",
            by=running[tender_id].deadline_at,
            article="Answers are published for everybody, without who asked (招标投标法 art. 23).",
            word="Waiting",
            kind="neutral",
            about=running[tender_id],
        )


def won(desk: Desk) -> Iterator[Task]:
    """Awards to the bidder whose contract is not signed yet."""
    out = select(Exclusion.bid_id).where(Exclusion.lot_id == Award.lot_id, Exclusion.bid_id == Award.bid_id)
    mine = select(Award.lot_id, Award.announced_at).join(
        Candidate, (Candidate.lot_id == Award.lot_id) & (Candidate.bid_id == Award.bid_id)
    )
    mine = mine.where(Candidate.org_id == desk.actor.org_id, Award.announced_at.is_not(None), ~out.exists())
    lots = {lot.lot_id: lot for lot in desk.lots if lot.state == LotState.AWARDED}
    for lot_id, announced_at in desk.tx.execute(mine):
        if lot_id not in lots or announced_at is None:
            continue
        lot = lots[lot_id]
        rule = "G18" if rule_set(lot.rule_set).regime is Regime.GP else "T21"
        yield Task(
            text="Award letter for {lot}: sign the contract in time",
            data={"lot": lot.lot_name},
            href=f"/award/{lot_id}/mine",
            limit=desk.due(lot, rule, announced_at, Step.CONTRACT),
            word="Awarded",
            kind="success",
            about=lot,
        )
