"""The public notice of a clarification: a change notice where anything changes, else a clarification."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from govcore.db import Tx
from govcore.pdf.figures import stamp
from trading.clarification.schemas import EffectShown, Prepared
from trading.documents.papers import ACTS
from trading.notices.policy import NoticeKind
from trading.notices.service import StoredPaper
from trading.procedure.paper_words import PaperWords
from trading.tender.announcing import publish_notice
from trading.tender.queries import LotContext

REFERENCE = "{title}{w.notice}（编号：{code}）"


def publish(
    tx: Tx,
    lot: LotContext,
    content: Prepared,
    effects: Sequence[EffectShown],
    *,
    paper: StoredPaper,
    actor: str,
    at: datetime,
) -> None:
    """Issue the notice of a clarification that is released now, on its own paper."""
    rows = list(_changes(lot.words, content, effects))
    answers = [{"question": one.question, "answer": one.answer} for one in content.answers]
    publish_notice(
        tx,
        lot,
        kind=NoticeKind.CHANGE if rows else NoticeKind.CLARIFICATION,
        lot_ids=[],
        fields={
            "reference": REFERENCE.format(title=lot.title, code=lot.tender_code, w=lot.words),
            "changes": rows or None,
            "answers": answers or None,
            "reason": content.statement or None,
        },
        paper=paper,
        actor=actor,
        at=at,
    )


def _changes(
    words: PaperWords, content: Prepared, effects: Sequence[EffectShown]
) -> Iterator[dict[str, object]]:
    """Everything that is different from now on, as the notice's table says it."""
    for one in content.changes:
        yield {"item": one.where, "old": one.before, "new": one.after}
    if content.version:
        yield {"item": words.documents, "old": f"第{content.version - 1}版", "new": f"第{content.version}版"}
    for effect in effects:
        if effect.moved_to is not None:
            old, new = stamp(effect.deadline_at), stamp(effect.moved_to)
            yield {"item": f"{effect.lot_name}{words.deadline}和开标时间", "old": old, "new": new}
    for act in content.acts or []:
        times = f"{stamp(act.starts_at)} 至 {stamp(act.ends_at)}，{act.place}"
        yield {"item": ACTS[act.kind], "old": "", "new": times}
    if content.acts == []:
        yield {"item": "现场踏勘、样品递交和演示", "old": "", "new": "取消"}
    if content.statement and not content.answers:
        yield {"item": "说明", "old": "", "new": content.statement}
