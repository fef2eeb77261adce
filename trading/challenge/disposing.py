"""Forget who filed, what was said and what was shown in the cases of a round whose years of keeping are over."""

from __future__ import annotations

import msgspec
from sqlalchemy import ScalarResult, delete, select

from govcore.db import Tx
from govcore.platform import Platform
from trading.challenge.entries import ENTRY, Filer, Words, wrap_filer
from trading.challenge.models import Case, Entry, Evidence


def evidence_keys(tx: Tx, tender_id: str) -> list[str]:
    """Where the evidence of a round's cases is stored."""
    query = select(Evidence.store_key).join(Entry, Entry.id == Evidence.entry_id)
    return list(tx.scalars(query.join(Case, Case.id == Entry.case_id).where(Case.tender_id == tender_id)))


def forget(tx: Tx, platform: Platform, tender_id: str) -> None:
    """Blank filers and words and delete evidence; numbers, times, hashes and published decisions stay."""
    nobody, nothing = Filer("", "", "", ""), msgspec.json.encode(Words("", "", ""))
    for case in _cases(tx, tender_id):
        case.wrapped, case.receipt = wrap_filer(platform, case.id, nobody), b""
        for entry in tx.scalars(select(Entry).where(Entry.case_id == case.id)):
            tx.execute(delete(Evidence).where(Evidence.entry_id == entry.id))
            entry.wrapped = platform.wrapper.wrap(ENTRY, entry.id, nothing)
    tx.flush()


def _cases(tx: Tx, tender_id: str) -> ScalarResult[Case]:
    return tx.scalars(select(Case).where(Case.tender_id == tender_id))
