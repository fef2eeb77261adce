"""A fictional city with one opened lot: organisations, people, bids that were read out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from apps import app_for
from convening import REASON, convene
from litestar import Litestar
from litestar.testing import TestClient

from bidding_docs.summary import Field, Form
from govcore import clock
from govcore.db import Database, Tx
from govcore.errors import NotFound
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from trading.bidding.models import Bid
from trading.committee import service as committee
from trading.committee.policy import NewSeat
from trading.evaluation import facts, sheet_queries, sheets
from trading.evaluation.tasks import complete_one
from trading.opening.models import Opening, OpeningBid
from trading.project.models import Project
from trading.tender.models import Lot, Tender
from trading.tender.schemas import Criterion, Item, PriceRule, TenderContent

OPENED_AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MAX_PRICE_FEN = 12_000_000_00
EXPERTS = ("expert-1", "expert-2", "expert-3", "expert-4", "expert-5")
PEOPLE: Mapping[str, tuple[str, Role]] = {
    "tenderer": ("tenderer", Role.TENDERER),
    "agency": ("agency", Role.AGENCY),
    "centre": ("centre", Role.CENTRE),
    "auditor": ("centre", Role.AUDITOR),
    "regulator": ("regulator", Role.REGULATOR),
    "second": ("tenderer", Role.TENDERER),
    "other-tenderer": ("stranger", Role.TENDERER),
    "other-agency": ("stranger", Role.AGENCY),
    "other-regulator": ("stranger", Role.REGULATOR),
    "outside-expert": ("academy", Role.EXPERT),
    "partial-expert": ("bidder-1", Role.EXPERT),
    **{f"bidder-{n}": (f"bidder-{n}", Role.BIDDER) for n in range(1, 5)},
    **dict.fromkeys((*EXPERTS, "expert-6", "expert-7"), ("academy", Role.EXPERT)),
}
NAMES = {
    "tenderer": "临湖市水利工程建设中心",
    "agency": "临湖市正衡招标代理有限公司",
    "centre": "临湖市公共资源交易中心",
    "regulator": "临湖市水利局",
    "stranger": "外地某单位",
    "academy": "临湖市评标专家库",
    "bidder-1": "临湖安澜水利建设有限公司",
    "bidder-2": "东坝河工集团有限公司",
    "bidder-3": "清源堤防工程有限公司",
    "bidder-4": "长堤水务建设有限公司",
}
PRICES_FEN = {
    "bid-1": 10_000_000_00,
    "bid-2": 10_500_000_00,
    "bid-3": 11_000_000_00,
    "bid-4": 12_000_000_01,
}
FORM = Form(fields=(Field(id="price", label="投标报价", kind="money"),))


def content(*, method: str = "low_price_first") -> TenderContent:
    plan = Item(id="plan", label="施工组织设计", max_points=25)
    safety = Item(id="safety", label="安全文明施工措施", max_points=15)
    record = Item(id="record", label="企业信用", max_points=10)
    return TenderContent(
        scope="堤防加固 3.2 公里",
        location="临湖市东坝区",
        funds="财政资金",
        qualification="水利水电工程施工总承包三级及以上资质",
        contact="王工，0535-0000000",
        duration_days=180,
        validity_days=90,
        consortium=False,
        criteria=[
            Criterion(id="technical", label="技术部分", kind="manual", max_points=40, items=[plan, safety]),
            Criterion(id="credit", label="信用部分", kind="manual", max_points=10, items=[record]),
            Criterion(id="price", label="报价部分", kind="price", max_points=50),
        ],
        price=PriceRule(method=method),  # type: ignore[arg-type]
        form=FORM,
        parts=[],
    )


@dataclass(frozen=True)
class City:
    """The database with lot `lot-1` opened, and its people by name."""

    database: Database
    lot_id: str = "lot-1"
    rule_set: str = "demo"
    prices_fen: Mapping[str, int] = field(default_factory=lambda: dict(PRICES_FEN))

    def actor(self, name: str) -> Actor:
        with self.database.read() as tx:
            return actor_of_user(tx, name)

    @property
    def experts(self) -> tuple[str, ...]:
        """As many as the law asks for: a government purchase of 12 million yuan takes seven (G13)."""
        return EXPERTS if self.rule_set != "gp-2026" else (*EXPERTS, "expert-6", "expert-7")

    def appoint(self, *members: str) -> None:
        with self.database.transaction() as tx:
            committee.appoint(
                tx,
                self.lot_id,
                members=[NewSeat(user_id) for user_id in members or self.experts],
                reason=REASON,
                actor=actor_of_user(tx, "centre"),
                at=NOW,
            )

    def convene(self) -> None:
        """Appoint the committee and let it meet."""
        self.appoint()
        convene(self.database, self.lot_id, self.experts, at=NOW)

    def fill(self, expert: str, points: Mapping[str, Mapping[str, object]], *, why: str = "") -> None:
        with self.database.transaction() as tx:
            actor = actor_of_user(tx, expert)
            sheets.save(tx, self.lot_id, given=points, why=why, actor=actor, at=NOW)

    def lock(self, expert: str) -> None:
        with self.database.transaction() as tx:
            actor = actor_of_user(tx, expert)
            seen = seen_sheet(tx, self.lot_id, actor)
            sheets.lock(tx, self.lot_id, sha256=seen, actor=actor, at=NOW)

    def marks(self, expert: str) -> dict[str, dict[str, object]]:
        with self.database.read() as tx:
            found = sheet_queries.marks_of(tx, self.lot_id, facts.present_number(tx, self.lot_id), expert)
        return {bid: dict(row) for bid, row in found.items()}

    def lock_all(self) -> None:
        """The committee meets; each member fills and locks a sheet of its own."""
        self.convene()
        for number, expert in enumerate(self.experts):
            self.fill(expert, sheet(number))
            self.lock(expert)


def seen_sheet(tx: Tx, lot_id: str, actor: Actor) -> str:
    """The hash on the page that a member locks from; whoever has no seat saw none."""
    try:
        return sheet_queries.my_sheet(tx, lot_id, actor=actor).sha256
    except NotFound:
        return "0" * 64


def sheet(number: int = 0) -> dict[str, dict[str, str]]:
    """A complete sheet for the three bids under the maximum price; members differ by `number` tenths."""
    return {
        "bid-1": {"plan": f"20.{number}", "safety": "12.00", "record": "8.00"},
        "bid-2": {"plan": f"22.{number}", "safety": "13.50", "record": "9.00"},
        "bid-3": {"plan": f"18.{number}", "safety": "10.25", "record": "7.00"},
    }


def build(
    database: Database,
    *,
    state: str = "opened",
    method: str = "low_price_first",
    rule_set: str = "demo",
) -> City:
    """Insert the city; bid 4 is one fen above the maximum price, bid 5 could not be opened."""
    with database.transaction() as tx:
        _people(tx)
        _tender(tx, state=state, method=method, rule_set=rule_set)
        _bids(tx)
    return City(database, rule_set=rule_set)


def evaluated(platform: Platform, rule_set: str = "demo") -> City:
    """Bid 2 is ranked first, then 1 and 3; bid 4 was rejected and bid 5 never opened."""
    city = build(platform.db, rule_set=rule_set)
    city.lock_all()
    assert complete_one(platform, city.lot_id)
    return city


def _people(tx: Tx) -> None:
    for number, (org_id, name) in enumerate(NAMES.items()):
        tx.add(Organisation(id=org_id, uscc=f"91371500MA{number:08d}", name=name))
    tx.flush()
    for user_id, (org_id, role) in PEOPLE.items():
        tx.add(User(id=user_id, username=user_id, name=user_id, org_id=org_id, password_hash="none"))
        tx.flush()
        tx.add(UserRole(user_id=user_id, role=role))


def _tender(tx: Tx, *, state: str, method: str, rule_set: str) -> None:
    tx.add(
        Project(
            id="project-1",
            code="E3715000001000001",
            name="东坝堤防加固工程",
            category="water",
            tenderer_id="tenderer",
            agency_id="agency",
            regulator_id="regulator",
            registered_at=OPENED_AT,
        )
    )
    tx.flush()
    tx.add(
        Tender(
            id="tender-1",
            project_id="project-1",
            code="E3715000001000001001",
            title="东坝堤防加固工程施工招标",
            rule_set=rule_set,
            state="published",
            content=msgspec.to_builtins(content(method=method)),
            drafted_by="agency",
            approved_by="tenderer",
            published_at=OPENED_AT,
        )
    )
    tx.flush()
    tx.add(
        Lot(
            id="lot-1",
            tender_id="tender-1",
            number=1,
            code="E3715000001000001001001",
            name="一标段（堤防）",
            round=1,
            state=state,
            max_price_fen=MAX_PRICE_FEN,
            deposit_fen=200_000_00,
            deadline_at=OPENED_AT,
            opening_at=OPENED_AT,
            closed_at=OPENED_AT,
        )
    )
    tx.flush()


def _bids(tx: Tx) -> None:
    tx.add(
        Opening(
            lot_id="lot-1",
            round=1,
            state="read_out",
            closed_payload=b"{}",
            cp_size=1,
            bids_root="00" * 32,
            eligible_count=5,
            closed_at=OPENED_AT,
            seal_check_until=OPENED_AT,
            release_until=OPENED_AT,
            read_out_at=OPENED_AT,
        )
    )
    tx.flush()
    for number, (bid_id, price) in enumerate(PRICES_FEN.items(), start=1):
        _bid(tx, bid_id, number=number, org_id=f"bidder-{number}", state="opened", price=price)
    _bid(tx, "bid-5", number=5, org_id="stranger", state="revoked", price=1)


def add_bids(database: Database, count: int) -> list[str]:
    """So many more opened bids under the maximum price, each of a bidder of its own; their ids."""
    ids = [f"bid-{number}" for number in range(6, 6 + count)]
    with database.transaction() as tx:
        for number, bid_id in enumerate(ids, start=6):
            org_id, price = f"bidder-{number}", 10_000_000_00 + number * 10_000_00
            tx.add(
                Organisation(id=org_id, uscc=f"91371500MB{number:08d}", name=f"临湖第{number}水利工程公司")
            )
            tx.flush()
            _bid(tx, bid_id, number=number, org_id=org_id, state="opened", price=price)
    return ids


def _bid(tx: Tx, bid_id: str, *, number: int, org_id: str, state: str, price: int) -> None:
    tx.add(
        Bid(
            id=bid_id,
            lot_id="lot-1",
            round=1,
            bidder_tag=f"{number:064d}",
            seq=1,
            kind="bid",
            manifest_sha256=f"{number:064d}",
            idempotency_tag=f"{number:064d}",
            wrapped=b"-",
            leaf=f"{number:064d}",
            received_at=OPENED_AT,
        )
    )
    tx.flush()
    tx.add(
        OpeningBid(
            bid_id=bid_id,
            lot_id="lot-1",
            number=number,
            org_id=org_id,
            manifest_sha256=f"{number:064d}",
            envelope=b"-",
            received_at=OPENED_AT,
            state=state,
            summary={
                "price_fen": price,
                "duration_days": 170 + number,
                "quality": "合格",
                "manager": f"项目经理{number}",
                "manager_certificate": f"鲁237000000{number}",
            },
        )
    )
    tx.flush()


SignIn = Callable[[str], TestClient[Litestar]]
"""Makes a client that is signed in as somebody of the city; an empty name is a visitor."""


@contextmanager
def signing_in(platform: Platform) -> Iterator[SignIn]:
    """Sessions begin now: the city's facts may be of any day."""
    with TestClient(app_for(platform)) as client:
        client.follow_redirects = False

        def as_person(name: str) -> TestClient[Litestar]:
            client.cookies.clear()
            if name:
                with platform.db.transaction() as tx:
                    client.cookies.set("session", open_session(tx, user_id=name, at=clock.now(tx)))
            return client

        yield as_person
