"""The evaluation's city under a lawful rule set, and what its people file and answer in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from evaluated_city import City, build
from sqlalchemy import select, update

from govcore.clock import BEIJING
from govcore.identity.policy import Actor
from govcore.notify import following
from govcore.platform import Platform
from trading.award.models import Publicity
from trading.challenge import complaining, filing, queries
from trading.challenge.evidence import Given, store_all
from trading.challenge.filing import NewCase
from trading.challenge.models import Case
from trading.challenge.policy import Kind, Stage
from trading.challenge.queries import CaseView
from trading.notices.models import Notice
from trading.opening.models import Opening
from trading.tender import reminders
from trading.tender.models import Lot, Tender
from trading.tender.policy import Step
from trading.tender.queries import lot_context
from trading.tender.suspensions import stopped_by

TENDER, LOT = "tender-1", "lot-1"
PDF = Given("说明.pdf", b"%PDF-1.7 evidence")


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


@dataclass(frozen=True)
class Town:
    """The city with the tender's facts as a test needs them, and the acts of its people."""

    platform: Platform
    city: City

    def actor(self, name: str) -> Actor:
        return self.city.actor(name)

    def follow(self, *people: str) -> None:
        """These people follow the tender: they hold its documents."""
        for name in people:
            actor = self.actor(name)
            with self.platform.db.transaction() as tx:
                topic = reminders.topic(TENDER)
                following.follow(
                    tx,
                    self.platform.keys,
                    self.platform.wrapper,
                    topic,
                    actor=actor,
                    at=beijing("2026-01-05"),
                )

    def lot(self, **facts: object) -> None:
        with self.platform.db.transaction() as tx:
            tx.execute(update(Lot).where(Lot.id == LOT).values(**facts))

    def publicity(self, start: str, end: str) -> None:
        """The candidates are published."""
        self.lot(state="publicity")
        with self.platform.db.transaction() as tx:
            published, ends = beijing(start), beijing(end)
            tx.add(
                Publicity(lot_id=LOT, round=1, published_by="agency", published_at=published, ends_at=ends)
            )

    def file(
        self,
        person: str,
        at: str,
        *,
        kind: Kind = Kind.OBJECTION,
        stage: Stage = Stage.DOCUMENTS,
        text: str = "第三章的业绩要求排斥潜在投标人，请删除。",
        receipt: bytes | None = None,
    ) -> str:
        new = NewCase(kind=kind, stage=stage, lot_ids=[LOT], text=text, receipt=receipt)
        stored = store_all(self.platform.store, [PDF])
        actor = self.actor(person)
        with self.platform.db.transaction() as tx:
            return filing.file_case(tx, self.platform, TENDER, new, stored, actor=actor, at=beijing(at)).id

    def complain(
        self, person: str, at: str, *, about: str | None = None, stage: Stage = Stage.PROCESS, known: str = ""
    ) -> str:
        new = NewCase(
            kind=Kind.COMPLAINT,
            stage=stage,
            lot_ids=[LOT],
            text="招标人的答复没有依据。",
            known_at=beijing(known) if known else None,
        )
        actor = self.actor(person)
        with self.platform.db.transaction() as tx:
            case = complaining.complain(
                tx, self.platform, TENDER, new, about_id=about, actor=actor, at=beijing(at)
            )
            return case.id

    def shown(self, person: str, case_id: str, at: str) -> CaseView:
        with self.platform.db.read() as tx:
            return queries.case(tx, self.platform, case_id, actor=self.actor(person), at=beijing(at))

    def shown_regime(self) -> str:
        with self.platform.db.read() as tx:
            return lot_context(tx, LOT).rule_set.regime

    def row(self, case_id: str) -> Case:
        with self.platform.db.read() as tx:
            return tx.get_one(Case, case_id)

    def stopped(self, at: str) -> set[str]:
        """The steps of the lot that stand still at a moment."""
        with self.platform.db.read() as tx:
            return {step for step in Step if stopped_by(tx, LOT, step, beijing(at))}

    def notices(self) -> list[tuple[str, str]]:
        """Kind and all words of the notices that were issued, in their order."""
        with self.platform.db.read() as tx:
            rows = tx.scalars(select(Notice).order_by(Notice.published_at))
            return [(row.kind, f"{row.title} {row.fields}") for row in rows]


def town_of(platform: Platform, *, rule_set: str = "tb-2026", deadline: str = "2026-03-31 09:30") -> Town:
    """A tender published on 2 March 2026 that takes bids until the deadline."""
    city = build(platform.db, state="open")
    with platform.db.transaction() as tx:
        tx.execute(update(Tender).values(rule_set=rule_set, published_at=beijing("2026-03-02 09:00")))
        ends = beijing(deadline)
        tx.execute(update(Lot).values(deadline_at=ends, opening_at=ends, closed_at=None))
        tx.execute(update(Opening).values(read_out_at=None, closed_at=ends, state="sealed"))
    return Town(platform, city)


def opened(town: Town, at: str, *, deadline: str) -> None:
    """The lot was closed at its deadline and read out."""
    ends = beijing(deadline)
    town.lot(state="evaluated", deadline_at=ends, opening_at=ends, closed_at=ends)
    with town.platform.db.transaction() as tx:
        tx.execute(update(Opening).values(read_out_at=beijing(at), state="recorded"))
