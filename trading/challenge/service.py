"""What filer and tenderer do in a case after it was filed: supplement, withdraw, reply, find the effect, state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from govcore.calendar.queries import calendar_of
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.notify.following import announce
from govcore.platform import Platform
from trading.challenge import clocks, facts
from trading.challenge.entries import Spoken, checked_words, filer_of, filer_tag, say
from trading.challenge.evidence import Stored
from trading.challenge.filing import case_ref, check_own_side, suspend, topic
from trading.challenge.models import Case
from trading.challenge.moves import move_case
from trading.challenge.policy import (
    NEWS_WORDS,
    OPEN,
    TOLD_WORDS,
    Kind,
    Move,
    Said,
    Side,
    Stage,
    State,
    Way,
    names_the_filer,
    way,
)
from trading.tender.queries import LotContext, lot_context
from trading.tender.suspensions import release_hold


class NamesTheFiler(Problem):
    code = "E_NAMES_FILER"
    status = 422
    text = "What everybody will read names who filed this. Leave name and code out."


class NotOfThisKind(Problem):
    code = "E_CASE_KIND"
    text = "This cannot be done in a case of this kind."


def reply(
    tx: Tx,
    platform: Platform,
    case_id: str,
    *,
    text: str,
    public_text: str,
    files: Sequence[Stored] = (),
    actor: Actor,
    at: datetime,
) -> Case:
    """Answer an objection, query or challenge; what it suspended goes on, though another may still hold it.

    A late reply is taken and marked late. `public_text` is what everybody may read of it, without the filer.
    """
    require(actor, "challenge.reply")
    case, lot, found = _with_tenderer(tx, case_id, actor)
    check_public(platform, case, public_text)
    due = clocks.reply_due(lot.rule_set, found, Stage(case.stage), case.received_at, calendar=calendar_of(tx))
    move_case(tx, case.id, Move.REPLY, settled_at=at, public_text=checked_words(public_text))
    late = at >= due.at
    by = Spoken(side=Side.TENDERER, text=text, files=files, late=late)
    say(tx, platform, case, Said.REPLIED, "challenge.replied", by, actor=actor, at=at, data={"late": late})
    release_hold(tx, ref=case_ref(case.id), at=at, actor=actor.user_id)
    tell_filer(tx, case, Said.REPLIED, about=Said.REPLIED, at=at)
    return case


def ask_filer(tx: Tx, platform: Platform, case_id: str, *, text: str, actor: Actor, at: datetime) -> Case:
    """The tenderer asks for what is missing; its own time to reply runs on."""
    require(actor, "challenge.reply")
    case, _, _ = _with_tenderer(tx, case_id, actor)
    if case.state != State.RECEIVED:
        raise MoveNotAllowed(move=Move.ASK, state=case.state)
    event = "challenge.supplement_asked"
    by = Spoken(side=Side.TENDERER, text=text)
    say(tx, platform, case, Said.SUPPLEMENT_ASKED, event, by, actor=actor, at=at)
    tell_filer(tx, case, Said.SUPPLEMENT_ASKED, about=f"asked/{at:%Y%m%dT%H%M%S%f}", at=at)
    return case


def find_effect(
    tx: Tx, platform: Platform, case_id: str, *, affects: bool, reason: str, actor: Actor, at: datetime
) -> Case:
    """The purchaser finds, with its reason, whether a query or challenge may affect the result (GPR 54).

    While it may, and is not answered, no contract is signed or carried out.
    """
    require(actor, "challenge.reply")
    case, _, found = _with_tenderer(tx, case_id, actor)
    if not found.if_affects:
        raise NotOfThisKind
    if case.state != State.RECEIVED:
        raise MoveNotAllowed(move="effect", state=case.state)
    case.affects_result = affects
    by, data = Spoken(side=Side.TENDERER, text=reason), {"affects": affects}
    say(tx, platform, case, Said.EFFECT_FOUND, "challenge.effect_found", by, actor=actor, at=at, data=data)
    if affects:
        suspend(tx, case, found, at=at)
    else:
        release_hold(tx, ref=case_ref(case.id), at=at, actor=actor.user_id)
    return case


def give_statement(
    tx: Tx,
    platform: Platform,
    case_id: str,
    *,
    text: str,
    files: Sequence[Stored] = (),
    actor: Actor,
    at: datetime,
) -> Case:
    """The tenderer's side states its view on an accepted complaint; a late statement is taken and marked."""
    require(actor, "challenge.reply")
    case = held(tx, case_id)
    lot = _first_lot(tx, case)
    check_own_side(lot, actor)
    if case.kind != Kind.COMPLAINT or case.accepted_at is None:
        raise NotFound
    if case.state != State.ACCEPTED:
        raise MoveNotAllowed(move=Said.STATEMENT, state=case.state)
    due = clocks.statement_due(lot.rule_set, case.accepted_at, calendar=calendar_of(tx))
    late = due is not None and at >= due.at
    by, event = Spoken(side=Side.TENDERER, text=text, files=files, late=late), "challenge.statement_given"
    say(tx, platform, case, Said.STATEMENT, event, by, actor=actor, at=at, data={"late": late})
    return case


def supplement(
    tx: Tx,
    platform: Platform,
    case_id: str,
    *,
    text: str,
    files: Sequence[Stored] = (),
    actor: Actor,
    at: datetime,
) -> Case:
    """The filer adds words or evidence to its open case; one that the regulator found incomplete is received anew."""
    require(actor, "challenge.file")
    case = own_case(tx, platform, case_id, actor)
    if case.state not in OPEN:
        raise MoveNotAllowed(move=Move.COMPLETE, state=case.state)
    if case.state == State.INCOMPLETE:
        move_case(tx, case.id, Move.COMPLETE, complete_at=at)
    by = Spoken(side=Side.FILER, text=text, files=files)
    say(tx, platform, case, Said.SUPPLEMENTED, "challenge.supplemented", by, actor=actor, at=at)
    return case


def withdraw(tx: Tx, platform: Platform, case_id: str, *, reason: str, actor: Actor, at: datetime) -> Case:
    """The filer takes its case back; what it suspended goes on. Nothing of it is deleted."""
    require(actor, "challenge.file")
    case = own_case(tx, platform, case_id, actor)
    move_case(tx, case.id, Move.WITHDRAW, settled_at=at)
    by = Spoken(side=Side.FILER, text=reason)
    say(tx, platform, case, Said.WITHDRAWN, "challenge.withdrawn", by, actor=actor, at=at)
    release_all(tx, case, at=at, actor="system")
    return case


def release_all(tx: Tx, case: Case, *, at: datetime, actor: str) -> None:
    """End whatever a case suspends: its own effect, and the regulator's orders in it."""
    release_hold(tx, ref=case_ref(case.id), at=at, actor=actor)
    for order in facts.standing_orders(tx, case.id, at=at):
        order.ended_at = at
        release_hold(tx, ref=case_ref(order.id), at=at, actor=actor)


def held(tx: Tx, case_id: str) -> Case:
    """The case, locked until the transaction ends; `NotFound` when there is none."""
    case = tx.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound
    return case


def own_case(tx: Tx, platform: Platform, case_id: str, actor: Actor) -> Case:
    """A case that the actor's organisation filed; every other does not exist."""
    case = held(tx, case_id)
    if case.filer_tag != filer_tag(platform, actor.org_id):
        raise NotFound
    return case


def check_public(platform: Platform, case: Case, public_text: str) -> None:
    """Raise `NamesTheFiler` when words for everybody would tell who filed."""
    filer = filer_of(platform, case)
    if names_the_filer(public_text, name=filer.name, code=filer.code, person=filer.person):
        raise NamesTheFiler


def tell_filer(tx: Tx, case: Case, said: Said, *, about: str, at: datetime) -> None:
    """Tell whoever filed, by the topic that only they follow."""
    text, data = TOLD_WORDS.get(said, NEWS_WORDS), {"number": case.number}
    announce(tx, topic(case.id), about=about, text=text, data=data, href=f"/objections/{case.id}", at=at)


def _with_tenderer(tx: Tx, case_id: str, actor: Actor) -> tuple[Case, LotContext, Way]:
    """A case that waits for the tenderer, its first lot and its way; `NotFound` for everybody else's."""
    case = held(tx, case_id)
    lot = _first_lot(tx, case)
    check_own_side(lot, actor)
    found = None if case.kind == Kind.COMPLAINT else way(lot.rule_set.regime, case.kind)
    if found is None:
        raise NotOfThisKind if case.accepted_at else NotFound
    return case, lot, found


def _first_lot(tx: Tx, case: Case) -> LotContext:
    return lot_context(tx, facts.lot_ids_of(tx, case.id)[0])
