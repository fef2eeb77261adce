"""Set or take the contract's PDF, store it, and draw the contract in one short transaction."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import datetime

from govcore import clock
from govcore.db import new_id
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.pdf.document import DEMO_WATERMARK
from govcore.platform import Platform
from govcore.storage import AlreadyStored
from trading.award.service import StoredPaper
from trading.contract import drawing
from trading.contract.drawing import ContractDraft
from trading.contract.models import Contract
from trading.contract.papers import ContractPaper, contract
from trading.contract.schemas import NewContract

UPLOAD_MAX = 50_000_000


class NotAPaper(Problem):
    code = "E_CONTRACT_FILE"
    status = 422
    text = "The contract must be a PDF of at most {most} bytes."


def draw(
    platform: Platform, lot_id: str, given: NewContract, *, uploaded: bytes | None = None, actor: Actor
) -> Contract:
    """Draw a contract, on the tenderer's own PDF or on one that is set from its facts."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = drawing.draft(tx, lot_id, given, actor=actor, at=at)
    if uploaded is not None and (not uploaded.startswith(b"%PDF-") or len(uploaded) > UPLOAD_MAX):
        raise NotAPaper(most=UPLOAD_MAX)
    paper = _stored(platform, lot_id, uploaded or _set(found, at))
    with platform.db.transaction() as tx:
        return drawing.draw(tx, lot_id, given, paper=paper, actor=actor, at=at)


def _set(found: ContractDraft, at: datetime) -> bytes:
    context, winner, given = found.context, found.award.winner, found.given
    paper = ContractPaper(
        number=found.number,
        words=context.words,
        project=context.project_name,
        project_code=context.project_code,
        lot=context.lot_name,
        lot_code=context.lot_code,
        tenderer=context.tenderer.name,
        tenderer_uscc=context.tenderer.uscc,
        supplier=winner.bidder_name,
        supplier_uscc=winner.uscc,
        object=drawing.object_of(context),
        amount_fen=given.amount_fen,
        duration_days=given.duration_days,
        quality=given.quality,
        manager=given.manager,
        bond_fen=given.bond_fen,
        terms=given.terms,
        drawn_on=at.astimezone(clock.BEIJING).date(),
    )
    return contract(paper, watermark=None if context.rule_set.lawful else DEMO_WATERMARK)


def _stored(platform: Platform, lot_id: str, content: bytes) -> StoredPaper:
    digest = hashlib.sha256(content).hexdigest()
    key = f"contract/{lot_id}/contract-{digest}.pdf"
    with suppress(AlreadyStored):
        platform.store.put_new(key, content)
    return StoredPaper(id=new_id(), key=key, sha256=digest, size=len(content))
