"""The check of the seals: a bidder's receipt against the committed set (招标投标法 art. 36)."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select, update

from bidding_docs import dsse
from bidding_docs import manifests as m
from govcore.audit.service import record
from govcore.db import Tx, new_id
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.keys import KeyWrapper
from govcore.vault import Vault
from trading.bidding import queries as bidding
from trading.bidding.policy import Kind
from trading.opening.hall import tell
from trading.opening.models import Opening, OpeningBid, SealObjection
from trading.opening.policy import OpeningState


class Unfounded(Problem):
    code = "E_OBJECTION_UNFOUNDED"
    text = "The committed set honours this receipt: there is nothing to object to."


def raise_objection(
    tx: Tx, vault: Vault, wrapper: KeyWrapper, lot_id: str, receipt: bytes, *, actor: Actor, at: datetime
) -> SealObjection:
    """Object with a receipt of a bid that is missing from the committed set, or older there than received.

    A bid that its bidder withdrew is missing rightly: the withdrawal is at hand, signed by the bidder.
    """
    require(actor, "opening.object")
    opening = tx.scalar(select(Opening).where(Opening.lot_id == lot_id).with_for_update())
    if opening is None or opening.state != OpeningState.SEALED:
        raise MoveNotAllowed(move="opening.object", state=opening.state if opening else "bidding")
    keys = {vault.receipt_signer.keyid: Ed25519PublicKey.from_public_bytes(vault.receipt_signer.public_bytes)}
    body = dsse.open_document(receipt, m.Receipt, keys).document
    if (body.lot_id, body.round, body.bidder_id) != (lot_id, opening.round, actor.uscc):
        raise NotFound
    mine = tx.scalar(select(OpeningBid).where(OpeningBid.lot_id == lot_id, OpeningBid.org_id == actor.org_id))
    if not body.parts or (mine is not None and bidding.bid_manifest(mine.envelope).seq >= body.seq):
        raise Unfounded
    last = bidding.last_message(
        tx, wrapper, lot_id, opening.round, vault.tag("bidder", lot_id, actor.org_id or "")
    )
    if last is not None and last.kind == Kind.WITHDRAW and last.seq >= body.seq:
        raise Unfounded
    objection = SealObjection(
        id=new_id(), lot_id=lot_id, org_id=actor.org_id or "", receipt=receipt, raised_at=at
    )
    tx.add(objection)
    data = {"lot_id": lot_id, "manifest_sha256": body.manifest_sha256}
    record(tx, "opening.objected", subject=objection.id, actor=actor.user_id, at=at, data=data)
    stands = {"lot_id": lot_id, "objection": objection.id}
    record(tx, "opening.objection_stands", subject=lot_id, actor="system", at=at, data=stands)
    tell(tx, lot_id, ("opening.objected", {**data, "bidder": actor.org_name}), at=at)
    return objection


def answer(tx: Tx, objection_id: str, *, text: str, actor: Actor, at: datetime) -> None:
    """The centre answers an objection on the spot; only then may anything be released."""
    require(actor, "opening.answer")
    found = tx.execute(
        update(SealObjection)
        .where(SealObjection.id == objection_id, SealObjection.answered_at.is_(None))
        .values(answered_at=at, answer=text)
        .returning(SealObjection.lot_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    data = {"lot_id": found[0], "answer": text}
    record(tx, "opening.objection_answered", subject=objection_id, actor=actor.user_id, at=at, data=data)
    settled = {"lot_id": found[0], "objection": objection_id}
    record(tx, "opening.objection_settled", subject=found[0], actor="system", at=at, data=settled)
    tell(tx, found[0], ("opening.objection_answered", data), at=at)
