"""A bidder's own keys by page: what it is asked for, until when, and that nobody else sees anything."""

from __future__ import annotations

import re
from collections.abc import Callable

from scene import PASSPHRASE, Scene
from scene_city import BIDDERS, with_bidder_shares

from bidding_docs.sealing import SealedBid
from trading.bidding.recovering import give_share
from trading.client import Refused

Sealed = dict[str, SealedBid]
HTML = {"accept": "text/html"}


def shown(scene: Scene, person: str, act: str) -> str:
    """The page's state in its own words: `form` when it asks, else the heading of what it says instead."""
    page = (
        scene.person(person, language="en").call("GET", f"/lots/{scene.lot}/opening/{act}", headers=HTML).text
    )
    if "data-own-keys" in page:
        return "form"
    said = re.search(r"Not yet|The window is over|has arrived|have arrived", page)
    return said.group() if said else page


def status(scene: Scene, person: str, act: str) -> int:
    try:
        return scene.person(person).call("GET", f"/lots/{scene.lot}/opening/{act}", headers=HTML).status_code
    except Refused as refused:
        return int(refused.problem["status"])


def desk(scene: Scene, person: str) -> list[str]:
    page = scene.person(person, language="en").call("GET", "/desk", headers=HTML).text
    return re.findall(r"Give your share of the keys of [^<]+", page)


def give(scene: Scene, bidder: str, sealed: SealedBid) -> None:
    give_share(scene.person(bidder), scene.lot, sealed.recovery.read_bytes(), PASSPHRASE)


def test_the_share_s_page_follows_its_window_and_is_the_bidder_s_alone(
    scene_of: Callable[..., Scene],
) -> None:
    scene = scene_of(with_bidder_shares())
    sealed = scene.submit_all()
    before = [shown(scene, one, "share") for one in ("bidder-1", "bidder-4")]
    scene.close()

    open_ = [shown(scene, one, "share") for one in BIDDERS[:3]]
    tasks = {person: len(desk(scene, person)) for person in ("bidder-1", "bidder-4", "agency")}
    strangers = {person: status(scene, person, "share") for person in ("bidder-4", "agency", "centre")}
    give(scene, "bidder-1", sealed["bidder-1"])
    given = shown(scene, "bidder-1", "share"), desk(scene, "bidder-1")
    scene.move_clock(hours=1)

    assert before == ["Not yet", "Not yet"]
    assert open_ == ["form"] * 3
    assert tasks == {"bidder-1": 1, "bidder-4": 0, "agency": 0}
    assert strangers == {"bidder-4": 404, "agency": 403, "centre": 403}
    assert given == ("has arrived", [])
    assert shown(scene, "bidder-2", "share") == "The window is over"
    assert desk(scene, "bidder-2") == []


def test_the_keys_are_asked_for_once_the_custodians_time_is_over(scene: Scene, waiting: Sealed) -> None:
    early = shown(scene, "bidder-1", "recovery")
    scene.move_clock(hours=1)

    due = {person: status(scene, person, "recovery") for person in ("bidder-1", "bidder-4", "agency")}
    scene.release(1, 3)
    assert scene.open_gate()

    assert early == "Not yet"
    assert due == {"bidder-1": 200, "bidder-4": 404, "agency": 403}
    assert shown(scene, "bidder-1", "recovery") == "The window is over"
    assert status(scene, "bidder-1", "share") == 404
