"""Supervision notes an outage by form; what is typed wrong is said beside it, and nobody else can note one."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from scene import Scene
from scene_copies import Sealed
from scene_facts import events

from govcore.clock import BEIJING
from trading.client import Refused

HTML = {"accept": "text/html"}


def typed(scene: Scene, *, began: int, ended: int, reason: str = "机房断电") -> dict[str, str]:
    """The form with Beijing times so many minutes from now."""
    now = scene.now().astimezone(BEIJING)
    moments = {"began": now + timedelta(minutes=began), "ended": now + timedelta(minutes=ended)}
    return {name: at.strftime("%Y-%m-%dT%H:%M") for name, at in moments.items()} | {"reason": reason}


def note(scene: Scene, form: dict[str, str], person: str = "regulator") -> str:
    """The page after sending the form, or the status of the refusal."""
    path, someone = f"/lots/{scene.lot}/opening/outage", scene.person(person, language="en")
    try:
        someone.call("POST", path, data=form, headers=HTML, follow_redirects=False)
        return someone.call("GET", path, headers=HTML).text
    except Refused as refused:
        return str(refused.problem["status"])


def wrong(page: str) -> list[str]:
    return re.findall(r'<li><a href="#(\w+)">', page)


def test_supervision_notes_an_outage_in_beijing_time(scene: Scene, waiting: Sealed) -> None:
    form = typed(scene, began=-30, ended=-10)

    page = note(scene, form)

    (event,) = events(scene, "opening.outage_noted")
    assert event["data"]["reason"] == "机房断电"
    assert form["began"].replace("T", " ") + ":00" in page
    assert "Noted for this stage:" in page


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"began": ""}, ["began"]),
        ({"ended": "yesterday"}, ["ended"]),
        ({"began": "2126-01-01T00:00"}, ["ended"]),
        ({"reason": " "}, ["reason"]),
        ({"began": "", "ended": "", "reason": ""}, ["began", "ended", "reason"]),
    ],
)
def test_what_is_typed_wrong_is_said_beside_it_and_kept(
    scene: Scene, waiting: Sealed, change: dict[str, str], fields: list[str]
) -> None:
    form = typed(scene, began=-30, ended=-10) | change
    path = f"/lots/{scene.lot}/opening/outage"

    answer = scene.http.post(
        path,
        data=form,
        headers={**HTML, "cookie": f"session={scene.city.tokens['regulator']}; lang=en"},
    )

    assert (answer.status_code, wrong(answer.text)) == (422, fields)
    assert form["reason"].strip() in answer.text
    assert events(scene, "opening.outage_noted") == []


def test_nobody_else_notes_an_outage_and_not_before_the_closing(scene: Scene, sealed: Sealed) -> None:
    form = typed(scene, began=-30, ended=-10)
    early = note(scene, form)
    scene.close()

    others = {person: note(scene, form, person) for person in ("bidder-1", "agency", "centre", "auditor")}

    assert early == "409"
    assert set(others.values()) == {"403"}
    assert events(scene, "opening.outage_noted") == []
