"""Holiday notices: read, previewed, loaded by the system administrator, seen at once, never lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from apps import app_for
from litestar.testing import TestClient
from sqlalchemy import func, select

from govcore import clock
from govcore.audit.models import LogOutbox
from govcore.calendar import queries, service, vendored
from govcore.calendar.notices import UnusableNotice, YearNotice, read_notice, shipped
from govcore.calendar.service import ChangedDay
from govcore.errors import Forbidden
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform

FILE = (Path(__file__).parent / "holiday_notice_2027.json").read_text(encoding="utf-8")
NOTICE = read_notice(FILE)
AT = datetime(2026, 11, 26, 1, tzinfo=UTC)
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def people(platform: Platform) -> dict[str, Actor]:
    """The system administrator, who may load, and two who may not."""
    roles = {"system": Role.SYSTEM_ADMIN, "security": Role.SECURITY_ADMIN, "citizen": Role.CITIZEN}
    with platform.db.transaction() as tx:
        for name, role in roles.items():
            user = register_user(
                tx,
                username=name,
                name=name,
                password="correct horse battery",
                org_id=None,
                roles=[role],
                actor="system",
                at=AT,
            )
            tx.info.setdefault("people", {})[name] = user.id
        ids = tx.info["people"]
    with platform.db.read() as tx:
        return {name: actor_of_user(tx, ids[name]) for name in roles}


def load(platform: Platform, notice: YearNotice, actor: Actor) -> service.Preview:
    with platform.db.transaction() as tx:
        return service.load(tx, notice, actor=actor, at=AT)


def logged(platform: Platform) -> int:
    with platform.db.read() as tx:
        return tx.scalar(select(func.count()).select_from(LogOutbox)) or 0


def changed(change: Change) -> str:
    data = json.loads(FILE)
    change(data)
    return json.dumps(data)


def amended(**days: list[str]) -> YearNotice:
    return read_notice(changed(lambda data: data["2027"].update(days)))


WRONG: list[tuple[Change, str]] = [
    (lambda data: data["2027"].update(notices=[]), "it does not say where it was published"),
    (lambda data: data["2027"].update(notices=["javascript:x"]), "it does not say where it was published"),
    (lambda data: data["2027"].update(off=["2027-01-01"]), "it names fewer days off than a year has"),
    (
        lambda data: data["2027"]["off"].append("2026-11-30"),
        "2026-11-30 is neither in 2027 nor in the December before",
    ),
    (
        lambda data: data["2027"]["off"].append("2028-01-01"),
        "2028-01-01 is neither in 2027 nor in the December before",
    ),
    (lambda data: data["2027"]["off"].append("2027-01-01"), "2027-01-01 is named twice"),
    (lambda data: data["2027"]["work"].append("2027-01-02"), "2027-01-02 is named twice"),
    (
        lambda data: data["2027"]["work"].append("2027-03-01"),
        "2027-03-01 is no weekend day that offices could make up on",
    ),
    (lambda data: data.update({"2028": data["2027"]}), "it holds 2 years instead of one"),
]


@pytest.mark.parametrize(("change", "sentence"), WRONG, ids=[sentence for _, sentence in WRONG])
def test_a_notice_that_cannot_be_right_is_refused_in_one_sentence(change: Change, sentence: str) -> None:
    with pytest.raises(UnusableNotice) as refusal:
        read_notice(changed(change))

    assert str(refusal.value.data["detail"]) == sentence


@pytest.mark.parametrize(
    "content", ["", "[]", '{"2027": {}}', '{"2027": {"off": ["tomorrow"], "work": [], "notices": []}}']
)
def test_what_is_no_notice_is_refused(content: str) -> None:
    with pytest.raises(UnusableNotice):
        read_notice(content)


def test_a_notice_is_previewed_and_changes_nothing_until_it_is_loaded(
    platform: Platform, people: dict[str, Actor]
) -> None:
    with platform.db.read() as tx:
        found = service.preview(tx, NOTICE, actor=people["system"], at=AT)
        present = queries.calendar_of(tx)

    assert present is vendored()
    assert (found.replaces, found.days[:3]) == (
        None,
        (
            ChangedDay(date(2026, 12, 27), True),
            ChangedDay(date(2027, 1, 1), False),
            ChangedDay(date(2027, 2, 5), False),
        ),
    )
    assert ChangedDay(date(2027, 2, 13), True) in found.days
    assert date(2027, 1, 2) not in [one.day for one in found.days]


def test_a_loaded_notice_counts_at_once_for_every_process(
    platform: Platform, people: dict[str, Actor]
) -> None:
    other = Platform.open(platform.settings)
    try:
        with other.db.read() as tx:
            before = queries.calendar_of(tx)
        load(platform, NOTICE, people["system"])
        with other.db.read() as tx:
            after = queries.calendar_of(tx)
    finally:
        other.db.dispose()

    assert (before.last.year, after.last.year) == (2026, 2027)
    assert before.version != after.version
    assert after.is_working_day(date(2026, 12, 27))
    assert not before.is_working_day(date(2026, 12, 27))
    assert after.due_after(date(2026, 12, 31), 1).day == date(2027, 1, 4)
    assert [after.is_provisional(date(2027, 12, day)) for day in (24, 25)] == [False, True]


def test_an_amended_notice_supersedes_and_the_first_stays_readable(
    platform: Platform, people: dict[str, Actor]
) -> None:
    before = logged(platform)
    load(platform, NOTICE, people["system"])
    second = amended(work=["2027-02-13"])
    load(platform, second, people["system"])

    with platform.db.read() as tx:
        calendar, shown = queries.calendar_of(tx), queries.notices(tx)

    assert not calendar.is_working_day(date(2027, 2, 20))
    assert [(one.notice.sha256, one.superseded) for one in shown[:2]] == [
        (second.sha256, False),
        (NOTICE.sha256, True),
    ]
    assert logged(platform) == before + 2


@pytest.mark.parametrize(
    ("notice", "sentence"),
    [
        (YearNotice(2028, NOTICE.days), "the year after 2026 comes next"),
        (shipped()[2026], "it is loaded already"),
    ],
    ids=["a year is left out", "nothing new"],
)
def test_a_year_comes_after_the_last_one(
    platform: Platform, people: dict[str, Actor], notice: YearNotice, sentence: str
) -> None:
    with pytest.raises(UnusableNotice) as refusal:
        load(platform, notice, people["system"])

    assert str(refusal.value.data["detail"]) == sentence


@pytest.mark.parametrize("name", ["security", "citizen"])
def test_nobody_else_loads_a_notice(platform: Platform, people: dict[str, Actor], name: str) -> None:
    with pytest.raises(Forbidden):
        load(platform, NOTICE, people[name])
    with platform.db.read() as tx:
        assert queries.calendar_of(tx) is vendored()


def test_the_administrator_loads_a_file_after_seeing_it(platform: Platform, people: dict[str, Actor]) -> None:
    with platform.db.transaction() as tx:
        tokens = {
            name: open_session(tx, user_id=actor.user_id, at=clock.now(tx), strong=True)
            for name, actor in people.items()
        }
    client = TestClient(app_for(platform), base_url="http://site.example")
    client.headers["origin"] = "http://site.example"
    client.cookies.update({"session": tokens["citizen"], "lang": "en"})
    refused = client.get("/calendar/load").status_code
    client.cookies["session"] = tokens["system"]

    wrong = client.post("/calendar/preview", files={"file": ("n.json", b"{}")})
    seen = client.post("/calendar/preview", files={"file": ("n.json", FILE.encode())})
    typed = json.loads(FILE)["2027"]
    fields = {
        "year": "2027",
        "published": typed["notices"][0],
        "off": "\n".join(typed["off"]),
        "work": ", ".join(typed["work"]),
    }
    same = client.post("/calendar/preview", files={"file": ("", b"")}, data=fields)
    done = client.post("/calendar/load", data={"content": NOTICE.content.decode()}, follow_redirects=False)
    public = client.get("/calendar").text
    data = client.get("/api/calendar").json()

    assert (refused, wrong.status_code, seen.status_code, done.status_code) == (403, 422, 200, 303)
    assert "it holds 0 years instead of one" in wrong.text
    assert NOTICE.sha256 in seen.text
    assert NOTICE.sha256 in same.text
    assert "2027-02-13" in public
    assert (list(data["years"])[-1], data["provisional_after"]) == ("2027", "2027-12-24")
