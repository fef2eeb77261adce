"""The custodians' side of draws: their standing keys, and the values that were not revealed in their time."""

from __future__ import annotations

from datetime import datetime

from govcore.audit.service import record
from govcore.db import Tx
from govcore.errors import NotFound, Problem
from govcore.identity.policy import Actor, require
from trading.draws import escrow, moves, policy, queries
from trading.draws.models import Contributor, Escrow, EscrowKey
from trading.draws.moves import ESCROWED, give_up, keep_reveal, log
from trading.draws.policy import VoidCause
from trading.tender import queries as tenders
from trading.tender.certificates import holder_of, key_of


class EscrowEarly(Problem):
    code = "E_DRAW_ESCROW_EARLY"
    text = "The escrow is opened only for a value that was not revealed in its time."


class KeysForDrawsMissing(Problem):
    """Without them a draw becomes void when its time comes; asked for while there is still time to give them."""

    code = "E_DRAW_KEYS"
    text = (
        "Something is to be drawn for {lot}, and not every custodian has given its key for draws: {who} still "
        "have to (Draws, Make your key for draws). Then try again."
    )


def check_keys(tx: Tx, lot_id: str) -> None:
    """Raise `KeysForDrawsMissing` unless every custodian of the lot gave a key for draws."""
    missing = queries.without_key(tx, lot_id)
    if missing:
        lot = tenders.lot_context(tx, lot_id)
        raise KeysForDrawsMissing(lot=lot.lot_name, who=", ".join(missing))


def give_key(tx: Tx, raw: bytes, *, locked: bytes | None = None, actor: Actor, at: datetime) -> None:
    """Take a custodian's signed standing key for draws; draws that have begun keep the key they began with.

    `locked` is the secret half under the custodian's passphrase: it is kept, and given back to its custodian alone.
    """
    require(actor, "draw.escrow")
    keyid = escrow.signer_of(raw)
    holder = holder_of(tx, keyid, at=at)
    if holder.org_id != actor.org_id:
        raise NotFound
    key = escrow.read_key(raw, keyid, key_of(holder.der))
    given = EscrowKey(org_id=holder.org_id, recipient=key.recipient, envelope=raw, locked=locked, given_at=at)
    tx.merge(given)
    data = {"recipient": key.recipient}
    record(tx, "draw.key_given", subject=holder.org_id, actor=actor.user_id, at=at, data=data)


def open_escrow(
    tx: Tx, draw_id: str, name: str, *, custodian: int, proof: bytes, actor: Actor, at: datetime
) -> None:
    """Take a custodian's proof of its share of a value that was not revealed in its time; k of them reveal it.

    Where all custodians showed theirs and no k of them fit the commitment, its contributor deceived everybody: the draw
    is void by that name, and the centre contributes in its place when it is repeated.
    """
    require(actor, "draw.escrow")
    draw = moves.locked(tx, draw_id)
    seat = tx.get(Escrow, (draw_id, custodian))
    own = tx.get(Contributor, (draw_id, name))
    if seat is None or seat.org_id != actor.org_id or own is None or own.commitment is None:
        raise NotFound
    if own.reveal is not None:
        return
    if not policy.takes_escrow(draw.state, reveal_until=draw.reveal_until, now=at):
        raise EscrowEarly
    log(tx, draw, "draw.share_shown", data={"name": name, "custodian": custodian}, actor=actor.user_id, at=at)
    all_of_them = queries.capsules(tx, draw_id, name)
    shares: dict[int, bytes] = {}
    for capsule in all_of_them:
        if capsule.custodian == custodian:
            capsule.proof, capsule.opened_at = proof, at
        if capsule.proof is not None:
            shares[capsule.custodian] = escrow.proven(
                capsule.data, capsule.proof, draw_id=draw_id, name=name, custodian=capsule.custodian
            )
    tx.flush()
    value = escrow.recover(shares, draw_id=draw_id, name=name, commitment=own.commitment, k=draw.k)
    if value is not None:
        keep_reveal(tx, draw, own, value, opened=ESCROWED, actor=actor.user_id, at=at)
    elif len(shares) == len(all_of_them):
        give_up(tx, draw, VoidCause.ESCROW, by=name, at=at)
