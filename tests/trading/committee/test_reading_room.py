"""The reading room over real sealed bids: members in session read file by file, blind parts under code names."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
import scene_facts
from hostile_pdf import pictures_that_unpack_to
from marked_pdf import MAKER, everything_in, marked_pdf
from pypdf import PdfReader
from scene import Scene
from scene_city import BIDDERS, EXPERTS, ordinary_content
from scene_committee import seat
from scene_fixtures import Build
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.identity.queries import actor_of_user
from trading.client import Refused
from trading.committee import blind
from trading.evaluation.sheet_queries import my_sheet
from trading.opening.parts import check_parts
from trading.tender.schemas import TenderContent

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])
MEMBER = EXPERTS[0]


def blind_content() -> TenderContent:
    one = ordinary_content()
    parts = [
        msgspec.structs.replace(part, blind=True, types=("pdf",)) if part.id == "technical" else part
        for part in one.parts
    ]
    return msgspec.structs.replace(one, parts=parts)


def test_members_read_blind_parts_under_code_names_until_all_have_locked(
    scene_of: Build, tmp_path: Path
) -> None:
    plan, bomb = tmp_path / "plan.pdf", tmp_path / "bomb.pdf"
    plan.write_bytes(marked_pdf(tmp_path))
    bomb.write_bytes(pictures_that_unpack_to(70 << 20, pictures=6))
    scene = scene_of(blind_content())
    for bidder, file in zip(BIDDERS, (plan, plan, bomb), strict=False):
        scene.submit(bidder, scene.seal(bidder, files=[(f"{MAKER}.pdf", file)]))
    bids = sorted(scene.open_all(1, 2)["bids"], key=lambda bid: bid["uscc"] == scene.uscc(BIDDERS[2]))
    names = {bid["bid_id"]: bid["bidder_name"] for bid in bids}
    members = seat(scene, scene.lot)
    room = f"/evaluation/{scene.lot}/reading"
    bid = next(iter(names))

    shelf = page(scene, room)
    coded = codes(scene)
    listed = page(scene, f"{room}?bid={bid}&part=technical")
    copy = scene.person(MEMBER).call("GET", f"{room}/{bid}/technical/1")
    deposit = scene.person(MEMBER).call("GET", f"{room}/{bid}/deposit/1")
    viewer = page(scene, f"{room}/view?a={bid}.technical.1&b={list(names)[1]}.technical")

    assert sorted(coded) == sorted(names)
    assert all(code in shelf for code in coded.values())
    assert (f"{coded[bid]}-1.pdf" in listed, MAKER in listed) == (True, False)
    assert copy.headers["content-disposition"] == f"inline; filename*=UTF-8''{coded[bid]}-1.pdf"
    assert [one.extract_text().strip() for one in PdfReader(io.BytesIO(copy.content)).pages] == [
        "Plan, page 1",
        "Plan, page 2",
    ]
    assert MAKER.encode() not in everything_in(copy.content)
    assert deposit.headers["content-disposition"].startswith("attachment;")
    assert deposit.content == b'{"form":"cash"}'
    assert viewer.count("data-pdf=") == 2
    assert not any(name in viewer for name in names.values())
    assert shown(scene) == [(code, None) for code in sorted(coded.values())]
    assert refused(scene, MEMBER, f"/api/lots/{scene.lot}/bids/{bid}/opened/technical") == "E_BLIND_PART"
    for outsider in ("agency", "centre", BIDDERS[0], "tenderer"):
        assert refused(scene, outsider, f"{room}/{bid}/technical/1") in ("E_FORBIDDEN", "E_NOT_MEMBER")
    other, hostile = list(names)[1:]
    too_much = scene_facts.refused(scene, MEMBER, "GET", f"{room}/{hostile}/technical/1")
    assert scene_facts.verdict(too_much) == (422, "E_FILE_TOO_MUCH")
    once = [(bid, "deposit", "1"), (bid, "technical", "1")]
    assert readings(scene) == sorted([*once, (bid, "technical", "1"), (other, "technical", "1")])

    address = shown_in(viewer)
    whole = read_piece(scene, address, "")
    assert (whole[0], whole[2]) == (200, copy.content)
    assert read_piece(scene, address, "bytes=10-19") == (206, f"bytes 10-19/{len(whole[2])}", whole[2][10:20])
    assert len(readings(scene)) == 4  # the viewer had been logged
    assert read_piece(scene, address[:-1] + "-", "bytes=10-19") == (200, None, copy.content)
    assert len(readings(scene)) == 5  # without its ticket the whole file is read, which is logged
    with pytest.raises(Refused, match="E_RANGE"):
        read_piece(scene, address, "bytes=9999999-")
    check_parts(scene.platform, bid)
    assert read_piece(scene, address, "bytes=10-19")[2] == whole[2][10:20]

    lock(scene, members)

    whole = scene.person(MEMBER).call("GET", f"{room}/{bid}/technical/1")
    assert whole.content == plan.read_bytes()
    assert {name for name, _ in shown(scene)} == set(names.values())
    close(scene)
    assert refused(scene, MEMBER, f"{room}/{bid}/technical/1") == "E_SESSION_CLOSED"


def page(scene: Scene, path: str) -> str:
    return scene.person(MEMBER).call("GET", path).text


def shown_in(viewer: str) -> str:
    """Where the viewer reads its first file."""
    return viewer.partition('data-pdf="')[2].partition('"')[0]


def read_piece(scene: Scene, address: str, asked: str) -> tuple[int, str | None, bytes]:
    """The answer's status, which piece it says it is, and its bytes."""
    answer = scene.person(MEMBER).call("GET", address, headers={"range": asked})
    return answer.status_code, answer.headers.get("content-range"), answer.content


def codes(scene: Scene) -> dict[str, str]:
    with scene.platform.db.read() as tx:
        return blind.codes(tx, scene.lot)


def shown(scene: Scene) -> list[tuple[str, int | None]]:
    """What the member's sheet calls the bids, and the prices that it shows."""
    with scene.platform.db.read() as tx:
        sheet = my_sheet(tx, scene.lot, actor=actor_of_user(tx, MEMBER))
    return [(bid.bidder_name, bid.price_fen) for bid in sheet.bids]


def refused(scene: Scene, person: str, path: str) -> object:
    with pytest.raises(Refused) as caught:
        scene.person(person).call("GET", path)
    return caught.value.problem["code"]


def readings(scene: Scene) -> list[tuple[str, str, str]]:
    """What the log says was read."""
    with scene.platform.db.read() as tx:
        entries = [msgspec.json.decode(event) for event in tx.scalars(select(LogOutbox.event))]
    return sorted(
        (entry["subject"], entry["data"]["part"], entry["data"]["file"])
        for entry in entries
        if entry["type"] == "committee.document_read"
    )


def lock(scene: Scene, members: list[str]) -> None:
    path = f"/api/lots/{scene.lot}/sheet"
    points = {bid["bid_id"]: {"plan": "40.00"} for bid in scene.hall()["bids"]}
    for member in members:
        saved = scene.person(member).call("PUT", path, json={"points": points}).json()
        scene.person(member).post(f"{path}/lock", {"sha256": saved["sha256"]})


def close(scene: Scene) -> None:
    scene.person("centre").call("DELETE", f"/api/lots/{scene.lot}/committee/window")
