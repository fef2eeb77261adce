"""Organisations, people and a published tender on real tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from stdnum.cn import uscc

from bidding_docs.summary import Field, Form
from govcore import clock
from govcore.db import Tx
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation, register_user
from govcore.numbering.service import name_office
from govcore.platform import Platform
from trading.project.models import Project
from trading.supervision.policy import Area, CheckItem, Grade, Result, Scope, Session
from trading.supervision.schemas import Check, Evidence, NewLetter, NewMisconduct, NewNotice, NewPatrol
from trading.tender.models import Lot, Tender
from trading.tender.schemas import Criterion, PriceRule, TenderContent

PASSWORD = "correct horse battery"
FACTS = "开标前十五分钟巡场时，该代理机构工作人员尚未到场，开标室设备未调试。"
STATEMENT = "因道路管制到场较晚，已安排专人提前到场。"
EVIDENCE = Evidence(name="开标室监控录像（8时45分至9时）", sha256="ab" * 32)
USERS = {
    "recorder": ("centre", "周巡", Role.CENTRE),
    "signer": ("centre", "吴签", Role.CENTRE),
    "tenderer": ("tenderer", "郑业", Role.TENDERER),
    "agent": ("agency", "王代", Role.AGENCY),
    "regulator": ("regulator", "冯水", Role.REGULATOR),
    "stranger": ("other_regulator", "陈通", Role.REGULATOR),
    "bidder": ("bidder", "褚投", Role.BIDDER),
    "rival": ("other_centre", "卫远", Role.CENTRE),
}
ORGANISATIONS = {
    "centre": "临川市公共资源交易中心",
    "tenderer": "临川市河道管理处",
    "agency": "临川正和招标代理有限公司",
    "regulator": "临川市水利局",
    "other_regulator": "临川市交通运输局",
    "bidder": "临川第一水利工程有限公司",
    "other_centre": "远山市公共资源交易中心",
}


@dataclass(slots=True)
class Floor:
    """Ids of everything the tests name, and the moment at which people act."""

    platform: Platform
    at: datetime
    orgs: dict[str, str] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    lot_id: str = "lot-1"
    draft_lot_id: str = "lot-2"

    def actor(self, name: str) -> Actor:
        with self.platform.db.read() as tx:
            return actor_of_user(tx, self.users[name])

    def let_the_hearing_pass(self) -> None:
        """Move the moment of every act past the demo rules' window."""
        self.at += timedelta(seconds=5)

    def move_clock(self, by: timedelta) -> None:
        """Move the database's legal clock, which requests read."""
        self.platform.db.info["clock_offset"] += by

    def misconduct(self, **changes: object) -> NewMisconduct:
        report = NewMisconduct(
            lot_id=self.lot_id,
            subject_id=self.orgs["agency"],
            category="agency.late_preparation",
            grade=Grade.GENERAL,
            occurred_at=self.at - timedelta(minutes=5),
            facts=FACTS,
            basis="《公共资源交易平台管理暂行办法》和本中心现场管理规定。",
            evidence=[EVIDENCE],
        )
        return msgspec.structs.replace(report, **changes)

    def patrol(self, **changes: object) -> NewPatrol:
        patrol = NewPatrol(
            date=self.at.astimezone(clock.BEIJING).date(),
            session=Session.MORNING,
            second_id=self.users["signer"],
            checks=[
                Check(area=Area.OPENING_ROOM, item=CheckItem.ORDER, result=Result.OK),
                Check(
                    area=Area.OPENING_ROOM,
                    item=CheckItem.AGENCY_PRESENT,
                    result=Result.ISSUE,
                    evidence=[EVIDENCE],
                ),
            ],
        )
        return msgspec.structs.replace(patrol, **changes)


def notice(scope: Scope = Scope.AGENCIES) -> NewNotice:
    return NewNotice(scope=scope, handling="对该单位予以通报提醒，请其查明原因、落实整改。")


def letter() -> NewLetter:
    return NewLetter(suggestion="建议贵局对该单位加强监督指导。")


def build_floor(platform: Platform) -> Floor:
    """Register everybody, publish one tender with a lot, keep a second tender in draft."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        floor = Floor(platform, at)
        for n, (key, name) in enumerate(ORGANISATIONS.items()):
            code = f"9133010{n}MA2KEXAMP"
            code += uscc.calc_check_digit(code)
            organisation = register_organisation(tx, uscc=code, name=name, actor="system", at=at)
            floor.orgs[key] = organisation.id
        for key, (org, name, role) in USERS.items():
            user = register_user(
                tx,
                username=key,
                name=name,
                password=PASSWORD,
                org_id=floor.orgs[org],
                roles=[role],
                actor="system",
                at=at,
            )
            floor.users[key] = user.id
        name_office(tx, org_id=floor.orgs["centre"], short_name="临川公资", actor="system", at=at)
        _tender(tx, floor, n=1, state="published", lot_id=floor.lot_id, at=at)
        _tender(tx, floor, n=2, state="draft", lot_id=floor.draft_lot_id, at=at)
    return floor


def _tender(tx: Tx, floor: Floor, *, n: int, state: str, lot_id: str, at: datetime) -> None:
    project = Project(
        id=f"project-{n}",
        code=f"E3301000001{n:06d}",
        name="临川市清溪河治理工程",
        category="water",
        tenderer_id=floor.orgs["tenderer"],
        agency_id=floor.orgs["agency"],
        regulator_id=floor.orgs["regulator"],
        registered_at=at,
    )
    tender = Tender(
        id=f"tender-{n}",
        project_id=project.id,
        code=f"{project.code}001",
        title="临川市清溪河治理工程施工招标",
        rule_set="demo",
        state=state,
        content=msgspec.to_builtins(_content()),
        drafted_by=floor.users["agent"],
        approved_by=None,
        published_at=at if state == "published" else None,
    )
    lot = Lot(
        id=lot_id,
        tender_id=tender.id,
        number=1,
        code=f"{tender.code}001",
        name="一标段",
        state="open" if state == "published" else "draft",
        max_price_fen=10**9,
        deposit_fen=10**7,
    )
    for row in (project, tender, lot):
        tx.add(row)
        tx.flush()


def _content() -> TenderContent:
    return TenderContent(
        scope="河道清淤和护岸",
        location="临川市",
        funds="财政资金",
        qualification="水利水电工程施工总承包三级及以上",
        contact="王代",
        duration_days=180,
        validity_days=90,
        consortium=False,
        criteria=[Criterion(id="price", label="报价", kind="price", max_points=100)],
        price=PriceRule(method="low_price_first"),
        form=Form(fields=(Field(id="price", label="投标报价", kind="money"),)),
        parts=[],
    )
