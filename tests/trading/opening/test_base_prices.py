"""The tenderer's base price: nobody reads it before the prices of the bids, everybody with them (art. 27, 50)."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader
from scene import Scene
from scene_copies import Sealed
from scene_facts import events
from sqlalchemy import update

from trading.client import Refused
from trading.opening import base_prices
from trading.opening.models import BasePrice
from trading.opening.queries import record_key

HTML = {"accept": "text/html"}
FEN = 9_654_321_00


def give(scene: Scene, fen: int = FEN, *, person: str = "tenderer") -> dict[str, object]:
    found: dict[str, object] = scene.person(person).post(f"/api/lots/{scene.lot}/base-price", {"fen": fen})
    return found


def form(scene: Scene, amount: str, *, person: str = "tenderer", language: str = "en") -> str:
    """The page after sending the form."""
    path, someone = f"/lots/{scene.lot}/base-price", scene.person(person, language=language)
    headers = {**HTML, "cookie": someone._cookie}
    answer = someone._http.post(path, data={"amount": amount}, headers=headers, follow_redirects=False)
    return someone.call("GET", path, headers=HTML).text if answer.is_redirect else answer.text


def dump(scene: Scene) -> str:
    with scene.platform.db.read() as tx:
        rows = tx.connection().exec_driver_sql("SELECT * FROM opening_base_price").all()
    return repr(rows)


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return str(refused.value.problem["code"])


def test_it_is_read_out_after_the_bids_and_stands_in_the_record(scene: Scene, sealed: Sealed) -> None:
    give(scene, 1_00)
    second = give(scene)
    hidden = dump(scene)
    scene.close()
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    assert scene.hall()["base_price_fen"] is None
    scene.read_out()
    scene.write_record()
    waiting = scene.hall()
    for _ in range(2):
        base_prices.read_out(scene.platform, scene.lot)
    scene.write_record()

    hall = scene.hall()
    assert (second["fen"], str(FEN) in hidden) == (None, False)
    assert (waiting["state"], waiting["base_price_fen"]) == ("read_out", None)
    assert (hall["state"], hall["base_price_fen"]) == ("recorded", FEN)
    (told,) = events(scene, "opening.base_price_read_out")
    assert (told["data"]["fen"], told["data"]["sealed_sha256"]) == (FEN, second["sealed_sha256"])
    assert len(events(scene, "opening.base_price_sealed")) == 2
    with scene.platform.db.read() as tx:
        paper = scene.platform.store.get(record_key(tx, scene.lot))
    assert "9,654,321.00" in "".join(one.extract_text() for one in PdfReader(BytesIO(paper)).pages)
    page = (
        scene.person("bidder-1", language="en").call("GET", f"/lots/{scene.lot}/opening", headers=HTML).text
    )
    assert "Base price, a reference only:" in page


def test_nothing_is_read_out_before_the_bids(scene: Scene, sealed: Sealed) -> None:
    give(scene)
    scene.close()
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()

    base_prices.read_out(scene.platform, scene.lot)

    assert (scene.hall()["state"], scene.hall()["base_price_fen"]) == ("released", None)
    assert str(FEN) not in dump(scene)


def test_a_damaged_one_is_told_and_stops_nothing(scene: Scene, sealed: Sealed) -> None:
    give(scene)
    with scene.platform.db.transaction() as tx:
        tx.execute(update(BasePrice).values(sealed=b"age-encryption.org/v1\n"))
    scene.close()
    scene.check_seals()
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()

    base_prices.read_out(scene.platform, scene.lot)
    scene.write_record()

    hall = scene.hall()
    assert (hall["state"], hall["base_price_fen"]) == ("recorded", None)
    page = (
        scene.person("bidder-1", language="en").call("GET", f"/lots/{scene.lot}/opening", headers=HTML).text
    )
    assert "damaged, cannot be read" in page


def test_only_the_tenderer_seals_one_until_the_deadline(scene: Scene) -> None:
    for person in ("agency", "centre", "regulator", "bidder-1"):
        with pytest.raises(Refused) as refused:
            give(scene, person=person)
        assert code_of(refused) == "E_FORBIDDEN"
    for fen in (10**15, 0):
        with pytest.raises(Refused):
            give(scene, fen)
    scene.close()
    with pytest.raises(Refused) as late:
        give(scene)

    assert code_of(late) == "E_BASE_PRICE_LATE"
    assert events(scene, "opening.base_price_sealed") == []


@pytest.mark.parametrize("amount", ["", "much", "-5", "1.234", "99,999,999,999"])
def test_an_amount_that_is_none_is_shown_again_beside_its_field(scene: Scene, amount: str) -> None:
    page = form(scene, amount)

    assert 'href="#amount"' in page
    assert "Sealed. Nobody can read it now" not in page


def test_the_page_says_that_it_is_sealed_and_never_what_it_is(scene: Scene) -> None:
    page = form(scene, "9,654,321.00", language="zh_CN")

    assert "已密封" in page
    assert "9,654,321" not in page
    assert (
        "标底" in scene.person("tenderer").call("GET", f"/tenders/{scene.city.tender_id}", headers=HTML).text
    )
