"""Nobody is shown a file of an opened bid that the scanner found something in, or could not look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from scanners import EICAR, FOUND, Heard, scanner
from scene import Scene
from scene_city import BIDDERS, EXPERTS
from scene_committee import seat
from scene_facts import events, refused, verdict

from govcore.platform import Platform
from govcore.scanner import Scanner
from trading.client import Refused
from trading.opening.parts import check_parts

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
MEMBER = EXPERTS[0]


@pytest.fixture
def heard() -> Iterator[Heard]:
    with scanner() as found:
        yield found


def point_to(platform: Platform, url: str) -> None:
    """The site names this scanner, or none."""
    platform.settings = replace(platform.settings, scanner_url=url)
    platform.scanner = Scanner(url) if url else None


@pytest.fixture
def opened(scene: Scene, tmp_path: Path) -> Scene:
    """The first bid holds a harmful file beside its plan; a committee sits."""
    harmful, plan = tmp_path / "harmful.docx", tmp_path / "plan.pdf"
    harmful.write_bytes(EICAR)
    plan.write_bytes(b"%PDF-1.7 /JavaScript ")
    for bidder in BIDDERS[:3]:
        files = [("说明.docx", harmful), ("方案.pdf", plan)] if bidder == BIDDERS[0] else ()
        scene.submit(bidder, scene.seal(bidder, files=files))
    scene.open_all()
    seat(scene, scene.lot)
    scene.keep_signed_in()
    return scene


def test_a_found_file_is_kept_back_until_two_people_show_it(opened: Scene, heard: Heard) -> None:
    point_to(opened.platform, heard.url)
    bid = next(one for one in opened.hall()["bids"] if one["uscc"] == opened.uscc(BIDDERS[0]))
    room, member = f"/evaluation/{opened.lot}/reading", opened.person(MEMBER)
    files, whole = f"{room}/{bid['bid_id']}/technical", f"/api/lots/{opened.lot}/bids/{bid['bid_id']}/opened"

    listed = member.call("GET", f"{room}?bid={bid['bid_id']}&part=technical").text

    assert [f"有害：{FOUND}" in listed, "含脚本" in listed, "内容与文件名后缀不符" in listed] == [True] * 3
    assert member.call("GET", f"{files}/2").content.startswith(b"%PDF")
    for path in (f"{files}/1", f"{whole}/technical"):
        assert verdict(refused(opened, MEMBER, "GET", path)) == (409, "E_KEPT_BACK")
    assert member.call("GET", f"{whole}/summary").status_code == 200
    scanned = len(heard.files)
    assert bid["state"] == next(one for one in opened.hall()["bids"] if one["uscc"] == bid["uscc"])["state"]

    assert FOUND in opened.person("centre").call("GET", f"/lots/{opened.lot}/opening").text
    assert FOUND not in opened.person("agency").call("GET", f"/lots/{opened.lot}/opening").text
    content = {"number": bid["number"], "part": "technical", "file": 1}
    asked = {"reason": "评标需要", "content": content}
    proposals = f"/api/acts/opening.show_file/{opened.lot}/proposals"
    assert verdict(refused(opened, "agency", "POST", proposals, json=asked))[0] == 403
    page = f"/two-person/propose/opening.show_file/{opened.lot}?number={bid['number']}&part=technical&file=1"
    assert FOUND in opened.person("centre").call("GET", f"{page}&why=%E6%97%A0%E5%AE%B3").text
    made = opened.person("centre").post(proposals, asked)
    assert verdict(refused(opened, MEMBER, "GET", f"{files}/1")) == (409, "E_KEPT_BACK")
    seen = {"act": made["act"], "object_id": made["object_id"], "sha256": made["sha256"]}
    opened.person("regulator").post(f"/api/proposals/{made['id']}/confirm", seen)

    assert member.call("GET", f"{files}/1").content == EICAR
    assert len(heard.files) == scanned  # what was scanned once is not scanned at each reading
    told = {
        one["type"]: one["data"] for one in events(opened, "opening.file_kept_back", "opening.file_shown")
    }
    about = {"part": "technical", "file": "1", "threat": FOUND}
    assert told == {
        "opening.file_kept_back": about,
        "opening.file_shown": about,
    }


def test_while_the_scanner_is_silent_nothing_is_shown_and_the_check_goes_on(opened: Scene) -> None:
    bid = opened.hall()["bids"][0]["bid_id"]
    path = f"/evaluation/{opened.lot}/reading/{bid}/technical/1"
    point_to(opened.platform, "tcp://127.0.0.1:1")

    check_parts(opened.platform, bid)

    for asked in (path, f"/evaluation/{opened.lot}/reading?bid={bid}&part=technical"):
        assert verdict(refused(opened, MEMBER, "GET", asked)) == (503, "E_SCANNER")
    with scanner() as heard:
        point_to(opened.platform, heard.url)
        with pytest.raises(Refused, match="E_KEPT_BACK"):  # which is told to the log, so not by `refused`
            opened.person(MEMBER).call("GET", path)
    point_to(opened.platform, "")
    assert verdict(refused(opened, MEMBER, "GET", path)) == (409, "E_KEPT_BACK")


def test_a_site_without_a_scanner_shows_files_and_tells_what_they_are(opened: Scene) -> None:
    bid = opened.hall()["bids"][0]["bid_id"]
    room, member = f"/evaluation/{opened.lot}/reading", opened.person(MEMBER)

    check_parts(opened.platform, bid)
    listed = member.call("GET", f"{room}?bid={bid}&part=technical").text
    given = member.call("GET", f"{room}/{bid}/technical/1")

    assert ["含脚本" in listed, "未配置病毒扫描服务" in listed, "有害" in listed] == [True, True, False]
    assert given.headers["content-disposition"].startswith("attachment;")


def test_files_in_forms_are_scanned_before_anything_sees_them(scene: Scene, heard: Heard) -> None:
    page, public = "/api/verify-document", {"file": ("notice.pdf", EICAR)}
    point_to(scene.platform, heard.url)

    problem = refused(scene, "agency", "POST", page, files=public)
    plain = refused(scene, "agency", "POST", page, files={"file": ("notice.pdf", b"%PDF-1.7 plain")})
    point_to(scene.platform, "tcp://127.0.0.1:1")

    assert (verdict(problem), verdict(plain)) == ((422, "E_HARMFUL_FILE"), (404, "E_NOT_SEALED_HERE"))
    assert heard.files == [EICAR, EICAR, *[b"%PDF-1.7 plain"] * 2]
    assert verdict(refused(scene, "agency", "POST", page, files=public)) == (503, "E_SCANNER")
