"""Publish what was decided, without who filed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from govcore.audit.entries import time_text
from govcore.db import Tx
from govcore.identity.policy import Actor
from govcore.pdf.figures import stamp
from govcore.platform import Platform
from trading.challenge import facts
from trading.challenge.models import Case
from trading.challenge.policy import DECISION_WORDS, STAGE_WORDS, STEP_WORDS, Outcome, Stage, Step
from trading.notices.policy import NoticeKind, Regime
from trading.notices.service import issue
from trading.tender.queries import LotContext


def publish_decision(
    tx: Tx, platform: Platform, case: Case, lot: LotContext, *, actor: Actor, at: datetime
) -> None:
    """Issue the notice of a decision on a complaint: matter, outcome, reasons, steps; the filer stays unnamed."""
    _ = platform.catalogue.translator("zh_CN")
    steps = [_(STEP_WORDS[Step(step)]) for step in case.steps]
    said = {
        "subject": f"{case.number}（{_(STAGE_WORDS[Stage(case.stage)])}）",
        "decision": "\n".join(
            [_(DECISION_WORDS[Outcome(case.outcome or "")]), case.public_text or "", *steps]
        ),
        "decided_by": actor.org_name,
        "decided_at": time_text(at),
    }
    _issue(tx, NoticeKind.OBJECTION_RESULT, "投诉处理结果公告", case, lot, said, actor=actor, at=at)


def publish_order(
    tx: Tx, case: Case, lot: LotContext, *, reason: str, until: datetime | None, actor: Actor, at: datetime
) -> None:
    """Issue the notice of an ordered suspension: why, from when, and what stands still."""
    end = f"，最长至{stamp(until)}" if until else ""
    effect = f"暂停开标、评标、公示、定标和签订合同{end}；上传、替换、撤回投标文件和答复、澄清照常进行。"
    said = {"reason": reason, "from_at": time_text(at), "effect": effect}
    _issue(tx, NoticeKind.SUSPENSION, "暂停公告", case, lot, said, actor=actor, at=at)


def publish_lifting(tx: Tx, case: Case, lot: LotContext, *, reason: str, actor: Actor, at: datetime) -> None:
    """Issue the notice that an ordered suspension is lifted."""
    said = {"reason": reason, "from_at": time_text(at)}
    _issue(tx, NoticeKind.RESUMPTION, "恢复公告", case, lot, said, actor=actor, at=at)


def _issue(
    tx: Tx,
    kind: NoticeKind,
    word: str,
    case: Case,
    lot: LotContext,
    said: Mapping[str, object],
    *,
    actor: Actor,
    at: datetime,
) -> None:
    project = {"project": lot.title, "project_code": lot.project_code, "tenderer": lot.tenderer.name}
    issue(
        tx,
        kind=kind,
        tender_id=lot.tender_id,
        round=lot.round,
        lot_ids=facts.lot_ids_of(tx, case.id),
        title=f"{lot.title}{word}",
        category=lot.category,
        region="",
        fields={**project, **said},
        paper=None,
        regime=Regime(lot.rule_set.regime),
        actor=actor.user_id,
        at=at,
    )
