"""Steps of contracts that several tests take: an awarded lot, its deposits, and both signatures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from award_steps import evaluated_purchase, publicise
from evaluated_city import NAMES, OPENED_AT, City, evaluated
from scene_city import certified
from sqlalchemy import select

from govcore import clock, dsse
from govcore.dsse import CertificateSigner
from govcore.platform import Platform
from guarantees.models import AdviceRow, DepositRow
from guarantees.policy import DepositState
from trading.award import issue, service
from trading.contract import drawing, queries
from trading.contract import issue as contracts
from trading.contract import service as signing
from trading.contract.models import Contract
from trading.contract.policy import MEDIA_TYPE
from trading.contract.schemas import NewContract
from trading.opening.models import OpeningBid

SIDES = ("tenderer", "bidder-2")
USCC = {org: f"91371500MA{n:08d}" for n, org in enumerate(NAMES)}


@dataclass(frozen=True)
class Signed:
    """The city with its lot awarded, and the keys of those who sign."""

    platform: Platform
    city: City
    signers: dict[str, CertificateSigner] = field(repr=False)

    @property
    def lot_id(self) -> str:
        return self.city.lot_id

    def on(self, platform: Platform) -> Signed:
        """The same on a copy of its platform."""
        return replace(self, platform=platform, city=replace(self.city, database=platform.db))

    def draw(self, name: str = "tenderer", **changes: object) -> Contract:
        """Draw the contract that the bid asks for, with these changes."""
        actor = self.city.actor(name)
        with self.city.database.read() as tx:
            given = drawing.draft(tx, self.lot_id, None, actor=actor, at=clock.now(tx)).given
        given = NewContract(**{name: getattr(given, name) for name in given.__struct_fields__} | changes)
        return contracts.draw(self.platform, self.lot_id, given, actor=actor)

    def envelope(self, name: str, payload: bytes | None = None) -> bytes:
        with self.city.database.read() as tx:
            row = queries.contracts_of(tx, self.lot_id)[-1]
        return dsse.sign(MEDIA_TYPE, payload or row.payload, [self.signers[name]]).encode()

    def sign(self, name: str, raw: bytes | None = None) -> None:
        raw = raw or self.envelope(name)
        with self.city.database.transaction() as tx:
            signing.sign(tx, self.lot_id, raw, actor=self.city.actor(name), at=clock.now(tx))

    def conclude(self) -> None:
        """Draw and sign by both sides."""
        self.draw()
        for name in SIDES:
            self.sign(name)


def awarded_tender(platform: Platform, rule_set: str = "demo") -> Signed:
    """A works lot awarded to bidder 2; both sides hold certificates."""
    city = evaluated(platform, rule_set)
    publicise(platform, city)
    days = {"days": 9} if rule_set != "demo" else {"seconds": 3}
    city.database.info["clock_offset"] += timedelta(**days)
    issue.award(platform, city.lot_id, bid_id="bid-2", actor=city.actor("tenderer"))
    return _with_signers(platform, city)


def awarded_purchase(platform: Platform) -> Signed:
    """A government purchase awarded to bidder 2; both sides hold certificates."""
    city = evaluated_purchase(platform)
    with platform.db.transaction() as tx:
        service.hand_over(tx, city.lot_id, actor=city.actor("agency"), at=clock.now(tx))
    issue.award(platform, city.lot_id, bid_id="bid-2", actor=city.actor("tenderer"))
    return _with_signers(platform, city)


def _with_signers(platform: Platform, city: City) -> Signed:
    with city.database.transaction() as tx:
        signers = {name: certified(tx, platform, name) for name in (*SIDES, "bidder-1")}
    return Signed(platform, city, signers)


def lock_deposits(city: City, *bidders: str, amount_fen: int = 200_000_00) -> None:
    """Cash that was matched and locked at the opening, as the guarantees keep it."""
    with city.database.transaction() as tx:
        for bidder in bidders:
            advice = AdviceRow(
                id=f"advice-{bidder}", lot_tag="l", serial_tag=bidder, body_tag="b", sealed=b"-"
            )
            tx.add(advice)
            tx.flush()
            tx.add(
                DepositRow(
                    id=f"deposit-{bidder}",
                    advice_id=advice.id,
                    lot_id=city.lot_id,
                    bidder_id=USCC[bidder],
                    beneficiary_uscc=USCC["tenderer"],
                    state=DepositState.LOCKED,
                    amount_fen=amount_fen,
                    payer_name=NAMES[bidder],
                    payer_account="6222000000000001",
                    bank="临湖银行",
                    serial=bidder,
                    credited_at=OPENED_AT - timedelta(days=10),
                    findings=b"[]",
                )
            )


def states(city: City) -> dict[str, tuple[str, str | None]]:
    """Each deposit's state and why it goes back."""
    with city.database.read() as tx:
        rows = tx.query(DepositRow).order_by(DepositRow.id)
        return {row.id.removeprefix("deposit-"): (row.state, row.refund_reason) for row in rows}


def concluded(platform: Platform) -> Signed:
    """A works lot whose contract both sides have signed; its bids are envelopes that verify."""
    city = awarded_tender(platform)
    with platform.db.transaction() as tx:
        signers = list(city.signers.values())
        for n, bid in enumerate(tx.scalars(select(OpeningBid).order_by(OpeningBid.number))):
            said = f'{{"bid":{bid.number}}}'.encode()
            bid.envelope = dsse.sign("application/json", said, [signers[n % len(signers)]]).encode()
    lock_deposits(city.city, "bidder-1", "bidder-2")
    city.conclude()
    return city
