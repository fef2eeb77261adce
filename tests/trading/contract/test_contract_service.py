"""Contracts against real databases with real certificates: what may be signed, by whom, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from award_steps import now, put_out
from contract_steps import SIDES, USCC, Signed, awarded_tender, lock_deposits, states
from evaluated_city import NAMES
from test_award_service import event, refused

from bidding_docs.codes import BadCertificate, BadSchema
from govcore import clock, dsse
from govcore.db import Database
from govcore.errors import Forbidden, NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from guarantees import queries as guarantees
from trading.award.policy import Cause
from trading.contract import drawing, issue, queries, refunds, service, tasks
from trading.contract.models import Contract
from trading.contract.policy import MEDIA_TYPE, Side
from trading.notices.models import Notice
from trading.procedure.rules import rule_set
from trading.tender.models import Lot
from trading.tender.policy import Cause as HoldCause
from trading.tender.policy import LotState
from trading.tender.queries import lot_context
from trading.tender.suspensions import hold

BANK = Actor(user_id="bank", permissions=frozenset({"deposit.advise"}))


def settle(city: Signed, platform: Platform) -> int:
    with platform.db.transaction() as tx:
        return refunds.settle(tx, city.lot_id, at=clock.now(tx))


def test_the_contract_says_what_the_bid_says_and_binds_with_both_signatures(tender: Signed) -> None:
    row = tender.draw(terms="按月支付进度款")
    assert tender.platform.store.get(row.store_key).startswith(b"%PDF")

    tender.sign("bidder-2")
    with tender.platform.db.read() as tx:
        assert tx.get_one(Lot, tender.lot_id).state == "awarded"
    tender.sign("tenderer")

    with tender.platform.db.read() as tx:
        view = queries.view(tx, tender.lot_id, actor=tender.city.actor("bidder-2"), at=now(tender.city))
        assert tx.get_one(Lot, tender.lot_id).state == "contracted"
    assert view.document is not None
    assert (view.document.amount_fen, view.document.supplier.name) == (10_500_000_00, "东坝河工集团有限公司")
    assert set(view.signatures) == set(Side)
    assert event(tender.city, "contract.signed")["pdf_sha256"] == row.pdf_sha256


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_fen": 10_500_000_01}, "E_CONTRACT_DEVIATES"),
        ({"duration_days": 173}, "E_CONTRACT_DEVIATES"),
        ({"quality": "优良"}, "E_CONTRACT_DEVIATES"),
        ({"manager": "另一位经理"}, "E_CONTRACT_DEVIATES"),
        ({"bond_fen": 1_050_000_01}, "E_BOND_CAP"),
    ],
)
def test_a_contract_that_departs_from_the_bid_is_refused(
    tender: Signed, changes: dict[str, object], code: str
) -> None:
    assert refused(lambda: tender.draw(**changes)) == code


def test_a_bond_of_a_tenth_is_allowed_and_must_be_there_before_the_tenderer_signs(tender: Signed) -> None:
    tender.draw(bond_fen=1_050_000_00)
    assert refused(lambda: tender.sign("tenderer")) == "E_BOND_MISSING"
    bond = {"form": "letter", "reference": "BH-2026-1", "actor": tender.city.actor("tenderer")}
    with tender.platform.db.transaction() as tx, pytest.raises(service.BondDiffers):
        service.record_bond(tx, tender.lot_id, amount_fen=1, at=clock.now(tx), **bond)  # type: ignore[arg-type]

    with tender.platform.db.transaction() as tx:
        service.record_bond(tx, tender.lot_id, amount_fen=1_050_000_00, at=clock.now(tx), **bond)  # type: ignore[arg-type]
    for name in SIDES:
        tender.sign(name)

    with tender.platform.db.read() as tx:
        assert queries.binding(tx, tender.lot_id) is not None


def test_only_the_two_sides_sign_with_certificates_of_their_own(tender: Signed) -> None:
    row = tender.draw()
    with pytest.raises(NotFound):
        tender.sign("bidder-1")
    with pytest.raises(BadCertificate):
        tender.sign("bidder-2", tender.envelope("tenderer"))
    with pytest.raises(BadSchema):
        tender.sign("bidder-2", tender.envelope("bidder-2", row.payload + b" "))
    both = dsse.sign(MEDIA_TYPE, row.payload, [tender.signers[name] for name in SIDES]).encode()
    with pytest.raises(BadSchema):
        tender.sign("bidder-2", both)
    tender.sign("bidder-2")
    assert refused(lambda: tender.sign("bidder-2")) == "E_STATE"
    assert refused(lambda: tender.draw()) == "E_CONTRACT_SIGNED"


def test_strangers_neither_draw_nor_see_a_contract(tender: Signed) -> None:
    with pytest.raises(NotFound):
        tender.draw("other-tenderer")
    with pytest.raises(Forbidden):
        tender.draw("bidder-2")
    tender.draw()
    with tender.platform.db.read() as tx:
        for name in ("bidder-1", "other-tenderer", "other-regulator", "expert-1"):
            with pytest.raises(NotFound):
                queries.view(tx, tender.lot_id, actor=tender.city.actor(name), at=now(tender.city))
        for name in ("bidder-2", "agency", "regulator", "centre"):
            queries.view(tx, tender.lot_id, actor=tender.city.actor(name), at=now(tender.city))


def test_nothing_is_drawn_or_signed_while_a_challenge_holds_the_contract(tender: Signed) -> None:
    tender.draw()
    with tender.platform.db.transaction() as tx:
        hold(
            tx,
            lot_ids=[tender.lot_id],
            cause=HoldCause.CHALLENGE,
            ref="c-1",
            at=clock.now(tx),
            actor="tenderer",
        )

    assert refused(lambda: tender.draw()) == "E_SUSPENDED"
    assert refused(lambda: tender.sign("bidder-2")) == "E_SUSPENDED"


def test_a_late_contract_needs_an_explanation_and_is_taken(platform: Platform, database: Database) -> None:
    late = awarded_tender(platform, rule_set="tb-2026")
    late.city.database.info["clock_offset"] += timedelta(days=60)
    assert refused(lambda: late.draw()) == "E_CONTRACT_LATE"

    late.draw(late_reason="等待财政资金下达")
    for name in SIDES:
        late.sign(name)

    with database.read() as tx:
        view = queries.view(tx, late.lot_id, actor=late.city.actor("regulator"), at=now(late.city))
    [due] = view.dues
    assert (due.rule.id, due.late(now(late.city))) == ("T21", True)


def test_a_contract_of_a_closed_award_cannot_be_signed(tender: Signed) -> None:
    tender.draw()
    put_out(tender.platform, tender.city, "bid-2", Cause.NO_BOND)

    assert refused(lambda: tender.sign("bidder-2")) == "E_STATE"


def test_an_uploaded_contract_must_be_a_pdf(tender: Signed) -> None:
    actor = tender.city.actor("tenderer")
    with tender.platform.db.read() as tx:
        given = drawing.draft(tx, tender.lot_id, None, actor=actor, at=clock.now(tx)).given
    with pytest.raises(issue.NotAPaper):
        issue.draw(tender.platform, tender.lot_id, given, uploaded=b"MZ", actor=actor)

    row = issue.draw(tender.platform, tender.lot_id, given, uploaded=b"%PDF-1.7 our own", actor=actor)

    assert tender.platform.store.get(row.store_key) == b"%PDF-1.7 our own"


def test_deposits_of_a_tender_go_back_with_interest_once_the_contract_is_signed(
    tender: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock_deposits(tender.city, "bidder-1", "bidder-2", "bidder-3")
    assert settle(tender, tender.platform) == 0
    tender.conclude()
    monkeypatch.setattr(tasks, "current", lambda: tender.platform)

    tasks.settle_deposits()
    tasks.settle_deposits()

    assert states(tender.city) == dict.fromkeys(
        ("bidder-1", "bidder-2", "bidder-3"), ("refunding", "contract-signed")
    )
    with tender.platform.db.read() as tx:
        found = refunds.visible_refunds(tx, tender.lot_id, actor=tender.city.actor("tenderer"))
        own = refunds.visible_refunds(tx, tender.lot_id, actor=tender.city.actor("bidder-1"))
        none = refunds.visible_refunds(tx, tender.lot_id, actor=tender.city.actor("other-tenderer"))
    assert {one.limit.rule for one in found if one.limit} == {"T25"}
    assert ([len(found), len(own), len(none)]) == [3, 1, 0]


def test_losers_of_a_purchase_get_their_deposits_after_the_award_notice(
    bought: Signed, platform: Platform
) -> None:
    lock_deposits(bought.city, "bidder-1", "bidder-2")

    assert settle(bought, platform) == 1
    assert states(bought.city) == {"bidder-1": ("refunding", "award-notice"), "bidder-2": ("locked", None)}

    bought.conclude()
    assert settle(bought, platform) == 1
    assert states(bought.city)["bidder-2"] == ("refunding", "contract-signed")


def test_deposits_of_a_consultation_whose_final_offers_were_given_up_go_back(
    bought: Signed, platform: Platform
) -> None:
    lock_deposits(bought.city, "bidder-1", "bidder-2")
    with platform.db.transaction() as tx:
        first = tx.get_one(Lot, bought.lot_id)
        first.state = LotState.CONSULTED
        told = {"tender_id": first.tender_id, "code": first.code, "number": first.number, "name": first.name}
        sums = {"max_price_fen": first.max_price_fen, "deposit_fen": 0}
        tx.add(Lot(id="final", previous_id=first.id, round=2, state=LotState.OPEN, **told, **sums))
    assert settle(bought, platform) == 0

    with platform.db.transaction() as tx:
        tx.get_one(Lot, "final").state = LotState.TERMINATED

    assert settle(bought, platform) == 2
    assert settle(bought, platform) == 0
    assert set(states(bought.city).values()) == {("refunding", "lot-failed")}


def test_a_purchases_deposit_that_goes_back_late_costs_a_fee(bought: Signed, platform: Platform) -> None:
    lock_deposits(bought.city, "bidder-1")
    with platform.db.read() as tx:
        [found] = refunds.refunds_of(tx, bought.lot_id)
        assert found.limit is not None
        last, rules = found.limit.at - timedelta(seconds=1), lot_context(tx, bought.lot_id).rule_set
        in_time = refunds.late_fee_of(found, rules, at=last)
        tender_rules = rule_set("tb-2026")
        never = refunds.late_fee_of(found, tender_rules, at=last + timedelta(days=10))

    with platform.db.transaction() as tx:
        refunds.settle(tx, bought.lot_id, at=last + timedelta(days=10))
    with platform.db.read() as tx:
        [order] = guarantees.refund_orders(tx, actor=BANK)
        [shown] = refunds.refunds_of(tx, bought.lot_id)

    assert (found.limit.rule, in_time, never) == ("G07", 0, 0)
    assert order.late_fee_fen == shown.late_fee_fen == 200_000_00 * 3 * 6 * 10 // (100 * 5 * 360)
    assert order.total_fen == 200_000_00 + order.late_fee_fen + order.interest_fen


def test_the_deposit_of_somebody_who_took_the_bid_back_is_shown_with_its_name(tender: Signed) -> None:
    lock_deposits(tender.city, "bidder-2", "stranger")

    with tender.platform.db.read() as tx:
        names = refunds.bidder_names(tx, refunds.refunds_of(tx, tender.lot_id))

    assert names == {USCC["bidder-2"]: NAMES["bidder-2"], USCC["stranger"]: NAMES["stranger"]}


def test_the_deposit_of_a_winner_without_a_bond_stays_until_somebody_decides(tender: Signed) -> None:
    lock_deposits(tender.city, "bidder-1", "bidder-2")
    put_out(tender.platform, tender.city, "bid-2", Cause.NO_BOND)
    with tender.platform.db.read() as tx:
        kept = {one.source_id for one in refunds.refunds_of(tx, tender.lot_id) if one.forfeitable}

    assert (kept, settle(tender, tender.platform)) == ({"deposit-bidder-2"}, 0)


def test_a_purchase_is_published_filed_supplemented_and_accepted(bought: Signed, platform: Platform) -> None:
    bought.conclude()
    agency, tenderer = bought.city.actor("agency"), bought.city.actor("tenderer")
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        notice = service.publish(tx, bought.lot_id, actor=agency, at=at)
        service.file(tx, bought.lot_id, actor=agency, at=at)
        service.buy_more(tx, bought.lot_id, amount_fen=1_000_000_00, what="备用水泵", actor=agency, at=at)
    more = {"what": "配件", "actor": agency}
    with platform.db.transaction() as tx, pytest.raises(service.SupplementTooHigh):
        service.buy_more(tx, bought.lot_id, amount_fen=50_000_01, at=clock.now(tx), **more)  # type: ignore[arg-type]
    with platform.db.transaction() as tx:
        service.buy_more(tx, bought.lot_id, amount_fen=50_000_00, at=clock.now(tx), **more)  # type: ignore[arg-type]
        accepted = service.accept(
            tx, bought.lot_id, passed=True, text="数量、质量符合合同约定", actor=tenderer, at=clock.now(tx)
        )

    with platform.db.read() as tx:
        published, acceptance = tx.get_one(Notice, notice), tx.get_one(Notice, accepted)
        view = queries.view(tx, bought.lot_id, actor=agency, at=now(bought.city))
    assert (published.kind, published.fields["price_fen"]) == ("contract", 10_500_000_00)
    assert (acceptance.kind, acceptance.fields["conclusion"]) == (
        "acceptance",
        "验收合格：数量、质量符合合同约定",
    )
    assert view.supplement_left_fen == 0
    assert [(one.rule.id, one.late(now(bought.city))) for one in view.dues] == [
        ("G18", False),
        ("G18.publish", False),
        ("G18.file", False),
    ]


def test_steps_out_of_order_are_refused(bought: Signed, platform: Platform) -> None:
    agency, tenderer = bought.city.actor("agency"), bought.city.actor("tenderer")
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        assert refused(lambda: service.publish(tx, bought.lot_id, actor=agency, at=at)) == "E_STATE"
        assert refused(lambda: service.file(tx, bought.lot_id, actor=agency, at=at)) == "E_STATE"
    bought.conclude()
    with platform.db.transaction() as tx:
        service.publish(tx, bought.lot_id, actor=agency, at=at)
        assert refused(lambda: service.publish(tx, bought.lot_id, actor=agency, at=at)) == "E_STATE"
        with pytest.raises(Forbidden):
            service.accept(tx, bought.lot_id, passed=True, text="可", actor=agency, at=at)
        service.accept(tx, bought.lot_id, passed=False, text="缺少合格证", actor=tenderer, at=at)
        again = lambda: service.accept(tx, bought.lot_id, passed=True, text="可", actor=tenderer, at=at)  # noqa: E731
        assert refused(again) == "E_STATE"


def test_a_drawn_contract_is_replaced_until_somebody_signs(tender: Signed) -> None:
    first = tender.draw()
    second = tender.draw(terms="新的约定")

    with tender.platform.db.read() as tx:
        found = {row.id: row.state for row in queries.contracts_of(tx, tender.lot_id)}
        assert tx.get_one(Contract, second.id).number != first.number
    assert found == {first.id: "void", second.id: "drawn"}
