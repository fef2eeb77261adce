"""Drafts, documents, keys and schedules, up to the publication of a tender."""

from __future__ import annotations

from collections.abc import Iterator

from trading.desk.task import ACCOUNT, Desk, Task, one_per_tender
from trading.draws import queries as draws
from trading.tender import rounds
from trading.tender.policy import LotState, TenderState
from trading.tender.queries import lot_context


def drafts(desk: Desk) -> Iterator[Task]:
    """The tenderer approves what its agency drafted; the agency publishes what was approved."""
    for lot in one_per_tender(desk.own):
        if lot.tender_state == TenderState.APPROVED and desk.is_agency(lot):
            yield Task(
                text="Publish {title}",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/publish",
                article="Possible as soon as all key manifests and schedules are signed.",
            )
        elif lot.tender_state == TenderState.DRAFT and desk.is_tenderer(lot):
            yield Task(
                text="Approve {title}",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/approve",
                article="After your approval the content no longer changes.",
            )
        elif lot.tender_state == TenderState.DRAFT:
            yield Task(
                text="{title}: the tenderer has not approved it yet",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}",
                word="Waiting",
                kind="neutral",
            )


def to_retender(desk: Desk) -> Iterator[Task]:
    """Lots that failed and that no later round has taken up."""
    for lot in one_per_tender([one for one in desk.own if one.state == LotState.FAILED]):
        if desk.is_agency(lot) and rounds.to_retender(desk.tx, lot.tender_id):
            yield Task(
                text="Tender what failed of {title} again",
                data={"title": lot.title},
                href=f"/tenders/{lot.tender_id}/again",
                article="Find out first why it failed (招标投标法 art. 28, 42).",
                word="Failed",
                kind="warning",
            )


def documents(desk: Desk) -> Iterator[Task]:
    """A changed version of published documents that waits for its release."""
    for lot in one_per_tender(desk.own):
        version = desk.facts[lot.lot_id].prepared
        if version is None or lot.tender_state != TenderState.PUBLISHED:
            continue
        mine = desk.is_tenderer(lot)
        yield Task(
            text="Release version {n} of the documents of {title}"
            if mine
            else "Version {n} of the documents of {title} waits for the tenderer's release",
            data={"n": version.number, "title": lot.title},
            href=f"/tenders/{lot.tender_id}/documents",
            by=lot.deadline_at,
            article="Two people release documents; a change that touches bids may move the deadline "
            "(实施条例 art. 21).",
            word="To do" if mine else "Waiting",
            kind="warning" if mine else "neutral",
        )


def keys(desk: Desk) -> Iterator[Task]:
    """The tenderer signs key manifest and schedule of each lot before the publication."""
    for lot in desk.own:
        if lot.tender_state != TenderState.APPROVED or not desk.is_tenderer(lot):
            continue
        facts = desk.facts[lot.lot_id]
        if not facts.keys_made:
            yield Task(
                text="{lot}: the custodians have not all given their keys yet",
                data={"lot": lot.lot_name},
                href=f"/tenders/{lot.tender_id}",
                word="Waiting",
                kind="neutral",
                about=lot,
            )
        elif not facts.scheduled:
            yield Task(
                text="Sign key manifest and schedule of {lot}",
                data={"lot": lot.lot_name},
                href=f"/tenders/{lot.tender_id}",
                article="You sign on your own computer; the private key never leaves it.",
                command=f"trading tender sign {ACCOUNT} {lot.lot_id}\n"
                f"trading tender schedule {ACCOUNT} --deadline TIME {lot.lot_id}",
                about=lot,
            )


def draw_keys(desk: Desk) -> Iterator[Task]:
    """What the documents let be drawn can be drawn only with the custodians' keys for draws, before the publication."""
    approved = [lot for lot in desk.own if lot.tender_state == TenderState.APPROVED]
    for lot in one_per_tender(approved):
        draws_something = lot_context(desk.tx, lot.lot_id).content.draws_at_opening
        missing = draws.without_key(desk.tx, lot.lot_id) if draws_something else []
        if missing:
            yield Task(
                text="{lot} draws something at the opening; keys for draws are missing of: {who}",
                data={"lot": lot.lot_name, "who": ", ".join(missing)},
                href=f"/tenders/{lot.tender_id}",
                article="Each custodian gives one key for all draws; without it the tender is not published.",
                word="Waiting",
                kind="neutral",
                about=lot,
            )
