"""Register seals, record what becomes of them, name their keepers, certify them."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sqlalchemy import delete, select, update

from govcore.audit.service import record
from govcore.clock import BEIJING
from govcore.db import Tx, new_id
from govcore.errors import Detail, MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.identity.queries import actor_of_user, organisation
from govcore.keys import KeyWrapper
from govcore.pdf.styles import SERIF, require_glyphs
from govcore.seals import certifying, picture, queries
from govcore.seals.models import (
    Seal,
    SealAuthority,
    SealCertificate,
    SealChange,
    SealKeeper,
    StandingOrder,
)
from govcore.seals.policy import REGISTERED, SEAL_RULES, STATE_WORDS, USABLE, SealKind, SealState
from govcore.seals.schemas import Change, NewSeal

AUTHORITY_NAME = "Seal CA"


class SealCodeTaken(Problem):
    code = "E_SEAL_CODE"
    text = "A seal with this code is registered already."


class SealWordsMissing(Problem):
    code = "E_SEAL_WORDS"
    status = 422
    text = "Every seal but the official one says below the star what it is for."


class SealDayWrong(Problem):
    """Days of a seal's history follow each other and have come."""

    code = "E_SEAL_DAY"
    status = 422
    text = "The day lies before the seal's last change or has not come yet."


class WitnessMissing(Problem):
    code = "E_SEAL_WITNESS"
    status = 422
    text = "Sealing away and destruction name the person who watched."


class OwnKeeper(Problem):
    """Who manages seals does not use them (管章与用章分离)."""

    code = "E_SEAL_OWN"
    status = 403
    text = "Who manages the register names others as keepers, never themselves."


class NotOfOrgan(Problem):
    code = "E_SEAL_ORGAN"
    text = "A keeper belongs to the organisation whose seal it is."


class AlreadyKeeper(Problem):
    code = "E_SEAL_KEEPER"
    text = "This person keeps the seal already."


class SealElsewhere(Problem):
    code = "E_SEAL_ELSEWHERE"
    text = "This seal belongs to no organisation of this platform and exists only on paper."


class SealUnusable(Problem):
    """A seal that is suspended, sealed away, destroyed or revoked seals nothing."""

    code = "E_SEAL_STATE"
    text = "The seal {code} is not in use ({state}), so nothing can be sealed with it."


class NotKeeper(Problem):
    code = "E_SEAL_NOT_KEEPER"
    status = 403
    text = "Only a keeper of the seal may order its use."


class UnknownPaper(Problem):
    code = "E_SEAL_PAPER"
    status = 422
    text = "There is no kind of paper of this name that bears a seal."


def register_seal(tx: Tx, new: NewSeal, *, demo: bool, actor: Actor, at: datetime) -> Seal:
    """Enter a seal into the register; in the demonstration its picture says that it is fictional."""
    require(actor, "seals.manage")
    if new.kind != SealKind.OFFICIAL and not new.words.strip():
        raise SealWordsMissing
    if new.on > at.astimezone(BEIJING).date():
        raise SealDayWrong
    if tx.scalar(select(Seal.id).where(Seal.code == new.code)) is not None:
        raise SealCodeTaken
    _require_printable(new.reason, new.witness)
    organ, words = new.organ.strip(), new.words.strip()
    drawn = picture.pdf(organ, words, demo=demo)
    seal = Seal(
        id=new_id(),
        code=new.code,
        kind=new.kind,
        organ=organ,
        words=words,
        org_id=organisation(tx, new.org_id).id if new.org_id else None,
        picture_sha256=hashlib.sha256(drawn).hexdigest(),
        state=SealState.IN_USE,
    )
    tx.add(seal)
    tx.flush()
    _write_change(tx, seal, REGISTERED, on=new.on, reason=new.reason, witness=new.witness, actor=actor, at=at)
    data = {"code": seal.code, "organ": organ, "words": words, "picture": seal.picture_sha256}
    record(tx, "seals.registered", subject=seal.id, actor=actor.user_id, at=at, data=data)
    return seal


def move_seal(tx: Tx, seal_id: str, change: Change, *, actor: Actor, at: datetime) -> None:
    """Record what became of a seal; what cannot come back loses its key, its keepers and its orders."""
    rule = SEAL_RULES[change.move]
    require(actor, rule.permission)
    _require_printable(change.reason, change.witness)
    seal = queries.seal_row(tx, seal_id, actor=actor)
    if rule.witnessed and not change.witness.strip():
        raise WitnessMissing
    last = tx.scalar(
        select(SealChange.on).where(SealChange.seal_id == seal.id).order_by(SealChange.id.desc())
    )
    if change.on > at.astimezone(BEIJING).date() or (last is not None and change.on < last):
        raise SealDayWrong
    moved = tx.scalar(
        update(Seal)
        .where(Seal.id == seal.id, Seal.state.in_(rule.sources))
        .values(state=rule.target)
        .returning(Seal.id)
    )
    tx.refresh(seal)
    if moved is None:
        raise MoveNotAllowed(move=change.move, state=seal.state)
    _write_change(
        tx, seal, change.move, on=change.on, reason=change.reason, witness=change.witness, actor=actor, at=at
    )
    if rule.final:
        _end(tx, seal.id, actor=actor, at=at)
    data = {"code": seal.code, "state": seal.state, "on": change.on.isoformat()}
    record(tx, rule.event, subject=seal.id, actor=actor.user_id, at=at, data=data)


def name_keeper(tx: Tx, seal_id: str, *, user_id: str, actor: Actor, at: datetime) -> SealKeeper:
    """Let a person of the seal's organisation use it."""
    require(actor, "seals.manage")
    seal = queries.seal_row(tx, seal_id, actor=actor)
    if seal.org_id is None:
        raise SealElsewhere
    require_usable(seal)
    if user_id == actor.user_id:
        raise OwnKeeper
    if actor_of_user(tx, user_id).org_id != seal.org_id:
        raise NotOfOrgan
    if queries.is_keeper(tx, seal.id, user_id):
        raise AlreadyKeeper
    keeper = SealKeeper(
        id=new_id(),
        seal_id=seal.id,
        user_id=user_id,
        named_by=actor.user_id,
        named_at=at,
        ended_by=None,
        ended_at=None,
    )
    tx.add(keeper)
    tx.flush()
    data = {"code": seal.code, "keeper": user_id}
    record(tx, "seals.keeper_named", subject=seal.id, actor=actor.user_id, at=at, data=data)
    return keeper


def end_keeper(tx: Tx, keeper_id: str, *, actor: Actor, at: datetime) -> None:
    """End a person's right to use a seal, at once; its standing orders end with it."""
    require(actor, "seals.manage")
    ended = tx.execute(
        update(SealKeeper)
        .where(SealKeeper.id == keeper_id, SealKeeper.ended_at.is_(None))
        .values(ended_at=at, ended_by=actor.user_id)
        .returning(SealKeeper.seal_id, SealKeeper.user_id)
    ).one_or_none()
    if ended is None:
        raise NotFound
    seal_id, user_id = ended
    tx.execute(
        delete(StandingOrder).where(StandingOrder.seal_id == seal_id, StandingOrder.ordered_by == user_id)
    )
    data = {"keeper": user_id}
    record(tx, "seals.keeper_ended", subject=seal_id, actor=actor.user_id, at=at, data=data)


def order_papers(tx: Tx, seal_id: str, *, purpose: str, actor: Actor, at: datetime) -> None:
    """Order that every paper of a kind of the organisation bears this seal from now on."""
    require(actor, "seals.use")
    seal = queries.seal_row(tx, seal_id, actor=actor)
    if not queries.is_keeper(tx, seal.id, actor.user_id):
        raise NotKeeper
    require_usable(seal)
    if purpose not in tx.info["registry"].sealed_papers:
        raise UnknownPaper
    key = StandingOrder.org_id == seal.org_id, StandingOrder.purpose == purpose
    tx.execute(delete(StandingOrder).where(*key))
    tx.add(
        StandingOrder(
            org_id=seal.org_id, purpose=purpose, seal_id=seal.id, ordered_by=actor.user_id, ordered_at=at
        )
    )
    tx.flush()
    data = {"code": seal.code, "paper": purpose}
    record(tx, "seals.papers_ordered", subject=seal.id, actor=actor.user_id, at=at, data=data)


def end_order(tx: Tx, seal_id: str, *, purpose: str, actor: Actor, at: datetime) -> None:
    """From now on papers of this kind bear no seal of the platform."""
    require(actor, "seals.use")
    seal = queries.seal_row(tx, seal_id, actor=actor)
    if not queries.is_keeper(tx, seal.id, actor.user_id):
        raise NotKeeper
    ended = delete(StandingOrder).where(StandingOrder.seal_id == seal.id, StandingOrder.purpose == purpose)
    if tx.scalar(ended.returning(StandingOrder.purpose)) is None:
        raise NotFound
    data = {"code": seal.code, "paper": purpose}
    record(tx, "seals.order_ended", subject=seal.id, actor=actor.user_id, at=at, data=data)


def certify_seal(
    tx: Tx, wrapper: KeyWrapper, seal_id: str, *, list_url: str, actor: Actor, at: datetime
) -> SealCertificate:
    """Give a seal a new key and certificate; an earlier key is destroyed, what it sealed stays valid."""
    require(actor, "seals.manage")
    seal = queries.seal_row(tx, seal_id, actor=actor)
    if seal.org_id is None:
        raise SealElsewhere
    require_usable(seal)
    authority = _authority(tx, wrapper, at=at)
    issued = certifying.certify(
        authority=authority.der,
        authority_key=wrapper.unwrap("seal authority", authority.sha256, authority.wrapped),
        organ=seal.organ,
        words=seal.words,
        code=seal.code,
        list_url=list_url,
        at=at,
    )
    tx.execute(update(SealCertificate).where(SealCertificate.seal_id == seal.id).values(wrapped=None))
    certificate = SealCertificate(
        sha256=issued.sha256,
        seal_id=seal.id,
        der=issued.der,
        wrapped=wrapper.wrap("seal", issued.sha256, issued.key),
        issued_at=at,
        not_after=issued.not_after,
        revoked_at=None,
    )
    tx.add(certificate)
    tx.flush()
    data = {"code": seal.code, "certificate": issued.sha256}
    record(tx, "seals.certified", subject=seal.id, actor=actor.user_id, at=at, data=data)
    return certificate


def _authority(tx: Tx, wrapper: KeyWrapper, *, at: datetime) -> SealAuthority:
    """The seal CA, made when the first seal is certified."""
    found: SealAuthority | None = tx.scalar(select(SealAuthority))
    if found is not None:
        return found
    made = certifying.new_authority(name=AUTHORITY_NAME, at=at)
    wrapped = wrapper.wrap("seal authority", made.sha256, made.key)
    authority = SealAuthority(sha256=made.sha256, der=made.der, wrapped=wrapped)
    tx.add(authority)
    tx.flush()
    return authority


def require_usable(seal: Seal) -> None:
    """Raise `SealUnusable` for a seal that is not in use."""
    if seal.state != USABLE:
        raise SealUnusable(code=seal.code, state=Detail(STATE_WORDS[SealState(seal.state)]))


def _require_printable(*texts: str) -> None:
    """The register is printed: `GlyphMissing` for words that its paper could not carry."""
    for text in texts:
        require_glyphs("".join(text.splitlines()), SERIF)


def _write_change(
    tx: Tx, seal: Seal, move: str, *, on: date, reason: str, witness: str, actor: Actor, at: datetime
) -> None:
    tx.add(
        SealChange(
            seal_id=seal.id,
            move=move,
            state=seal.state,
            on=on,
            reason=reason.strip(),
            witness=witness.strip(),
            recorded_by=actor.user_id,
            recorded_at=at,
        )
    )
    tx.flush()


def _end(tx: Tx, seal_id: str, *, actor: Actor, at: datetime) -> None:
    """Nothing can be sealed any more: the key is gone, the certificate revoked, nobody keeps the seal."""
    tx.execute(
        update(SealCertificate)
        .where(SealCertificate.seal_id == seal_id, SealCertificate.revoked_at.is_(None))
        .values(revoked_at=at, wrapped=None)
    )
    tx.execute(
        update(SealKeeper)
        .where(SealKeeper.seal_id == seal_id, SealKeeper.ended_at.is_(None))
        .values(ended_at=at, ended_by=actor.user_id)
    )
    tx.execute(delete(StandingOrder).where(StandingOrder.seal_id == seal_id))
