"""Who is told what to do for a draw: contributors when it is their turn, custodians when a value was withheld."""

from __future__ import annotations

from datetime import datetime

from govcore.db import Tx
from govcore.identity.queries import users_with_role
from govcore.notify.service import tell
from govcore.pdf.figures import stamp
from trading.draws import queries
from trading.draws.models import Draw
from trading.draws.policy import Party

ROLES = {
    Party.TENDERER: "tenderer",
    Party.REGULATOR: "regulator",
    Party.SUPPLIER: "bidder",
    Party.CENTRE: "centre",
}


def ask_for_keys(tx: Tx, draw: Draw, *, at: datetime) -> None:
    """Tell the custodians who gave no key for draws yet that this one waits for it."""
    for seat, key in queries.escrow_keys(tx, draw.lot_id):
        if key is None:
            tell(
                tx,
                users_with_role(tx, "custodian", org_id=seat.org_id),
                about=f"draw:{draw.id}:key",
                text="A draw waits for your key for draws until {until}.",
                href="/draws",
                at=at,
                data={"until": stamp(draw.commit_until)},
            )


def ask_to_commit(tx: Tx, draw: Draw, *, at: datetime) -> None:
    """Tell every contributor that commitments are taken, and until when."""
    for one in queries.contributors(tx, draw.id):
        if one.org_id is not None and one.commitment is None:
            tell(
                tx,
                users_with_role(tx, ROLES[Party(one.name)], org_id=one.org_id),
                about=f"draw:{draw.id}:commit",
                text="A draw asks for your commitment until {until}.",
                href=f"/draws/{draw.id}",
                at=at,
                data={"until": stamp(draw.commit_until)},
            )


def ask_to_reveal(tx: Tx, draw: Draw, *, until: datetime, at: datetime) -> None:
    """Tell everybody who committed that values are revealed now, and until when."""
    for one in queries.contributors(tx, draw.id):
        if one.org_id is not None and one.commitment is not None:
            tell(
                tx,
                users_with_role(tx, ROLES[Party(one.name)], org_id=one.org_id),
                about=f"draw:{draw.id}:reveal",
                text="A draw asks you to reveal your value until {until}; afterwards the custodians open it.",
                href=f"/draws/{draw.id}",
                at=at,
                data={"until": stamp(until)},
            )


def ask_custodians(tx: Tx, draw: Draw, *, at: datetime) -> None:
    """Tell the custodians, once, that a value was not revealed in its time."""
    for one in queries.escrows(tx, draw.id):
        tell(
            tx,
            users_with_role(tx, "custodian", org_id=one.org_id),
            about=f"draw:{draw.id}:open",
            text="A value of a draw was not revealed in its time. Please open your share of it.",
            href=f"/draws/{draw.id}",
            at=at,
        )
