"""The file of a case: what was said by whom, wrapped, with the evidence beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from trading.challenge import evidence
from trading.challenge.evidence import Stored
from trading.challenge.models import Case, Entry
from trading.challenge.policy import TEXT_MAX, Said, Side

ENTRY, FILER = "objection_entry", "objection_case"
"""What words and filers are wrapped for."""


class EmptyWords(Problem):
    code = "E_EMPTY"
    status = 422
    text = "Write at least one sentence, and at most {most} characters."


class Filer(msgspec.Struct, frozen=True):
    """Who filed; `org_id` is empty for somebody who filed on paper and has no account."""

    org_id: str
    name: str
    code: str
    person: str

    def __repr__(self) -> str:
        return "Filer()"


class Words(msgspec.Struct, frozen=True):
    """What was said, and by whom."""

    text: str
    organisation: str
    person: str

    def __repr__(self) -> str:
        return "Words()"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What somebody says: on which side, in which words, with which files, and whether too late."""

    side: Side
    text: str = field(repr=False)
    files: Sequence[Stored] = ()
    late: bool = False


def checked_words(text: str) -> str:
    """The words without blanks around them; raise `EmptyWords` for none or too many."""
    text = text.strip()
    if not 0 < len(text) <= TEXT_MAX:
        raise EmptyWords(most=TEXT_MAX)
    return text


def digest_of(text: str, files: Sequence[Stored]) -> str:
    """What log and receipt keep of an entry: the SHA-256 of its words and of its files' hashes, line by line."""
    lines = [text, *(file.sha256 for file in files)]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def say(
    tx: Tx,
    platform: Platform,
    case: Case,
    said: Said,
    event: str,
    spoken: Spoken,
    *,
    actor: Actor,
    at: datetime,
    data: Mapping[str, object] | None = None,
) -> Entry:
    """Add an entry to a case's file and the event to the log, which learns of its words only their hash.

    A filer is named in the log by the case's keyed tag alone.
    """
    text, entry_id = checked_words(spoken.text), new_id()
    seq = (tx.scalar(select(func.max(Entry.seq)).where(Entry.case_id == case.id)) or 0) + 1
    digest = digest_of(text, spoken.files)
    told = {"number": case.number, "content_sha256": digest} | dict(data or {})
    by = case.filer_tag if spoken.side is Side.FILER else actor.user_id
    leaf = record(tx, event, subject=case.id, actor=by, at=at, data=told)
    words = Words(text, actor.org_name, actor.name)
    entry = Entry(
        id=entry_id,
        case_id=case.id,
        seq=seq,
        said=said,
        side=spoken.side,
        at=at,
        late=spoken.late,
        sha256=digest,
        leaf=leaf.hash,
        wrapped=platform.wrapper.wrap(ENTRY, entry_id, msgspec.json.encode(words)),
    )
    tx.add(entry)
    tx.flush()
    evidence.keep(tx, platform.wrapper, entry_id, spoken.files)
    return entry


def words_of(platform: Platform, entry: Entry) -> Words:
    return msgspec.json.decode(platform.wrapper.unwrap(ENTRY, entry.id, entry.wrapped), type=Words)


def wrap_filer(platform: Platform, case_id: str, filer: Filer) -> bytes:
    return platform.wrapper.wrap(FILER, case_id, msgspec.json.encode(filer))


def filer_of(platform: Platform, case: Case) -> Filer:
    """Who filed: only for whom `queries` lets learn it."""
    return msgspec.json.decode(platform.wrapper.unwrap(FILER, case.id, case.wrapped), type=Filer)


def filer_tag(platform: Platform, org_id: str | None) -> str:
    """By what an organisation finds its own cases again; who holds the database alone learns nothing from it."""
    return platform.keys.tag("challenge-filer", org_id or "")
