"""Draws as programs read them that take part: the custodians' signed keys, and the capsules that are asked for."""

from __future__ import annotations

from datetime import datetime

from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.identity.policy import Actor
from trading.draws import escrow, queries, views
from trading.draws.schemas import CapsuleShown, CustodianShown, DrawShown
from trading.draws.views import View


def one(tx: Tx, draw_id: str, *, actor: Actor, at: datetime) -> DrawShown:
    """A draw that the reader may see."""
    return _shown(tx, views.view(tx, draw_id, actor=actor, at=at))


def mine(tx: Tx, *, actor: Actor, at: datetime) -> list[DrawShown]:
    """The draws that the reader's organisation takes part in."""
    return [_shown(tx, found) for found in views.mine(tx, actor=actor, at=at)]


def _shown(tx: Tx, view: View) -> DrawShown:
    draw = view.draw
    seats = queries.escrows(tx, draw.id)
    locked = {one.custodian: one.locked for one in seats}
    return DrawShown(
        id=draw.id,
        lot_id=draw.lot_id,
        purpose=draw.purpose,
        state=draw.state,
        own=view.own,
        turn=view.turn,
        k=draw.k,
        commit_until=draw.commit_until,
        reveal_until=draw.reveal_until,
        custodians=[
            CustodianShown(
                custodian=one.custodian,
                recipient=one.recipient,
                envelope=one.envelope.decode(),
                certificate=holder.der if (holder := _holder(tx, one.envelope)) else b"",
            )
            for one in seats
        ],
        withheld=[
            CapsuleShown(
                name=asked.name,
                custodian=asked.custodian,
                data=capsule.data,
                locked=locked[asked.custodian],
            )
            for asked in view.withheld
            for capsule in queries.capsules(tx, draw.id, asked.name)
            if capsule.custodian == asked.custodian and not asked.given
        ],
    )


def _holder(tx: Tx, envelope: bytes) -> certificates.CertificateHolder | None:
    return certificates.certificate_holder(tx, escrow.signer_of(envelope))
