"""Read the bids of a stage: recover keys, open what is read out, and read all of it out together."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
import structlog
from sqlalchemy import Delete, Select, bindparam, delete, insert, select, update

from bidding_docs import capsules, suites, summary
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import BadContent, BidderKeyMismatch, ContextMismatch, SealProblem
from bidding_docs.consortium import CONSORTIUM_FILE, CONSORTIUM_SIZE
from bidding_docs.dsse import Envelope
from bidding_docs.encoding import b64decode
from bidding_docs.openers import Files, Job, Openers
from govcore import clock, trips
from govcore.audit.service import record_all
from govcore.db import Tx
from govcore.errors import Problem
from govcore.platform import Platform
from guarantees.letter import MAX_SIZE, SIGNED_NAME
from trading.bidding import queries as bidding
from trading.opening import bidder_shares, consortia, queries
from trading.opening.announcing import NEXT_OPENED, TOO_FEW_OPENED, publish_failure, tell_of_prices
from trading.opening.attribution import KeptBack, Verdict, attributed, had_outage
from trading.opening.deposits import give_back_due, judge_letter
from trading.opening.drawing import let_reveal
from trading.opening.hall import announce, tell
from trading.opening.leases import give_back
from trading.opening.models import GateRelease, Opening, OpeningBid, PartKey, PartProgress
from trading.opening.moves import move_opening
from trading.opening.parts import Source, body_of, keys_of_bids
from trading.opening.pausing import was_unmeasured, windows_of
from trading.opening.policy import (
    BidState,
    OpeningMove,
    OpeningState,
    Windows,
    all_shares_are_in,
    goes_on,
    state_after_failure,
)
from trading.opening.release import share_releases
from trading.opening.stages import covered_bids, parts_at
from trading.tender import custodian_keys
from trading.tender import queries as tenders
from trading.tender.moves import move_lot
from trading.tender.policy import LotMove, Step
from trading.tender.queries import LotContext
from trading.tender.schemas import MAIN_PERSONS
from trading.tender.suspensions import check_running

DEPOSIT_PART = "deposit"

PERSONAL = (*MAIN_PERSONS, "manager_certificate")
"""Fields of the summary that name a person."""

_TOGETHER = 256
"""So many bids one transaction keeps, and at most so many are opened again after a crash."""

MOST_OTHERS, WORTH_OTHERS = 3, 32 << 20
"""Processes beside this one, and from how many sealed bytes on: to start one takes as long as to open 40 MB."""

_log = structlog.get_logger()

LINE = "opening.bid_read_out"


class Opened(msgspec.Struct, frozen=True):
    """What opening a bid brought to light, kept wrapped until all bids are read out together."""

    summary: dict[str, Any]
    letter: bytes | None
    consortium: bytes | None = None

    def __repr__(self) -> str:
        """Nothing: what is kept wrapped is not shown in a log either."""
        return "Opened()"


@dataclass(frozen=True, slots=True)
class _Stage:
    """What a stage is opened with: released shares and recovered keys, by (manifest digest, part)."""

    lot: LotContext
    rules: m.KeyManifest
    opening: Opening
    custodians: dict[int, dict[tuple[str, str], bytes]] = field(repr=False)
    gate: dict[tuple[str, str], bytes] = field(repr=False)
    bidders: dict[tuple[str, str], bytes] = field(repr=False)
    recovered: dict[tuple[str, str], bytes] = field(repr=False)
    kept_back: list[KeptBack]
    unreadable: set[str]
    outage: bool
    unmeasured: bool
    final: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    """A bid with its keys and what is to be read of it, or why there are none."""

    bid: OpeningBid
    source: Source
    jobs: dict[str, Job] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    crooked: tuple[str, ...] = ()
    problem: SealProblem | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What became of one bid: opened with its keys, or why not; nothing of both while shares may still come."""

    bid: OpeningBid
    opened: Opened | None = field(default=None, repr=False)
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    inconsistent: tuple[str, ...] = ()
    verdict: Verdict | None = None


def read_bids(platform: Platform, lot_id: str) -> None:
    """Open every bid that is not open yet, some at a time and one transaction for these; then read all out in one.

    Whoever continues after a crash opens again what was not kept: it finds the same. Raises `Suspended`.
    """
    with platform.db.read() as tx:
        check_running(tx, lot_id, Step.OPENING, clock.now(tx))
        opening = tx.get_one(Opening, lot_id)
        waiting = [bid for bid in covered_bids(tx, opening) if bid.opened is None and bid.code is None]
        stage = _stage(tx, platform, opening, waiting)
        stored = bidding.stored_bids(tx, lot_id)

    with Openers(platform.store, platform.settings.store_url, _others(stage, waiting)) as openers:
        ready = [_recover(stage, bid, Source(platform, *stored[bid.bid_id])) for bid in waiting]
        opened = openers.open([list(one.jobs.values()) for one in ready])
        results = (_result(stage, one, files) for one, files in zip(ready, opened, strict=True))
        while found := list(islice(results, _TOGETHER)):
            with platform.db.transaction() as tx:
                _keep(tx, platform, stage, found)
    if openers.died:
        _log.warning("opening.processes_died", lot=lot_id, processes=openers.died)
    with platform.db.transaction() as tx:
        _read_out(tx, platform, stage.lot, stage.rules)
    give_back(platform.db, lot_id)


def _others(stage: _Stage, waiting: Sequence[OpeningBid]) -> int:
    """How many processes are worth starting beside this one."""
    sealed = (
        part.size for bid in waiting for part in parts_at(body_of(bid), stage.rules, stage.opening.opens)
    )
    return min(MOST_OTHERS, (os.cpu_count() or 1) - 1) if sum(sealed) >= WORTH_OTHERS else 0


def _stage(tx: Tx, platform: Platform, opening: Opening, waiting: Sequence[OpeningBid]) -> _Stage:
    lot = tenders.lot_context(tx, opening.lot_id)
    rules = tenders.key_manifest_body(tx, lot.lot_id)
    given = share_releases(tx, platform.wrapper, lot.lot_id, lot.round, opens=opening.opens)
    gate = _gate_releases(tx, platform, opening)
    everybody = [(capsules.custodian(one.custodian), one.releases) for one in given]
    at, until = clock.now(tx), windows_of(tx, opening)
    return _Stage(
        lot=lot,
        rules=rules,
        opening=opening,
        custodians={one.custodian: _by_part(one.releases) for one in given},
        gate=_by_part(gate),
        bidders=bidder_shares.given_shares(tx, platform.wrapper, lot.lot_id),
        recovered=keys_of_bids(tx, platform, waiting),
        kept_back=[
            KeptBack(holder, item)
            for holder, items in (*everybody, (capsules.GATE, gate))
            for item in items
            if isinstance(item.refused, str)
        ],
        unreadable=queries.judged_unreadable(tx, lot.lot_id),
        outage=had_outage(opening, until=until.bidder_until) or _went_on_early(tx, opening, until),
        unmeasured=was_unmeasured(tx, opening, until=until.bidder_until),
        final=all_shares_are_in(
            releases=len(given), n=rules.policy.n, release_until=until.release_until, now=at
        ),
    )


def _went_on_early(tx: Tx, opening: Opening, until: Windows) -> bool:
    """True when the gate released within the bidders' window, because an outage in it was learned of only later."""
    row = tx.get(GateRelease, (opening.lot_id, opening.opens))
    return row is not None and until.bidder_until is not None and row.released_at < until.bidder_until


def _gate_releases(tx: Tx, platform: Platform, opening: Opening) -> tuple[m.Release, ...]:
    """The gate's releases of the stage; none where the opening went on with the bidders' own keys."""
    row = tx.get(GateRelease, (opening.lot_id, opening.opens))
    if row is None:
        return ()
    scope = f"{opening.lot_id}/{opening.round}/{opening.opens}"
    raw = platform.wrapper.unwrap("gate-release", scope, row.wrapped)
    return m.parse(Envelope.decode(raw).payload, m.GateRelease).releases


def _by_part(releases: Sequence[m.Release]) -> dict[tuple[str, str], bytes]:
    return {
        (item.manifest_sha256, item.part): b64decode(item.share)
        for item in releases
        if isinstance(item.share, str)
    }


def _recover(stage: _Stage, bid: OpeningBid, source: Source) -> _Ready:
    """Recover the keys of a bid's parts; of the parts that answer a form, and the deposit, also what is to be read."""
    body, readable = body_of(bid), (*stage.lot.content.forms(), DEPOSIT_PART)
    parts = parts_at(body, stage.rules, stage.opening.opens)
    try:
        found = {part.id: _combined(stage, body, bid, part) for part in parts}
    except SealProblem as problem:
        return _Ready(bid, source, problem=problem)
    jobs = {
        part.id: Job(
            source.keys(part), found[part.id].identity, capsules.context_of(body, part), _wanted(part)
        )
        for part in parts
        if part.id in readable
    }
    crooked = tuple(part for part, one in found.items() if one.inconsistent)
    return _Ready(bid, source, jobs, {part: one.identity for part, one in found.items()}, crooked)


def _combined(stage: _Stage, body: m.BidManifest, bid: OpeningBid, part: m.Part) -> bs1.Combined:
    place = (bid.manifest_sha256, part.id)
    if place in stage.recovered:
        return bs1.Combined(stage.recovered[place], left_out=(), inconsistent=False)
    return bs1.combine(
        {index: found[place] for index, found in stage.custodians.items() if place in found},
        stage.gate.get(place),
        stage.bidders.get(place),
        k=stage.rules.policy.k,
        ctx=capsules.context_of(body, part),
        commits=part.commits(),
    )


def _result(stage: _Stage, ready: _Ready, files: Files | Problem) -> _Found:
    """What became of a bid whose parts were to be opened; a failure is the bid's alone."""
    problem = ready.problem or files
    if not isinstance(problem, Problem):
        try:
            opened = _read(stage.lot, dict(zip(ready.jobs, problem, strict=True)))
            return _Found(ready.bid, opened, ready.keys, ready.crooked)
        except SealProblem as seen:
            problem = seen
    if isinstance(problem, BidderKeyMismatch) and not stage.final:
        return _Found(ready.bid)
    verdict = attributed(
        ready.bid,
        problem,
        platform=ready.source.platform,
        stored=(ready.source.upload_id, ready.source.pieces),
        kept_back=stage.kept_back,
        unreadable=ready.bid.bid_id in stage.unreadable,
        outage=stage.outage,
        unmeasured=stage.unmeasured,
    )
    return _Found(ready.bid, verdict=verdict)


def _read(lot: LotContext, found: dict[str, dict[str, bytes]]) -> Opened:
    """The answers, the letter and the member list in the files of a bid's parts; E_CONTENT."""
    values: dict[str, Any] = {}
    letter, consortium, forms = None, None, lot.content.forms()
    for part, files in found.items():
        if part not in forms:
            letter = files.get(SIGNED_NAME)
            continue
        if summary.SUMMARY_FILE not in files:
            raise BadContent(detail="there is no summary.json")
        values |= summary.read(forms[part], files[summary.SUMMARY_FILE])
        consortium = files.get(CONSORTIUM_FILE, consortium)
    return Opened(values, letter, consortium)


def _wanted(part: m.Part) -> dict[str, int]:
    """The files of a part that are read, and how long they may be."""
    if part.id == DEPOSIT_PART:
        return {SIGNED_NAME: MAX_SIZE}
    return {summary.SUMMARY_FILE: part.size, CONSORTIUM_FILE: CONSORTIUM_SIZE}


def _keep(tx: Tx, platform: Platform, stage: _Stage, found: Sequence[_Found]) -> None:
    """Keep what was found wrapped, for those bids of which nobody kept anything yet."""
    dialect = tx.get_bind().dialect.name
    locked, time = trips.ask(
        tx, (_untouched(dialect), {"bids": [one.bid.bid_id for one in found]}), (clock.question(tx), {})
    )
    waiting = {row.bid_id for row in locked}
    at, opened, keys = clock.answer(tx, time[0][0]), [], []
    for one in found:
        if one.bid.bid_id not in waiting:
            continue
        if one.verdict is not None:
            _note_failure(tx, one.bid, one.verdict, at=at)
        elif one.opened is not None:
            wrapped = platform.wrapper.wrap("opened", one.bid.bid_id, msgspec.json.encode(one.opened))
            opened.append({"bid": one.bid.bid_id, "found": wrapped})
            keys += _part_keys(platform, stage.rules, one.bid, one.keys)
        if one.inconsistent:
            data = {
                "lot_id": one.bid.lot_id,
                "manifest_sha256": one.bid.manifest_sha256,
                "parts": list(one.inconsistent),
            }
            announce(
                tx,
                "opening.dealing_inconsistent",
                lot_id=one.bid.lot_id,
                subject=one.bid.bid_id,
                at=at,
                data=data,
            )
    if opened:
        trips.join_commit(tx)
        trips.tell(tx, _OPENED, *opened)
        parts = list(stage.rules.parts_of(stage.opening.opens))
        trips.tell(tx, _old_keys(dialect), {"bids": [one["bid"] for one in opened], "parts": parts})
        trips.tell(tx, _KEY, *keys)


@lru_cache
def _untouched(dialect: str) -> Select[Any]:
    free = OpeningBid.opened.is_(None) & OpeningBid.code.is_(None)
    named = trips.among(dialect, OpeningBid.bid_id, "bids")
    return select(OpeningBid.bid_id).where(named, free).with_for_update()


@lru_cache
def _old_keys(dialect: str) -> Delete:
    at_stage = trips.among(dialect, PartKey.part, "parts")
    return delete(PartKey).where(trips.among(dialect, PartKey.bid_id, "bids"), at_stage)


_OPENED = update(OpeningBid).where(OpeningBid.bid_id == bindparam("bid")).values(opened=bindparam("found"))
_KEY = insert(PartKey)


def _part_keys(
    platform: Platform, rules: m.KeyManifest, bid: OpeningBid, keys: dict[str, bytes]
) -> list[dict[str, object]]:
    """The recovered identities, wrapped; those of public parts also in clear, for anybody's `age -d`."""
    suite = suites.get(rules.suite)
    return [
        {
            "bid_id": bid.bid_id,
            "part": part,
            "wrapped": platform.wrapper.wrap("part-key", f"{bid.bid_id}/{part}", secret),
            "published": suite.encode_identity(secret) if rules.part(part).public else None,
        }
        for part, secret in keys.items()
    ]


def _note_failure(tx: Tx, bid: OpeningBid, verdict: Verdict, *, at: datetime) -> None:
    tx.execute(
        update(OpeningBid)
        .where(OpeningBid.bid_id == bid.bid_id, OpeningBid.opened.is_(None), OpeningBid.code.is_(None))
        .values(code=verdict.code, fault=verdict.fault)
    )
    if verdict.code == ContextMismatch.code:
        _log.error("opening.alarm", code=verdict.code, bid=bid.bid_id)
        data = {"lot_id": bid.lot_id, "code": verdict.code, "manifest_sha256": bid.manifest_sha256}
        announce(tx, "opening.alarm_raised", lot_id=bid.lot_id, subject=bid.bid_id, at=at, data=data)


def _read_out(tx: Tx, platform: Platform, lot: LotContext, rules: m.KeyManifest) -> None:
    """Show all summaries of the stage at once (电子招标投标办法 art. 30); too few opened bids end the lot."""
    query = select(Opening).where(Opening.lot_id == lot.lot_id, Opening.state == OpeningState.RELEASED)
    opening = tx.scalar(query.with_for_update())
    if opening is None:
        return
    bids = covered_bids(tx, opening)
    if any(bid.opened is None and bid.code is None for bid in bids):
        return
    at = clock.now(tx)
    move_opening(tx, opening, OpeningMove.READ_OUT, at=at)
    opening.read_out_at = at
    values = [_show(tx, platform, lot, bid, at=at) for bid in bids]
    opened = [bid for bid in bids if bid.state == BidState.OPENED]
    if opening.opens == m.OPENING:
        consortia.judge(tx, lot, opened, at=at)
    lines = [_public(lot, bid, one, opens=opening.opens) for bid, one in zip(bids, values, strict=True)]
    facts = [(bid.bid_id, line) for bid, line in zip(bids, lines, strict=True)]
    record_all(tx, LINE, facts, actor="system", at=at)
    tell(tx, lot.lot_id, *((LINE, line) for line in lines), at=at)
    tx.add_all(row for bid in opened for row in _progress(bid, rules, lot, opens=opening.opens))
    data = {"lot": lot.lot_code, "opens": opening.opens, "bids": len(bids), "opened": len(opened)}
    announce(tx, "opening.read_out", lot_id=lot.lot_id, at=at, data=data)
    custodian_keys.destroy(tx, lot.lot_id, lot.lot_code, at=at, opens=opening.opens)
    let_reveal(tx, lot, opening, at=at)
    if opening.opens == m.OPENING:
        _move_lot(tx, lot, opened=len(opened), at=at)
    else:
        tell_of_prices(tx, lot, at=at)
    give_back_due(tx, lot.lot_id, at=at)


def _move_lot(tx: Tx, lot: LotContext, *, opened: int, at: datetime) -> None:
    """To the committee, or to its end: bids are counted at the deadline and again here (domain: I8)."""
    needed = lot.least_received.number
    few = lot.content.few_opened or lot.rule_set.choice("opening.lt3_after_decrypt")
    enough = goes_on(opened=opened, needed=needed, few_opened=few)
    move_lot(tx, lot.lot_id, LotMove.READ_OUT if enough else LotMove.FAIL, at=at)
    if not enough:
        short = {"lot": lot.lot_code, "eligible_count": opened, "needed": needed}
        announce(tx, "tender.failed", lot_id=lot.lot_id, at=at, data=short)
        publish_failure(tx, lot, count=opened, reason=TOO_FEW_OPENED, next_step=NEXT_OPENED, at=at)
        custodian_keys.destroy(tx, lot.lot_id, lot.lot_code, at=at)


def _show(tx: Tx, platform: Platform, lot: LotContext, bid: OpeningBid, *, at: datetime) -> dict[str, Any]:
    """Make what was kept of a bid public; the values that this stage brought to light."""
    if bid.opened is None:
        bid.state = state_after_failure(bid.fault)
        return {}
    opened = msgspec.json.decode(platform.wrapper.unwrap("opened", bid.bid_id, bid.opened), type=Opened)
    bid.summary = {**(bid.summary or {}), **opened.summary}
    bid.state = BidState.OPENED
    if opened.consortium is not None:
        consortia.read_list(tx, lot, bid, opened.consortium)
    if opened.letter is not None:
        judge_letter(tx, lot, consortia.payers(tx, bid), opened.letter, at=at)
    return opened.summary


def _public(lot: LotContext, bid: OpeningBid, values: dict[str, Any], *, opens: str) -> dict[str, Any]:
    """What was read out of a bid, without persons: the log is for ever, their names are not for it."""
    listed = consortia.shown(bid)
    members = {"members": [one.id for one in listed.members]} if listed and lot.content.reads_out else {}
    return members | {
        "lot": lot.lot_code,
        "opens": opens,
        "manifest_sha256": bid.manifest_sha256,
        "state": bid.state,
        "code": bid.code or next((one.code for one in consortia.findings(bid)), None),
        "summary": {k: v for k, v in values.items() if k not in PERSONAL} if lot.content.reads_out else {},
    }


def _progress(bid: OpeningBid, rules: m.KeyManifest, lot: LotContext, *, opens: str) -> list[PartProgress]:
    """The parts that go on decrypting after the read-out."""
    read_out = (*lot.content.forms(), DEPOSIT_PART)
    return [
        PartProgress(bid_id=bid.bid_id, part=part.id, total=part.size, done=0)
        for part in parts_at(body_of(bid), rules, opens)
        if part.id not in read_out
    ]
