"""The city's seals: those in use, and the 35 that were abolished when one seal took over their licences."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

from govcore import clock
from govcore.db import Tx
from govcore.identity.policy import Actor
from govcore.identity.queries import actor_of_user
from govcore.numbering.service import name_office
from govcore.platform import Platform
from govcore.seals import byhand, service
from govcore.seals.policy import SealKind, SealMove
from govcore.seals.schemas import Change, NewSeal
from trading.award.policy import LETTER_PAPER as AWARD_LETTER
from trading.demo.city import CENTRE, ORGANISATIONS, TENDERER, City
from trading.opening.policy import RECORD_PAPER
from trading.supervision.policy import LETTER_PAPER, NOTICE_PAPER

ABOLISHED = Path(__file__).with_name("abolished_seals.json")
BUREAU = "云汀市行政审批服务局（演示）"
FOUNDED = date(2018, 12, 29)
WITNESS = "印章管理见证人（演示）"


def engrave(platform: Platform, city: City) -> None:
    """Register every seal, name keepers, and order the seals on the papers of a tender."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        head = actor_of_user(tx, city.user_ids["centre-head"])
        name_office(tx, org_id=city.org_ids[TENDERER], short_name="云汀河建", actor="system", at=at)
        _in_use(tx, platform, city, actor=head, at=at)
        _abolished(tx, json.loads(ABOLISHED.read_text(encoding="utf-8")), actor=head, at=at)


def _in_use(tx: Tx, platform: Platform, city: City, *, actor: Actor, at: datetime) -> None:
    papers = {
        CENTRE: ("centre", (RECORD_PAPER, LETTER_PAPER, NOTICE_PAPER)),
        TENDERER: ("tenderer", (AWARD_LETTER,)),
    }
    for serial, (org, (keeper, purposes)) in enumerate(papers.items(), 101):
        new = _new(serial, SealKind.OFFICIAL, ORGANISATIONS[org], "", org_id=city.org_ids[org])
        seal = service.register_seal(tx, new, demo=True, actor=actor, at=at)
        byhand.certify(tx, platform, seal.id, actor=actor, at=at)
        user_id = city.user_ids[keeper]
        service.name_keeper(tx, seal.id, user_id=user_id, actor=actor, at=at)
        for purpose in purposes:
            service.order_papers(tx, seal.id, purpose=purpose, actor=actor_of_user(tx, user_id), at=at)
    others = [
        _new(103, SealKind.CONTRACT, ORGANISATIONS[CENTRE], "合同专用章", org_id=city.org_ids[CENTRE]),
        _new(104, SealKind.APPROVAL, BUREAU, "行政审批专用章", org_id=None),
    ]
    for new in others:
        service.register_seal(tx, new, demo=True, actor=actor, at=at)


def _abolished(tx: Tx, data: dict[str, Any], *, actor: Actor, at: datetime) -> None:
    batches = {batch["batch"]: batch for batch in data["batches"]}
    for serial, one in enumerate(data["seals"], 1):
        batch = batches[one["batch"]]
        new = NewSeal(
            code=_code(serial),
            kind=SealKind.DEPARTMENT,
            organ=one["organ"],
            words=data["words"],
            on=date.fromisoformat(data["in_use_since"]),
            reason=data["registered_for"],
        )
        seal = service.register_seal(tx, new, demo=True, actor=actor, at=at)
        moves = [(SealMove.SEAL_AWAY, batch["sealed_away"], f"{batch['why']}（{one['field']}）")]
        if one["organ"] not in data["kept"]:
            moves.append((SealMove.DESTROY, batch["destroyed"], batch["destroyed_for"]))
        for move, day, reason in moves:
            witness = data["witnesses"]["sealed_away" if move == SealMove.SEAL_AWAY else "destroyed"]
            change = Change(move=move, on=date.fromisoformat(day), reason=reason, witness=witness)
            service.move_seal(tx, seal.id, change, actor=actor, at=at)


def _new(serial: int, kind: SealKind, organ: str, words: str, *, org_id: str | None) -> NewSeal:
    return NewSeal(
        code=_code(serial),
        kind=kind,
        organ=organ,
        words=words,
        on=FOUNDED,
        reason="机构成立，依据批准文件刻制并备案（演示）",
        org_id=org_id,
        witness=WITNESS,
    )


def _code(serial: int) -> str:
    """In the form of a seal's filing code, with a division that GB/T 2260 does not assign."""
    return f"379900{serial:07d}"
