"""From the report of the committee to contract, report and refunds: each step with the rule that sets its time."""

from __future__ import annotations

from collections.abc import Iterator

from trading.award.policy import Facts, Stage, stage
from trading.contract import refunds
from trading.contract.policy import ContractState
from trading.desk.facts import LotFacts
from trading.desk.queries import LotLine
from trading.desk.task import Desk, Task
from trading.procedure.deadlines import Limit
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.tender.policy import LotState, Step
from trading.validity import queries as validity

_TEXTS = {
    Stage.PUBLICISE: "Publish the candidates of {lot}",
    Stage.HAND_OVER: "Give the purchaser the report on {lot}",
    Stage.DECIDE: "Decide the award of {lot}",
    Stage.ANNOUNCE: "Publish the result of {lot}",
    Stage.FAIL: "End {lot}: no winner is possible",
}
_DECIDABLE = (LotState.EVALUATED, LotState.PUBLICITY, LotState.AWARDED)


def awards(desk: Desk) -> Iterator[Task]:
    """What the award of an evaluated lot asks next of the side that tenders it."""
    for lot in desk.own:
        if lot.state not in _DECIDABLE:
            continue
        facts = desk.facts[lot.lot_id]
        now, limit = _stage(desk, lot, facts)
        if now is Stage.WAIT:
            yield Task(
                text="The candidates of {lot} are published",
                data={"lot": lot.lot_name},
                href=f"/award/{lot.lot_id}",
                by=facts.publicity_ends,
                article="Objections are answered within three days (T19 · 实施条例 art. 54).",
                word="Publicity",
                kind="info",
                about=lot,
            )
        elif now in _TEXTS:
            data: dict[str, object] = {"lot": lot.lot_name}
            yield Task(text=_TEXTS[now], data=data, href=f"/award/{lot.lot_id}", limit=limit, about=lot)
        yield from _report(desk, lot, facts)


def _stage(desk: Desk, lot: LotLine, facts: LotFacts) -> tuple[Stage, Limit | None]:
    """Where the award is, and what sets the time of its next step."""
    bought = rule_set(lot.rule_set).regime is Regime.GP
    silence = desk.due(lot, "G16.decide", facts.handed_over_at, Step.AWARD) if facts.handed_over_at else None
    silent = silence is not None and desk.at >= silence.at and facts.firsts == 1
    award = facts.award
    now = stage(
        Facts(
            regime=rule_set(lot.rule_set).regime,
            state=lot.state,
            ranked=facts.ranked,
            ends_at=facts.publicity_ends,
            held=facts.stopping(Step.AWARD, desk.at) is not None,
            handed_over=facts.handed_over_at is not None,
            decided=award is not None or silent,
            announced=award is not None and award.announced_at is not None,
            current_out=award is not None and award.out,
        ),
        desk.at,
    )
    if now is Stage.PUBLICISE and facts.evaluated_at:
        return now, desk.due(lot, "T18.start", facts.evaluated_at, Step.PUBLICITY)
    if now is Stage.HAND_OVER and facts.evaluated_at:
        return now, desk.due(lot, "G16", facts.evaluated_at, Step.AWARD)
    if now is Stage.ANNOUNCE and bought and award is not None:
        return now, desk.due(lot, "G17", award.decided_at, Step.AWARD)
    return now, silence if now is Stage.DECIDE and award is None else None


def _report(desk: Desk, lot: LotLine, facts: LotFacts) -> Iterator[Task]:
    award = facts.award
    if rule_set(lot.rule_set).regime is Regime.GP or award is None or award.out:
        return
    if award.announced_at is not None and award.reported_at is None:
        yield Task(
            text="Report the award of {lot} to the supervising department",
            data={"lot": lot.lot_name},
            href=f"/award/{lot.lot_id}",
            limit=desk.due(lot, "T20", award.decided_at, Step.AWARD),
            about=lot,
        )


def validity_ends(desk: Desk) -> Iterator[Task]:
    """Bids that stop binding their bidders soon, or that were offered to bind longer."""
    own = {lot.lot_id: lot for lot in desk.own}
    for lot_id in validity.to_watch(desk.tx, at=desk.at, among=own) if own else ():
        lot, found = own[lot_id], validity.whole(desk.tx, lot_id)
        offered = found.open_offer(desk.at)
        soon = desk.at >= found.ends_at - validity.warning(found.context.rule_set)
        if found.still_in and (offered or soon):
            yield Task(
                text="The validity of the bids for {lot} ends",
                data={"lot": lot.lot_name},
                href=f"/lots/{lot.lot_id}/validity",
                by=found.ends_at,
                article="Extend it before, with each bidder's consent (T32 · 实施条例 art. 25).",
                word="Waiting" if offered else "To do",
                kind="neutral" if offered else "warning",
                about=lot,
            )


def contracts(desk: Desk) -> Iterator[Task]:
    """The contract of an announced award: to sign, and what a purchase asks for afterwards."""
    for lot in desk.own:
        facts = desk.facts[lot.lot_id]
        award, made = facts.award, facts.contract
        if award is None or award.announced_at is None or award.out:
            continue
        bought = rule_set(lot.rule_set).regime is Regime.GP
        name: dict[str, object] = {"lot": lot.lot_name}
        href = f"/contracts/{lot.lot_id}"
        if made is None or made.state != ContractState.SIGNED or made.signed_at is None:
            limit = desk.due(lot, "G18" if bought else "T21", award.announced_at, Step.CONTRACT)
            text = "Draw the contract of {lot}" if made is None else "Sign the contract of {lot}"
            yield Task(text=text, data=name, href=href, limit=limit, about=lot)
            continue
        if bought and made.published_at is None:
            limit = desk.due(lot, "G18.publish", made.signed_at, Step.CONTRACT)
            yield Task(text="Publish the contract of {lot}", data=name, href=href, limit=limit, about=lot)
        if bought and made.filed_at is None:
            limit = desk.due(lot, "G18.file", made.signed_at, Step.CONTRACT)
            yield Task(text="File the contract of {lot}", data=name, href=href, limit=limit, about=lot)


def deposits(desk: Desk) -> Iterator[Task]:
    """Lots whose deposits are on their way back; orders go out by themselves."""
    own = {lot.lot_id: lot for lot in desk.own}
    for lot_id in refunds.to_settle(desk.tx) if own else ():
        if lot_id in own:
            yield Task(
                text="The deposits of {lot} go back as soon as their time has come",
                data={"lot": own[lot_id].lot_name},
                href=f"/contracts/{lot_id}",
                article="The centre orders them by itself (T25 · 实施条例 art. 57; G07 · 政府采购法实施条例 art. 33).",
                word="Waiting",
                kind="neutral",
                about=own[lot_id],
            )
