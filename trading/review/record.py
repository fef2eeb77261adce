"""The record of a review for the archive: who, by seat, said what at which gate, every change, every question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from govcore.db import Tx
from trading.committee.queries import seats
from trading.review.facts import Facts, RequestView, facts
from trading.review.models import AnswerFile, Change, Gate, Request, Vote
from trading.review.policy import PURCHASER

Record = dict[str, Any]


def review_record(tx: Tx, lot_id: str) -> Record | None:
    """All that was said in a lot's review, void seats' votes too, members by seats; nothing where nobody spoke."""
    known = facts(tx, lot_id)
    votes = list(tx.scalars(select(Vote).where(Vote.lot_id == lot_id).order_by(Vote.at, Vote.voter)))
    if not votes and not known.requests and not known.grants:
        return None
    names = {one.user_id: f"m{one.seat}" for one in seats(tx, lot_id)} | {PURCHASER: PURCHASER}
    changes = select(Change).where(Change.lot_id == lot_id).order_by(Change.at, Change.id)
    return {
        "gates": _gates(tx, known, names),
        "votes": [_vote(one, names) for one in votes],
        "changes": [_change(one, names) for one in tx.scalars(changes)],
        "requests": [_request(one) for one in known.requests],
        "grants": [
            {"bid": one.bid_id, "kind": one.kind, "item": one.item, "value": one.value, "basis": one.basis}
            for one in known.grants
        ],
    }


def _gates(tx: Tx, known: Facts, names: Mapping[str, str]) -> list[Record]:
    lot_id = known.context.lot_id
    rows = {row.node: row for row in tx.scalars(select(Gate).where(Gate.lot_id == lot_id))}
    return [
        {
            "id": gate.node,
            "side": gate.side,
            "text": gate.text,
            "article": gate.article,
            "bid": gate.bid_id,
            "why": gate.why,
            "raised_by": names.get(rows[gate.node].raised_by or ""),
            "closed_at": gate.closed_at,
        }
        for gate in known.gates
        if gate.node in rows
    ]


def _vote(one: Vote, names: Mapping[str, str]) -> Record:
    return {
        "gate": one.node,
        "bid": one.bid_id,
        "by": names[one.voter],
        "passed": one.passed,
        "reason": one.reason,
        "at": one.at,
    }


def _change(one: Change, names: Mapping[str, str]) -> Record:
    return {
        "bid": one.bid_id,
        "about": one.about,
        "old": one.old,
        "new": one.new,
        "why": one.why,
        "by": names.get(one.by, PURCHASER),
        "at": one.at,
    }


def _request(one: RequestView) -> Record:
    return {
        "id": one.id,
        "bid": one.bid_id,
        "kind": one.kind,
        "state": one.state,
        "text": one.text,
        "detail": one.detail,
        "asked_at": one.asked_at,
        "until": one.until,
        "answer": one.answer,
        "answered_at": one.answered_at,
    }


def answer_files(tx: Tx, lot_id: str) -> list[AnswerFile]:
    """The files of all answers in a lot, in the order of the questions."""
    query = select(AnswerFile).join(Request, Request.id == AnswerFile.request_id)
    mine = query.where(Request.lot_id == lot_id)
    return list(tx.scalars(mine.order_by(Request.asked_at, Request.id, AnswerFile.number)))
