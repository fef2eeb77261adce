"""In the hall: who may sign in, object, answer and confirm, when; and the record that keeps what was said."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scene import Scene
from scene_facts import events, refused, verdict
from sqlalchemy import delete

from bidding_docs.sealing import SealedBid
from trading.bidding.models import Bid
from trading.client import Refused
from trading.opening import hall_queries

Sealed = dict[str, SealedBid]


def act(scene: Scene, person: str, what: str, **fields: str) -> int:
    """Post one of the hall's forms; the status of the answer."""
    path = f"/lots/{scene.lot}/opening/{what}"
    return scene.person(person).call("POST", path, data=fields, follow_redirects=False).status_code


def refusal(scene: Scene, person: str, what: str, **fields: str) -> tuple[int, str]:
    return verdict(refused(scene, person, "POST", f"/lots/{scene.lot}/opening/{what}", data=fields))


def desk(scene: Scene, person: str) -> str:
    return scene.person(person).call("GET", "/desk").text


@pytest.fixture
def read_out(scene: Scene, waiting: Sealed) -> Sealed:
    """All bids were read out just now: objections are heard and bidders confirm."""
    scene.release(1, 3)
    assert scene.open_gate()
    scene.read_out()
    return waiting


def test_before_the_closing_a_bidder_signs_in_nowhere_whether_it_has_bid_or_not(
    scene: Scene, sealed: Sealed
) -> None:
    assert [refusal(scene, name, "sign-in") for name in ("bidder-1", "bidder-4", "stranger")] == [
        (409, "E_SIGN_IN_NOT_OPEN")
    ] * 3
    assert events(scene, "opening.attended") == []


def test_the_hosts_sign_in_an_hour_before_and_bidders_of_the_lot_after_the_closing(
    scene: Scene, waiting: Sealed
) -> None:
    for person in ("agency", "tenderer", "regulator", "centre", "bidder-1", "bidder-3", "bidder-1"):
        assert act(scene, person, "sign-in") == 303

    assert refusal(scene, "bidder-4", "sign-in") == (403, "E_NOT_A_PARTY")
    assert refusal(scene, "stranger", "sign-in") == (403, "E_NOT_A_PARTY")
    assert refusal(scene, "auditor", "sign-in") == (403, "E_FORBIDDEN")
    signed_in = [event["data"]["capacity"] for event in events(scene, "opening.attended")]
    assert sorted(signed_in) == ["agency", "bidder", "bidder", "centre", "regulator", "tenderer"]


def test_an_objection_is_answered_on_the_spot_by_the_tenderer_s_side_alone_and_once(
    scene: Scene, read_out: Sealed
) -> None:
    assert act(scene, "bidder-2", "objection", text="  唱标工期与投标文件不一致。 ") == 303
    objection = events(scene, "opening.objection_raised")[0]["data"]
    reply = f"objections/{objection['objection']}/reply"

    assert objection["text"] == "唱标工期与投标文件不一致。"
    assert "在开标大厅答复东坝河工集团有限公司的异议" in desk(scene, "agency")
    assert "在开标大厅答复" not in desk(scene, "centre")
    assert refusal(scene, "centre", reply, text="无权") == (403, "E_FORBIDDEN")
    assert refusal(scene, "bidder-1", reply, text="无权") == (403, "E_FORBIDDEN")
    assert refusal(scene, "agency", reply, text="  ") == (422, "E_EMPTY")
    assert refusal(scene, "agency", "objections/none/reply", text="无") == (404, "E_NOT_FOUND")
    assert act(scene, "agency", reply, text="以解密后的投标文件为准。") == 303
    assert refusal(scene, "tenderer", reply, text="再答") == (409, "E_STATE")
    assert "在开标大厅答复" not in desk(scene, "agency")
    assert refusal(scene, "bidder-4", "objection", text="我没有投标") == (403, "E_NOT_A_PARTY")


def test_nobody_confirms_before_the_read_out_or_after_the_window(scene: Scene, waiting: Sealed) -> None:
    assert refusal(scene, "bidder-1", "confirmation") == (409, "E_STATE")
    scene.release(1, 3)
    scene.open_gate()
    scene.read_out()

    assert act(scene, "bidder-1", "confirmation") == 303
    assert act(scene, "bidder-1", "confirmation") == 303
    scene.move_clock(seconds=5)

    assert refusal(scene, "bidder-2", "confirmation") == (409, "E_HALL_OVER")
    assert refusal(scene, "bidder-2", "objection", text="太晚") == (409, "E_HALL_OVER")
    assert refusal(scene, "bidder-4", "confirmation") == (403, "E_NOT_A_PARTY")
    assert len(events(scene, "opening.confirmed")) == 1


def test_the_record_waits_for_the_window_and_for_every_answer(
    scene: Scene, read_out: Sealed, sweep: Callable[[], None]
) -> None:
    act(scene, "bidder-2", "objection", text="请说明。")
    sweep()
    assert scene.hall()["state"] == "read_out"
    scene.move_clock(seconds=5)
    sweep()
    assert scene.hall()["state"] == "read_out"

    objection = events(scene, "opening.objection_raised")[0]["data"]["objection"]
    act(scene, "tenderer", f"objections/{objection}/reply", text="已说明。")
    sweep()

    assert scene.hall()["state"] == "recorded"


def test_with_every_bidder_s_word_the_record_is_made_at_once_and_tells_it_all(
    scene: Scene, read_out: Sealed, sweep: Callable[[], None], tmp_path: Path
) -> None:
    act(scene, "agency", "sign-in")
    for bidder in read_out:
        assert "确认第1标段的唱标内容" in desk(scene, bidder)
        for what in ("attendance", "confirmation"):  # as programs do
            scene.person(bidder).post(f"/api/lots/{scene.lot}/opening/{what}", {})
        assert "确认第1标段的唱标内容" not in desk(scene, bidder)

    sweep()

    assert scene.hall()["state"] == "recorded"
    pdf = tmp_path / "record.pdf"
    pdf.write_bytes(scene.person("stranger").call("GET", f"/lots/{scene.lot}/opening/record.pdf").content)
    text = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert (text.count("已确认"), text.count("未确认")) == (3, 0)
    assert "临湖市正衡招标代理有限公司" in text.split("四、签到")[1].split("五、异议和答复")[0]
    assert "无异议。" in text


def hand_in_receipt(scene: Scene, bidder: str, name: str, receipt: bytes) -> int:
    path = f"/lots/{scene.lot}/opening/seal-objection"
    person = scene.person(bidder)
    files = {"receipt": (name, receipt, "application/json")}
    return person.call("POST", path, files=files, follow_redirects=False).status_code


def test_a_missing_bid_is_objected_to_and_answered_in_the_hall(scene: Scene, sealed: Sealed) -> None:
    lost = scene.seal("bidder-4")
    receipt = scene.submit("bidder-4", lost)
    with scene.platform.db.transaction() as tx:
        tx.execute(delete(Bid).where(Bid.manifest_sha256 == lost.manifest_sha256))
    scene.close()
    honoured = (sealed["bidder-1"].folder / "receipt.json").read_bytes()

    with pytest.raises(Refused, match="E_OBJECTION_UNFOUNDED"):
        hand_in_receipt(scene, "bidder-1", "receipt.json", honoured)
    with pytest.raises(Refused, match="E_SCHEMA"):
        hand_in_receipt(scene, "bidder-1", "", b"")
    assert hand_in_receipt(scene, "bidder-4", "receipt.json", receipt) == 303

    assert objections_shown(scene) == [("长堤水务建设有限公司", None)]
    objection = events(scene, "opening.objected")[0]["subject"]
    answer = f"seal-objections/{objection}/answer"
    assert refusal(scene, "agency", answer, text="无权") == (403, "E_FORBIDDEN")
    assert act(scene, "centre", answer, text="已核对，回执有效。") == 303
    assert objections_shown(scene) == [("长堤水务建设有限公司", "已核对，回执有效。")]


def objections_shown(scene: Scene) -> list[tuple[str, str | None]]:
    with scene.platform.db.read() as tx:
        return [(one.bidder, one.answer) for one in hall_queries.seal_objections(tx, scene.lot)]
