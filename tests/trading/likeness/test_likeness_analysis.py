"""Opened bids are compared beside all requests, and what they share is shown to who may see it, each reading logged."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from openpyxl import load_workbook
from scene import Scene
from scene_city import FORM
from scene_committee import seat
from scene_facts import events, refused, verdict

from bidding_docs import summary
from govcore import clock
from trading.documents.models import Version
from trading.documents.queries import in_force, store_key
from trading.evaluation.models import EvaluationRound
from trading.likeness import service
from trading.likeness.models import Analysis
from trading.tender.models import Tender

FORM_TEXT = "投标人应当按照招标文件的要求逐项填写下列承诺并加盖公章未作出承诺的投标将被否决" * 5
COPIED = "".join(
    f"第{n}步围堰采用袋装土料填筑迎水面铺设土工膜用工{n * 37}人机械{n * 53}台时" for n in range(9)
)
PLANS = {
    "bidder-1": FORM_TEXT + "两个作业班组轮换" + COPIED,
    "bidder-2": FORM_TEXT + "拌和站自建，养护十四天" + FORM_TEXT,
    "bidder-3": COPIED + "轻型井点降水" + FORM_TEXT,
}
PRICES_FEN = (9_871_233_10, 10_022_871_46, 9_950_004_99)


def give_form(scene: Scene) -> None:
    """Put a text to be filled in into the documents in force."""
    raw = FORM_TEXT.encode()
    sha256 = hashlib.sha256(raw).hexdigest()
    scene.platform.store.put_new(store_key(scene.city.tender_id, sha256), raw)
    with scene.platform.db.transaction() as tx:
        version = in_force(tx, scene.city.tender_id)
        file = {"kind": "attachment", "name": "格式.txt", "size": len(raw), "sha256": sha256}
        tx.get_one(Version, (version.tender_id, version.number)).files = [*version.files, file]


@pytest.fixture
def opened(scene: Scene, tmp_path: Path) -> Scene:
    """Three bids on the tender's form: the first and the third copied from each other and have one manager."""
    give_form(scene)
    for n, (bidder, text) in enumerate(PLANS.items()):
        path = tmp_path / f"{bidder}.txt"
        path.write_text(text, encoding="utf-8")
        person = "甲" if bidder != "bidder-2" else "乙"
        values = {"price_fen": PRICES_FEN[n], "duration_days": 170 + n, "quality": "合格"}
        values |= {"manager": f"虚构经理{person}", "manager_certificate": f"虚构-{n}"}
        sealed = scene.seal(bidder, files=[("方案.txt", path)], values=summary.write(FORM, values))
        scene.submit(bidder, sealed)
    scene.open_all()
    scene.keep_signed_in()
    return scene


def analyse(scene: Scene) -> None:
    scene.person("regulator").call("POST", f"/likeness/{scene.lot}", follow_redirects=False)
    assert service.carry_out(scene.platform, scene.lot)


def judge_blind(scene: Scene, part: str) -> None:
    """The documents say that a part is judged blind."""
    with scene.platform.db.transaction() as tx:
        tender = tx.get_one(Tender, scene.city.tender_id)
        parts = [{**one, "blind": one["id"] == part} for one in tender.content["parts"]]
        tender.content = {**tender.content, "parts": parts}


def found(scene: Scene) -> list[tuple[str, list[int]]]:
    with scene.platform.db.read() as tx:
        return [(one["sign"], one["bids"]) for one in tx.get_one(Analysis, scene.lot).found]


def ordered_again(scene: Scene) -> tuple[bool, bool]:
    """What carrying it out gives while another worker has it, and once that one's lease is over."""
    scene.person("regulator").call("POST", f"/likeness/{scene.lot}", follow_redirects=False)
    with scene.platform.db.transaction() as tx:
        tx.get_one(Analysis, scene.lot).lease_until = scene.now() + service.LEASE
    busy = service.carry_out(scene.platform, scene.lot)
    scene.move_clock(minutes=16)
    return busy, service.carry_out(scene.platform, scene.lot)


def test_what_bids_share_beyond_the_tenders_form_is_listed_and_taken_away(opened: Scene) -> None:
    regulator, here = opened.person("regulator"), f"/likeness/{opened.lot}"
    before = regulator.call("GET", here).text
    early = refused(opened, "regulator", "GET", f"{here}/report.pdf")

    analyse(opened)

    after = regulator.call("GET", here).text
    first, third = (
        next(one["number"] for one in opened.hall()["bids"] if one["uscc"] == opened.uscc(bidder))
        for bidder in ("bidder-1", "bidder-3")
    )
    both = sorted((first, third))
    assert found(opened) == [("same_person", both), ("same_text", both)]
    assert ("尚未分析" in before, "文字段落相同" in after, "实施条例第40条第4项" in after) == (
        True,
        True,
        True,
    )
    assert verdict(early)[0] == 404
    assert regulator.call("GET", f"{here}/report.pdf").content.startswith(b"%PDF")
    sheet = load_workbook(io.BytesIO(regulator.call("GET", f"{here}/report.xlsx").content)).active
    assert sheet is not None
    rows = [row[2] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert rows == ["主要人员或者证书编号相同", "文字段落相同"]
    forms = [one["data"]["form"] for one in events(opened, "likeness.read")]
    assert sorted(forms) == ["page", "pdf", "xlsx"]
    assert not service.carry_out(opened.platform, opened.lot)
    assert ordered_again(opened) == (False, True)
    assert found(opened) == [("same_person", both), ("same_text", both)]


def test_only_who_judges_or_supervises_sees_it_and_the_tenderer_after_the_report(opened: Scene) -> None:
    analyse(opened)
    here = f"/likeness/{opened.lot}"
    barred = (("centre", 403), ("agency", 403), ("bidder-1", 403), ("expert-1", 404), ("tenderer", 404))

    for person, code in barred:
        assert verdict(refused(opened, person, "GET", here))[0] == code
        assert verdict(refused(opened, person, "POST", here))[0] == code
    member, *_ = seat(opened, opened.lot)
    assert "文字段落相同" in opened.person(member).call("GET", here).text
    with opened.platform.db.transaction() as tx:
        at, none = clock.now(tx), "0" * 64
        tx.add(
            EvaluationRound(lot_id=opened.lot, number=1, began_at=at, criteria_sha256=none, completed_at=at)
        )
    assert "文字段落相同" in opened.person("tenderer").call("GET", here).text
    judge_blind(opened, "technical")
    masked = opened.person(member).call("GET", here).text
    assert ("文字段落相同" in masked, "另有1处在暗标部分" in masked) == (False, True)
    assert "文字段落相同" in opened.person("regulator").call("GET", here).text


def test_nothing_is_compared_before_the_read_out(scene: Scene) -> None:
    scene.submit_all()

    problem = refused(scene, "regulator", "POST", f"/likeness/{scene.lot}")

    assert verdict(problem) == (409, "E_NOTHING_TO_COMPARE")
    assert not service.carry_out(scene.platform, scene.lot)
