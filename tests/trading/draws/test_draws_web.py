"""Draws in the browser and on the command line, each with a stranger."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from drawing import Drawing, value_of
from scene import PASSPHRASE, Scene
from scene_facts import events

from govcore import clock
from govcore.identity.queries import actor_of_user
from trading import client
from trading.client import Refused
from trading.draws import contributing, queries, replay, service
from trading.draws.cli import draw
from trading.draws.policy import DrawState, Purpose
from trading.draws.replay import Quota
from trading.draws.schemas import DrawShown

POOL = ["K=0.01", "K=0.02", "K=0.03", "bid.b1", "bid.b2"]
OPENING = {"pool": POOL, "quotas": [Quota(name="K", number=1, of=POOL[:3])], "exclusions": []}


@pytest.fixture
def drawing(scene: Scene) -> Drawing:
    return Drawing(scene)


def page(drawing: Drawing, user: str, path: str = "", *, language: str = "en") -> str:
    return drawing.scene.person(user, language=language).call("GET", f"/draws/{drawing.draw_id}{path}").text


def post(drawing: Drawing, user: str, act: str, **form: str) -> None:
    drawing.scene.person(user).call(
        "POST", f"/draws/{drawing.draw_id}/{act}", data=form, follow_redirects=False
    )


def test_people_contribute_in_the_browser_and_anybody_replays_it_in_a_shell(drawing: Drawing, tmp_path: Path):
    drawing.begun(Purpose.OPENING, **OPENING)
    for user in ("tenderer", "regulator"):
        asked = page(drawing, user)
        assert ('data-draws="commit"' in asked, f'action="/draws/{drawing.draw_id}' in asked) == (True, False)
        drawing.commit(user)
    drawing.advance()
    for user in ("tenderer", "regulator"):
        post(drawing, user, "reveal", value=f" {value_of(user).upper()} ")
    drawing.advance()

    html = unescape(page(drawing, "bidder-1"))
    commands = re.findall(r"<code>(printf [^\n]+)\n([0-9a-f]{64})  -</code>", html)
    printed = [
        subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True).stdout.split()[0]
        for command, _ in commands
    ]
    assert printed == [expected for _, expected in commands]
    assert len(commands) == 7
    file = tmp_path / "draw.json"
    file.write_text(page(drawing, "bidder-1", "/file"))
    assert CliRunner().invoke(draw, ["verify", str(file)]).exit_code == 0

    checked = drawing.scene.http.post(
        "/verify/draw",
        files={"file": ("draw.json", file.read_bytes())},
        headers={"cookie": "lang=en", "accept": "text/html"},
    )
    assert checked.status_code == 200
    assert "every step holds: the draw is right" in checked.text
    assert f'href="/draws/{drawing.draw_id}"' in checked.text


def test_a_changed_draw_and_a_file_that_is_none_are_told_apart_on_the_page(drawing: Drawing):
    drawing.drawn()
    with drawing.scene.platform.db.read() as tx:
        document = queries.document(tx, drawing.draw_id, actor=actor_of_user(tx, "regulator"))
    steered = {**document, "taken": document["taken"][:-1]}

    pages = [
        drawing.scene.http.post(
            "/verify/draw",
            files={"file": ("draw.json", raw)},
            headers={"cookie": "lang=en", "accept": "text/html"},
        )
        for raw in (replay.canonical(document), replay.canonical(steered), b"{}", b"[" * 100_000)
    ]

    assert [one.status_code for one in pages] == [200, 200, 422, 422]
    assert ["1 steps do not hold" in one.text for one in pages] == [False, True, False, False]
    assert ["[E_NOT_A_DRAW]" in one.text for one in pages] == [False, False, True, True]
    assert [f"/draws/{drawing.draw_id}" in one.text for one in pages] == [False] * 4  # not published yet


def test_a_blind_draw_is_nobodys_who_takes_no_part_until_it_is_published(drawing: Drawing):
    drawing.drawn()

    for user in ("bidder-1", "agency"):
        with pytest.raises(Refused) as refused:
            page(drawing, user)
        assert refused.value.problem["status"] == 404
    with pytest.raises(Refused):
        page(drawing, "tenderer", "/file")
    html = page(drawing, "tenderer")
    with drawing.scene.platform.db.read() as tx:
        values = [one.reveal for one in queries.contributors(tx, drawing.draw_id)]
    assert [secret for secret in (*values, "x01", drawing.row().seed) if secret in html] == []
    with drawing.scene.platform.db.transaction() as tx:
        service.publish(tx, drawing.draw_id, at=clock.now(tx))
    assert drawing.row().seed in page(drawing, "bidder-1", language="zh_CN")


def test_the_page_says_whose_turn_it_is_and_the_list_puts_it_first(drawing: Drawing):
    drawing.begun()
    person = drawing.scene.person("regulator", language="en")

    assert "Commit now" in person.call("GET", "/draws").text
    drawing.commit("regulator")
    drawing.commit("tenderer")
    drawing.advance()
    assert "Reveal now" in person.call("GET", "/draws").text
    drawing.reveal("tenderer")
    drawing.scene.move_clock(minutes=6)
    drawing.advance()

    html = drawing.scene.person("centre", language="en").call("GET", "/draws").text
    assert "Open your share" in html
    inbox = drawing.scene.person("centre", language="en").call("GET", "/inbox").text
    assert "A value of a draw was not revealed in its time" in inbox


def on_the_command_line(drawing: Drawing, folder: Path, user: str) -> Path:
    """The folder of somebody's signing key and pinned authority, as `enrol` leaves it."""
    home = folder / user
    home.mkdir()
    authority = drawing.scene.authority().public_bytes(Encoding.PEM)
    (home / client.AUTHORITY).write_bytes(authority)
    return home


def opened_by(drawing: Drawing, user: str, home: Path) -> list[str]:
    scene = drawing.scene
    return contributing.open_withheld(scene.person(user), home, PASSPHRASE, drawing.draw_id, now=scene.now())


def test_values_stay_on_the_machines_and_custodians_open_what_is_withheld(drawing: Drawing, tmp_path: Path):
    scene = drawing.scene
    homes = {
        user: on_the_command_line(drawing, tmp_path, user) for user in ("centre", "tenderer", "regulator")
    }
    for user, home in homes.items():
        contributing.make_key(scene.person(user), scene.city.signers[user], home, PASSPHRASE)
    drawing.announce()
    drawing.advance()

    authority = scene.authority()
    for user in ("tenderer", "regulator"):
        [shown] = contributing.waiting(scene.person(user))
        assert (shown.own, shown.turn) == (user, "commit")
        names = contributing.commit(scene.person(user), homes[user], authority, drawing.draw_id)
        assert len(set(names)) == 3
    with pytest.raises(contributing.NotRight):
        contributing.commit(scene.person("centre"), homes["centre"], authority, drawing.draw_id)
    drawing.advance()
    contributing.reveal(scene.person("regulator"), homes["regulator"], drawing.draw_id)
    with pytest.raises(contributing.NotRight):
        opened_by(drawing, "centre", homes["centre"])
    scene.move_clock(minutes=6)
    drawing.advance()
    for user in ("centre", "regulator"):
        assert opened_by(drawing, user, homes[user]) == ["tenderer"]
    drawing.advance()

    acts = [one["data"] for one in events(scene, "draw.blind_share_shown")]
    assert acts == [{"name": "tenderer", "custodian": 1}, {"name": "tenderer", "custodian": 3}]
    assert drawing.row().state == DrawState.DRAWN
    kept = (homes["tenderer"] / f"draw-{drawing.draw_id}.value").read_text().strip()
    with scene.platform.db.read() as tx:
        reveals = {one.name: one.reveal for one in queries.contributors(tx, drawing.draw_id)}
    assert reveals["tenderer"] == kept
    assert drawing.row().seed == replay.seed(drawing.draw_id, drawing.row().pool_hash, reveals)


def test_a_locked_key_is_given_back_to_its_custodian_alone_for_the_draw_that_began_with_it(drawing: Drawing):
    scene, file = drawing.scene, b"locked with a passphrase"
    drawing.give_keys(locked=file)
    drawing.announce()
    drawing.advance()
    drawing.give_keys()
    for name in ("tenderer", "regulator"):
        drawing.commit(name)
    drawing.advance()
    drawing.reveal("regulator")
    scene.move_clock(minutes=6)

    def given(user: str) -> list[bytes | None]:
        shown = msgspec.convert(scene.person(user).get(f"/api/draws/{drawing.draw_id}"), DrawShown)
        return [one.locked for one in shown.withheld]

    assert given("centre") == [file]
    assert 'data-draws="open"' in page(drawing, "centre", "/open")
    assert (given("tenderer"), given("regulator")) == ([file], [file])
    for stranger in ("bidder-1", "agency"):
        with pytest.raises(Refused):
            page(drawing, stranger, "/open")


def end(drawing: Drawing) -> None:
    """The centre proposes to end the draw, the supervising department confirms it."""
    asked = {"reason": "保管人无法到场", "content": {"notice": "保管人无法到场，重新抽取"}}
    made = drawing.scene.person("centre").post(f"/api/acts/draw.end/{drawing.draw_id}/proposals", asked)
    seen = {name: made[name] for name in ("act", "object_id", "sha256")}
    drawing.scene.person("regulator").post(f"/api/proposals/{made['id']}/confirm", seen)


def test_two_people_end_a_draw_only_while_nobody_can_know_what_it_would_give(drawing: Drawing):
    drawing.committed()
    drawing.reveal("regulator")

    with pytest.raises(Refused) as early:
        end(drawing)
    assert early.value.problem["code"] == "E_DRAW_GOES_ON"
    asked = {"reason": "x", "content": {"notice": "x"}}
    with pytest.raises(Refused) as stranger:
        drawing.scene.person("tenderer").post(f"/api/acts/draw.end/{drawing.draw_id}/proposals", asked)
    assert stranger.value.problem["status"] == 403
    drawing.scene.move_clock(minutes=6)
    assert "End this draw" in page(drawing, "centre")
    end(drawing)

    assert (drawing.row().state, drawing.row().void_cause) == (DrawState.VOID, "decided")
    [told] = events(drawing.scene, "draw.blind_voided")
    assert told["data"]["notice"] == "保管人无法到场，重新抽取"
    assert "Two people ended it" in page(drawing, "tenderer")
    with pytest.raises(Refused):
        end(drawing)
