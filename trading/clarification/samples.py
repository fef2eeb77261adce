"""Take samples in: the receipt has a nameless number, and no list of them exists before the deadline."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime

import msgspec

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from trading.clarification import queries
from trading.clarification.asking import nameless_number
from trading.clarification.models import Sample
from trading.clarification.queries import KeptSample
from trading.clarification.schemas import NewSample

TAKER = "reception"
"""Who is logged as taking samples in: the log tells neither the clerk nor, by the clerk's hours, the bringer."""


class NoSamplesNow(Problem):
    code = "E_NO_SAMPLES"
    text = "Samples of this tender are taken in only in the times that were announced for it."


def take(
    tx: Tx,
    wrapper: KeyWrapper,
    tender_id: str,
    given: NewSample,
    *,
    actor: Actor,
    at: datetime,
    token_bytes: Callable[[int], bytes] = secrets.token_bytes,
) -> str:
    """Note what was handed in, in an announced time; the number of its receipt. Who brought it is not asked."""
    require(actor, "clarification.take_sample")
    tender = queries.published_tender(tx, tender_id)
    project = queries.project_of(tx, tender)
    if actor.org_id != project.agency_id:
        raise NotFound
    times = [act for act in queries.dated_acts(tx, tender) if act.kind == "samples"]
    if not any(act.starts_at <= at < act.ends_at for act in times):
        raise NoSamplesNow
    sample_id = new_id()
    kept = msgspec.json.encode(
        KeptSample(what=given.what, received_at=at, taken_by=actor.user_id, salt=token_bytes(16).hex())
    )
    row = Sample(
        id=sample_id,
        tender_id=tender_id,
        number=nameless_number(token_bytes),
        wrapped=wrapper.wrap("sample", sample_id, kept),
    )
    tx.add(row)
    tx.flush()
    data = {"sample_sha256": hashlib.sha256(kept).hexdigest()}
    record(tx, "clarification.sample_taken", subject=sample_id, actor=TAKER, at=at, data=data)
    return row.number
