"""Objections, challenges and complaints of a round in its package (政府采购法 art. 42): what was said, and evidence.

A complaint that its department never accepted is the department's alone and stays out.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_, select

from govcore.db import Tx
from govcore.platform import Platform
from trading.archive.sources import Proof, Source
from trading.challenge.bundle import record_of
from trading.challenge.models import Case, Entry, Evidence
from trading.challenge.policy import Kind


def cases_of(tx: Tx, platform: Platform, tender_id: str) -> Iterator[Source]:
    """Every case that the tenderer's side has read, with its receipt and evidence."""
    told = or_(Case.kind != Kind.COMPLAINT, Case.accepted_at.is_not(None))
    for case in tx.scalars(select(Case).where(Case.tender_id == tender_id, told).order_by(Case.number)):
        yield from _case(tx, platform, case)


def _case(tx: Tx, platform: Platform, case: Case) -> Iterator[Source]:
    folder = f"cases/{case.number}"

    def place(entry: Entry, one: Evidence, name: str) -> str:
        return f"{folder}/{entry.seq}-{one.id[:6]}.{ending(name)}"

    record, proofs = record_of(tx, platform, case, place)
    yield Source(f"{folder}/case.json", secret=record)
    yield Source(f"{folder}/receipt.json", secret=case.receipt)
    for path, one in proofs:
        yield Source(path, sha256=one.sha256, taken=str(Proof(one.id)))


def ending(name: str) -> str:
    """What a file's name ends in, as far as it is a plain word; its name itself may tell who somebody is."""
    found = name.rpartition(".")[2].lower()
    return found if found.isascii() and found.isalnum() and len(found) <= 8 else "bin"
