"""Draws: announced with a fixed pool, committed to, revealed, drawn; who gives way is followed in ticket order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from govcore.audit.entries import time_text
from govcore.db import Tx, new_id
from govcore.errors import Detail, Malformed, MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.draws import policy, queries, replay, telling
from trading.draws.escrow import Committing
from trading.draws.models import Contributor, Decline, Draw
from trading.draws.moves import OWN, keep_commitment, keep_reveal, locked, log
from trading.draws.policy import DEFAULT_WINDOWS, DrawState, Party, Purpose, Windows
from trading.draws.replay import HEX, ID, LAWFUL, Excluded, Quota
from trading.draws.words import PURPOSE_WORDS
from trading.tender import queries as tenders
from trading.tender.models import Lot
from trading.tender.queries import LotContext


class NotDrawn(Problem):
    code = "E_DRAW_UNLAWFUL"
    text = "This may not be drawn by lot here (发改法规规〔2022〕1117号, no. 2): {purpose}."


class DrawExists(Problem):
    code = "E_DRAW_EXISTS"
    text = "This was announced already; a draw is repeated only when it became void."


class CommitmentsClosed(Problem):
    code = "E_DRAW_CLOSED"
    text = "Commitments to this draw are not taken now."


class CommittedAlready(Problem):
    code = "E_DRAW_COMMITTED"
    text = "You have committed to another value already; a commitment cannot be changed."


class RevealsClosed(Problem):
    code = "E_DRAW_NOT_REVEALING"
    text = "Values of this draw are not revealed now."


class WrongReveal(Problem):
    code = "E_DRAW_REVEAL"
    status = 422
    text = "This is not the value that {name} committed to: its hash is another one."


class NotInPlace(Problem):
    code = "E_DRAW_NOT_TAKEN"
    status = 422
    text = "{id} was not in the pool of this draw."


def announce(
    tx: Tx,
    *,
    lot_id: str,
    purpose: Purpose,
    about: str = "",
    pool: Sequence[str],
    exclusions: Sequence[Excluded] = (),
    quotas: Sequence[Quota] = (),
    supplier: str | None = None,
    held: bool = False,
    windows: Windows = DEFAULT_WINDOWS,
    actor: str,
    at: datetime,
) -> str:
    """Fix what is drawn from, by whom and how much is taken, in the log, before anybody commits; the draw's id.

    The caller has checked who may ask for it. `NotDrawn` for what the regime forbids to draw, `DrawExists` unless
    the last draw of this kind and `about` is void. Who made that one void is not asked again.
    """
    tx.execute(select(Lot.id).where(Lot.id == lot_id).with_for_update())
    lot = tenders.lot_context(tx, lot_id)
    if purpose not in LAWFUL[lot.rule_set.regime]:
        raise NotDrawn(purpose=Detail(PURPOSE_WORDS.get(purpose, str(purpose))))
    before = queries.present(tx, lot_id, purpose=purpose, about=about)
    if before is not None and before.state != DrawState.VOID:
        raise DrawExists
    _check_terms(pool, exclusions, quotas)
    ordered = [Quota(name=one["name"], number=one["number"], of=sorted(one["of"])) for one in quotas]
    draw = Draw(
        id=new_id(),
        lot_id=lot_id,
        purpose=purpose,
        about=about,
        number=before.number + 1 if before else 1,
        regime=lot.rule_set.regime,
        state=DrawState.ANNOUNCED,
        pool=sorted(pool),
        exclusions=sorted(exclusions, key=lambda one: one["id"]),
        quotas=ordered,
        pool_hash=replay.pool_hash(pool),
        exclusions_hash=replay.exclusions_hash(exclusions),
        quotas_hash=replay.quotas_hash(ordered),
        k=queries.threshold(tx, lot_id),
        held=held,
        announced_at=at,
        commit_until=at + windows.commit,
        reveal_seconds=int(windows.reveal.total_seconds()),
    )
    tx.add(draw)
    tx.flush()
    asked = _asked(tx, lot, supplier=supplier, instead_of=before.void_by if before else None)
    tx.add_all(Contributor(draw_id=draw.id, name=name, org_id=org_id) for name, org_id in asked.items())
    tx.flush()
    data = {
        "purpose": purpose,
        "pool_hash": draw.pool_hash,
        "exclusions_hash": draw.exclusions_hash,
        "quotas_hash": draw.quotas_hash,
        "contributors": sorted(asked),
        "commit_until": time_text(draw.commit_until),
    }
    telling.ask_for_keys(tx, draw, at=at)
    log(tx, draw, "draw.announced", data=data, actor=actor, at=at)
    return draw.id


def _asked(tx: Tx, lot: LotContext, *, supplier: str | None, instead_of: str | None) -> dict[str, str | None]:
    """The contributors and their organisations; the centre stands in for who deceived the others last time."""
    asked = {Party.PLATFORM: None, Party.TENDERER: lot.tenderer.id, Party.REGULATOR: lot.regulator.id}
    if supplier is not None:
        asked[Party.SUPPLIER] = supplier
    if instead_of is not None:
        asked[Party.CENTRE] = tenders.custodian_org(tx, lot.lot_id, role="centre")
    return {name: org_id for name, org_id in asked.items() if name != instead_of}


def let_join(tx: Tx, draw_id: str, *, supplier: str, at: datetime) -> None:
    """Let the first supplier that comes contribute as well, as long as commitments are waited for.

    What is not asked of it is not lost: it commits like the others or not at all. Who comes later changes nothing.
    """
    draw = locked(tx, draw_id)
    names = {one.name for one in queries.contributors(tx, draw_id)}
    early = draw.state in (DrawState.ANNOUNCED, DrawState.COMMITTING) and at < draw.commit_until
    if not early or Party.SUPPLIER in names:
        return
    tx.add(Contributor(draw_id=draw_id, name=Party.SUPPLIER, org_id=supplier))
    tx.flush()
    log(tx, draw, "draw.joined", data={"name": Party.SUPPLIER}, actor="system", at=at)
    if draw.state == DrawState.COMMITTING:
        telling.ask_to_commit(tx, draw, at=at)


def _check_terms(pool: Sequence[str], exclusions: Sequence[Excluded], quotas: Sequence[Quota]) -> None:
    words = [*pool, *(word for one in exclusions for word in (one["id"], one["reason"]))]
    words += [one["name"] for one in quotas]
    if not all(ID.fullmatch(one) for one in words):
        raise Malformed(detail="ids and reasons of a draw are letters, digits, points, dashes")
    if wrong := policy.inconsistent(pool, exclusions, quotas):
        raise Malformed(detail=wrong)


def commit(tx: Tx, draw_id: str, given: Committing, *, actor: Actor, at: datetime) -> None:
    """Take the commitment of the actor's organisation with its escrow; the same one twice is one."""
    require(actor, "draw.contribute")
    draw = locked(tx, draw_id)
    own = _own(tx, draw, actor=actor)
    if own.commitment is not None:
        if own.commitment == given.commitment:
            return
        raise CommittedAlready
    if not policy.takes_commitments(draw.state, commit_until=draw.commit_until, now=at):
        raise CommitmentsClosed
    keep_commitment(tx, draw, own, given, actor=actor.user_id, at=at)


def reveal(tx: Tx, draw_id: str, value: str, *, actor: Actor, at: datetime) -> None:
    """Take the value that the actor's organisation committed to; also late, as long as the draw waits for it."""
    require(actor, "draw.contribute")
    draw = locked(tx, draw_id)
    own = _own(tx, draw, actor=actor)
    if own.reveal == value:
        return
    if draw.state != DrawState.REVEALING or own.commitment is None or own.reveal is not None:
        raise RevealsClosed
    if not HEX.fullmatch(value) or replay.commitment(draw.id, own.name, value) != own.commitment:
        raise WrongReveal(name=own.name)
    keep_reveal(tx, draw, own, value, opened=OWN, actor=actor.user_id, at=at)


def release_reveals(tx: Tx, draw_id: str, *, at: datetime) -> None:
    """Let a draw that was announced `held` go on to its reveals: what it is applied to is fixed now."""
    tx.execute(update(Draw).where(Draw.id == draw_id, Draw.held).values(held=False))


def decline(tx: Tx, draw_id: str, one: str, *, reason: str, actor: str, at: datetime) -> list[replay.Taken]:
    """Let somebody of the pool give way (declined, absent, conflict); who is taken now, substitutes last.

    The caller has checked who may say so; saying it twice changes nothing.
    """
    draw = locked(tx, draw_id)
    if draw.state != DrawState.DRAWN:
        raise MoveNotAllowed(move="draw.decline", state=draw.state)
    if one not in draw.pool:
        raise NotInPlace(id=one)
    if not ID.fullmatch(reason):
        raise Malformed(detail="ids and reasons of a draw are letters, digits, points, dashes")
    before = queries.declines(tx, draw_id)
    if one not in {gone["id"] for gone in before}:
        tx.add(Decline(draw_id=draw_id, n=len(before) + 1, id=one, reason=reason, at=at))
        tx.flush()
        log(tx, draw, "draw.declined", data={"id": one, "reason": reason}, actor=actor, at=at)
    return queries.taken(tx, draw_id)


def publish(tx: Tx, draw_id: str, *, at: datetime) -> None:
    """Show a blind draw to everybody: what it was for is published. Publishing twice changes nothing."""
    draw = locked(tx, draw_id)
    if draw.state != DrawState.DRAWN:
        raise MoveNotAllowed(move="draw.publish", state=draw.state)
    if draw.published_at is None:
        draw.published_at = at
        log(tx, draw, "draw.published", data={"seed": draw.seed}, actor="system", at=at)


def _own(tx: Tx, draw: Draw, *, actor: Actor) -> Contributor:
    query = select(Contributor).where(Contributor.draw_id == draw.id, Contributor.org_id == actor.org_id)
    own = tx.scalar(query) if actor.org_id else None
    if own is None:
        raise NotFound
    return own
