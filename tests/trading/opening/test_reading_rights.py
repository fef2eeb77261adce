"""Who reads what: bidders their receipts, members the opened bids of their lot, anybody the published part."""

from __future__ import annotations

import io
import zipfile

import pytest
from pypdf import PdfReader
from scene import Scene
from scene_city import EXPERTS
from scene_committee import seat

from bidding_docs import age
from bidding_docs.sealing import SealedBid
from trading.bidding import sending
from trading.client import Refused

Sealed = dict[str, SealedBid]


def _text(pdf: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def _status(refused: pytest.ExceptionInfo[Refused]) -> object:
    return refused.value.problem["status"]


def test_a_bidder_prints_its_own_receipt_and_nobody_elses(scene: Scene, sealed: Sealed) -> None:
    path = f"/lots/{scene.lot}/bid/receipt.pdf"
    bidder = next(iter(sealed))

    text = _text(scene.person(bidder).call("GET", path).content)

    assert "投标文件递交回执" in text
    assert scene.uscc(bidder) in text
    with pytest.raises(Refused) as outsider:
        scene.person("agency").call("GET", path)
    assert _status(outsider) == 403


def test_a_withdrawal_has_its_own_paper(scene: Scene, sealed: Sealed) -> None:
    bidder, last = next(iter(sealed.items()))
    scene.withdraw(bidder, last)

    pdf = scene.person(bidder).call("GET", f"/lots/{scene.lot}/bid/receipt.pdf").content

    assert "投标文件撤回回执" in _text(pdf)


def test_members_read_opened_parts_and_outsiders_do_not(scene: Scene, sealed: Sealed) -> None:
    scene.open_all(1, 2)
    seat(scene, scene.lot)
    bid = scene.hall()["bids"][0]
    path = f"/api/lots/{scene.lot}/bids/{bid['bid_id']}/opened"

    archive = scene.person(EXPERTS[0]).call("GET", f"{path}/technical").content

    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        assert opened.namelist()[0] == "bid-context.json"
        assert opened.testzip() is None
    for outsider in ("agency", "centre", bid_owner(scene, bid["uscc"])):
        with pytest.raises(Refused) as refused:
            scene.person(outsider).call("GET", f"{path}/technical")
        assert _status(refused) == 403
    with pytest.raises(Refused) as unknown:
        scene.person(EXPERTS[0]).call("GET", f"{path}/nothing")
    assert _status(unknown) == 404


def bid_owner(scene: Scene, uscc: str) -> str:
    return next(name for name in scene.city.tokens if name.startswith("bidder") and scene.uscc(name) == uscc)


def test_before_the_read_out_no_part_is_handed_out(scene: Scene, waiting: Sealed) -> None:
    for number in (1, 2, 3):
        with pytest.raises(Refused) as refused:
            scene.person("agency").call("GET", f"/api/lots/{scene.lot}/bids/{number}/parts/summary")
        assert _status(refused) == 404


def test_anybody_opens_a_summary_with_the_published_key(scene: Scene, sealed: Sealed) -> None:
    scene.open_all(1, 2)
    bid = scene.hall()["bids"][0]

    sealed = scene.person("agency").call("GET", f"/api/lots/{scene.lot}/bids/1/parts/summary").content

    plain = age.decrypt_bytes(sealed, [bid["published_key"]])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        assert str(bid["price_fen"]).encode() in archive.read("summary.json")
    with pytest.raises(Refused) as secret:
        scene.person("agency").call("GET", f"/api/lots/{scene.lot}/bids/1/parts/technical")
    assert _status(secret) == 404


def test_bidders_find_their_bid_in_the_fixed_set(scene: Scene, waiting: Sealed) -> None:
    bidder = next(iter(waiting))
    receipt = scene.person(bidder).call("GET", f"/api/lots/{scene.lot}/my-bid/receipt").content

    assert "is one of the 3" in sending.check_seals(scene.person(bidder), scene.lot, receipt)
