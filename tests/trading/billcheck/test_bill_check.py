"""A lot's bills are checked beside all requests and shown to who may read the bids."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from priced_workbooks import bill_of, priced, workbook
from scene import Scene
from scene_committee import seat
from scene_copies import Sealed, Steps
from scene_facts import refused, verdict
from sqlalchemy import select

from trading import ordered
from trading.billcheck import service
from trading.billcheck.models import BillCheck
from trading.client import Refused
from trading.documents.models import Version
from trading.documents.queries import in_force

BIDDERS = ("bidder-1", "bidder-2", "bidder-3")
ASKED = bill_of(3)


def give_bill(scene: Scene) -> None:
    """Put a bill into the documents in force."""
    with scene.platform.db.transaction() as tx:
        version = tx.scalars(
            select(Version).where(Version.number == in_force(tx, scene.city.tender_id).number)
        ).one()
        lines = [
            {"code": a.code, "name": a.name, "unit": a.unit, "quantity": f"{a.quantity:f}"} for a in ASKED
        ]
        terms = dict(version.terms)
        terms["lots"] = [
            {**lot, "bill": {"sections": [{"name": "", "lines": lines}]}} for lot in terms["lots"]
        ]
        version.terms = terms


def open_priced(scene: Scene) -> Sealed:
    give_bill(scene)
    sealed: Sealed = {}
    whole = priced(ASKED, [Decimal(2), Decimal(3), Decimal(4)])
    for bidder, rows in zip(BIDDERS, (whole, whole[1:], None), strict=True):
        name = "报价清单.xlsx" if rows else "说明.txt"
        path = scene.folder / bidder
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(workbook(rows) if rows else b"-")
        sealed[bidder] = scene.seal(bidder, files=[(name, path)])
        scene.submit(bidder, sealed[bidder])
    scene.open_all()
    return sealed


@pytest.fixture
def further() -> dict[str, Steps]:
    return {"opened": open_priced}


@pytest.fixture
def opened(scene: Scene) -> Scene:
    """Three bids with priced bills: the second forgot a line, the third sent no workbook."""
    return scene


def test_bills_are_ordered_checked_and_taken_away(opened: Scene) -> None:
    tenderer, here = opened.person("tenderer"), f"/bill-checks/{opened.lot}"
    before = tenderer.call("GET", here).text
    early = refused(opened, "tenderer", "GET", f"{here}/report.pdf")
    tenderer.call("POST", here, follow_redirects=False)
    waiting = tenderer.call("GET", here).text

    assert service.carry_out(opened.platform, opened.lot)
    assert not service.carry_out(opened.platform, opened.lot)

    after = tenderer.call("GET", here).text
    assert ("尚未清标" in before, "<progress" in waiting, "缺少清单项" in after) == (True, True, True)
    assert verdict(early)[0] == 404
    assert "本投标文件中没有工程量清单工作簿" in after
    assert tenderer.call("GET", f"{here}/report.pdf").content.startswith(b"%PDF")
    sheet = load_workbook(io.BytesIO(tenderer.call("GET", f"{here}/report.xlsx").content)).active
    assert sheet is not None
    found = [list(row[1:4]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [row[2] for row in found].count("缺少清单项") == 1


def test_only_who_reads_the_bids_reads_the_check(opened: Scene) -> None:
    for person, code in (("centre", 403), ("agency", 403), ("bidder-1", 403), ("expert-1", 404)):
        assert verdict(refused(opened, person, "GET", f"/bill-checks/{opened.lot}"))[0] == code
    assert opened.person("regulator").call("GET", f"/bill-checks/{opened.lot}").status_code == 200


def test_the_rows_of_a_bid_s_workbook_are_taken_over_into_the_form_of_its_correction(opened: Scene) -> None:
    member, *_ = seat(opened, opened.lot)
    bids = {one["uscc"]: one["bid_id"] for one in opened.hall()["bids"]}
    whole, short, none = (
        f"/review/{opened.lot}/bids/{bids[opened.uscc(bidder)]}/correction?part=technical"
        for bidder in BIDDERS
    )

    forms = [opened.person(member).call("GET", path).text for path in (whole, short)]

    codes = [line.code for line in ASKED]
    assert [[code in form for code in codes] for form in forms] == [[True] * 3, [False, True, True]]
    with pytest.raises(Refused, match="422"):
        opened.person(member).call("GET", none)


def test_a_tender_without_a_bill_is_not_checked(scene: Scene) -> None:
    path = f"/bill-checks/{scene.lot}"

    assert verdict(refused(scene, "tenderer", "POST", path)) == (409, "E_NO_BILL")


def test_one_worker_at_a_time_and_the_next_once_its_lease_is_over(opened: Scene) -> None:
    opened.person("tenderer").call("POST", f"/bill-checks/{opened.lot}", follow_redirects=False)
    with opened.platform.db.transaction() as tx:
        tx.get_one(BillCheck, opened.lot).lease_until = opened.now() + service.LEASE

    busy = service.carry_out(opened.platform, opened.lot)
    opened.move_clock(minutes=3)

    assert (busy, service.carry_out(opened.platform, opened.lot)) == (False, True)


def order(scene: Scene) -> None:
    scene.person("tenderer").call("POST", f"/bill-checks/{scene.lot}", follow_redirects=False)


def test_work_that_ends_three_workers_is_given_up_until_it_is_ordered_again(opened: Scene) -> None:
    order(opened)
    platform, here = opened.platform, f"/bill-checks/{opened.lot}"
    for _ in range(ordered.MOST_TRIES):
        assert ordered.take(platform.db, BillCheck, opened.lot, lease=service.LEASE) is not None
        busy = opened.person("tenderer").call("GET", here).text
        opened.move_clock(minutes=3)

    given_up = opened.person("tenderer").call("GET", here).text
    tried = service.carry_out(platform, opened.lot)
    order(opened)

    assert ("<progress" in busy, "三次中断" in busy) == (True, False)
    assert ("<progress" in given_up, "三次中断" in given_up, tried) == (False, True, False)
    assert service.carry_out(platform, opened.lot)


def test_what_a_worker_tells_of_work_that_was_ordered_anew_does_not_count(opened: Scene) -> None:
    order(opened)
    late = ordered.take(opened.platform.db, BillCheck, opened.lot, lease=service.LEASE)
    opened.move_clock(minutes=1)
    order(opened)
    assert late is not None

    told = list(late.each(["one", "two"]))
    with opened.platform.db.transaction() as tx:
        finished = late.finish(tx)
        kept = tx.get_one(BillCheck, opened.lot)
        state = kept.read, kept.lease_until, kept.finished_at

    assert (told, finished, state) == (["one", "two"], None, (0, None, None))


def test_prices_that_are_not_read_out_are_not_checked(scene: Scene) -> None:
    give_bill(scene)

    assert verdict(refused(scene, "tenderer", "POST", f"/bill-checks/{scene.lot}")) == (
        409,
        "E_PRICES_SEALED",
    )
