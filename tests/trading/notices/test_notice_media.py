"""Notices reach a medium once, whatever it does: down, cut off, refusing, lying, talking nonsense."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import msgspec
import pytest
from apps import app_for
from clocks import set_clock
from issued import SUSPENSION, issue
from litestar import Litestar
from litestar.testing import TestClient
from receiver import Receiver
from sqlalchemy import select

from govcore import clock
from govcore.clock import BEIJING
from govcore.identity.models import Organisation
from govcore.identity.policy import Role
from govcore.identity.service import register_user
from govcore.identity.sessions import open_session
from govcore.media import MediaError, read_media
from govcore.notify.models import InboxMessage
from govcore.platform import Platform
from trading.notices import media_queries, tasks
from trading.notices.dispatching import differences
from trading.notices.media import HttpMedium
from trading.notices.models import Dispatch, Notice, Reconciliation
from trading.notices.policy import ATTEMPTS_MAX, pause_after

ID = "province"


@pytest.fixture
def clerk(platform: Platform) -> str:
    """Somebody of the centre, signed in: the session's token."""
    with platform.db.transaction() as tx:
        tx.add(Organisation(id="centre", uscc="12371500MA00000003", name="临湖市公共资源交易中心"))
        tx.flush()
        at = clock.now(tx)
        user = register_user(
            tx,
            username="clerk",
            name="某科员",
            password="correct horse battery",
            org_id="centre",
            roles=[Role.CENTRE],
            actor="system",
            at=at,
        )
        return open_session(tx, user_id=user.id, at=at)


def send(platform: Platform, notice_id: str, *, later: bool = False) -> Dispatch:
    """One attempt; `later` lets the pause go by first."""
    if later:
        info = platform.db.info
        info["clock_offset"] = info.get("clock_offset", timedelta(0)) + timedelta(hours=2)
    (named,) = platform.settings.media
    tasks.send_one(platform, named, HttpMedium(named), notice_id)
    return row(platform, notice_id)


def row(platform: Platform, notice_id: str) -> Dispatch:
    with platform.db.read() as tx:
        return tx.get_one(Dispatch, (notice_id, ID))


def alarms(platform: Platform) -> list[str]:
    with platform.db.read() as tx:
        return list(tx.scalars(select(InboxMessage.text)))


def test_a_notice_is_sent_signed_with_its_exact_content_and_acknowledged(
    platform: Platform, medium: Receiver
) -> None:
    notice_id = issue(platform)

    settled = send(platform, notice_id)

    (message,) = medium.messages
    with platform.db.read() as tx:
        digest = tx.get_one(Notice, notice_id).sha256
    assert (settled.state, settled.receipt, medium.forged) == ("acknowledged", f"R-{notice_id}", 0)
    assert hashlib.sha256(message["content"].encode()).hexdigest() == message["sha256"] == digest
    assert message["record"]["PROJECT_CODE"] == "E3715000001000001"
    assert message["record"]["NOTICE_MEDIA"] == "省招标投标公共服务平台"
    assert msgspec.json.decode(message["content"])["fields"]["reason"] == SUSPENSION["reason"]


def test_nothing_is_sent_before_its_paper_is_set(platform: Platform, medium: Receiver) -> None:
    notice_id = issue(platform, finished=False)

    assert (send(platform, notice_id).state, medium.got) == ("waiting", [])


def test_what_was_acknowledged_is_not_sent_again(platform: Platform, medium: Receiver) -> None:
    notice_id = issue(platform)

    send(platform, notice_id)
    send(platform, notice_id, later=True)

    assert medium.got == [("PUT", notice_id)]


def test_a_lost_answer_is_asked_for_again_under_the_same_key(platform: Platform, medium: Receiver) -> None:
    notice_id = issue(platform)
    medium.mood = "cut off"

    lost = send(platform, notice_id)
    at_once = send(platform, notice_id)
    medium.mood = "publish"
    found = send(platform, notice_id, later=True)

    assert (lost.state, lost.detail) == ("waiting", "the medium did not answer")
    assert at_once.attempts == 1
    assert (found.state, medium.got) == ("acknowledged", [("PUT", notice_id)] * 2)
    assert medium.messages[0] == medium.messages[1]


def test_what_was_only_received_is_asked_after_until_it_is_published(
    platform: Platform, medium: Receiver
) -> None:
    notice_id = issue(platform)
    medium.mood = "receive"

    states = [send(platform, notice_id).state, send(platform, notice_id, later=True).state]
    medium.mood = "publish"
    states.append(send(platform, notice_id, later=True).state)

    assert states == ["sent", "sent", "acknowledged"]
    assert [method for method, _ in medium.got] == ["PUT", "GET", "GET"]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("mood", "detail"),
    [
        ("down", "the medium cannot take anything now"),
        ("nonsense", "the medium's answer cannot be understood"),
        ("wrong form", "the medium's answer cannot be understood"),
        ("contradiction", "the medium's answer contradicts itself"),
        ("other hash", "the medium acknowledges another content"),
        ("elsewhere", "the medium cannot take anything now"),
        ("endless", "the medium's answer is too long"),
    ],
)
def test_an_answer_that_is_none_leads_to_another_attempt(
    platform: Platform, medium: Receiver, mood: str, detail: str
) -> None:
    notice_id = issue(platform)
    medium.mood = mood

    waiting = send(platform, notice_id)

    assert (waiting.state, waiting.detail, waiting.attempts) == ("waiting", detail, 1)
    assert medium.got == [("PUT", notice_id)]  # a redirect is not followed either


def test_a_medium_that_does_not_answer_is_left_alone_until_the_next_sweep(
    platform: Platform, medium: Receiver
) -> None:
    first, second = issue(platform), issue(platform)
    (named,) = platform.settings.media
    medium.mood = "down"

    tasks.push_due(platform, named, HttpMedium(named))
    tried = list(medium.got)
    medium.mood = "publish"
    tasks.push_due(platform, named, HttpMedium(named))

    assert tried == [("PUT", first)]
    assert medium.got[1:] == [("PUT", second)]
    assert [row(platform, one).state for one in (first, second)] == ["waiting", "acknowledged"]


def test_a_refusal_alarms_the_centre_which_can_send_again(
    platform: Platform, medium: Receiver, clerk: str
) -> None:
    notice_id = issue(platform)
    medium.mood = "refuse"

    refused = send(platform, notice_id)
    untouched = send(platform, notice_id)
    medium.mood = "publish"
    with TestClient[Litestar](app_for(platform), base_url="http://site.example") as client:
        path = f"/notices/{notice_id}/media/{ID}/again"
        stranger = client.post(path, headers={"accept": "text/html", "origin": "http://site.example"})
        client.cookies.set("session", clerk)
        page = client.get("/notices/media", headers={"accept": "text/html"}).text
        again = client.post(path, headers={"origin": "http://site.example"}, follow_redirects=False)
        twice = client.post(path, headers={"origin": "http://site.example"})
    settled = send(platform, notice_id)

    assert (refused.state, refused.said, untouched.attempts) == ("refused", "项目编号重复", 1)
    assert alarms(platform) == ["{medium} has not published the notice {title}. Look why, and send it again."]
    assert "项目编号重复" in page
    assert (stranger.status_code, again.status_code, twice.status_code) == (401, 303, 409)
    assert settled.state == "acknowledged"


def test_after_many_attempts_it_is_given_up_and_said_but_a_late_answer_still_counts(
    platform: Platform, medium: Receiver, clerk: str
) -> None:
    notice_id = issue(platform)
    medium.mood = "down"
    with platform.db.transaction() as tx:
        tx.get_one(Dispatch, (notice_id, ID)).attempts = ATTEMPTS_MAX - 1

    assert send(platform, notice_id, later=True).state == "given_up"
    assert len(alarms(platform)) == 1


def test_pauses_double_up_to_an_hour_and_last_more_than_a_day_together() -> None:
    pauses = [pause_after(n).total_seconds() for n in range(1, ATTEMPTS_MAX)]

    assert pauses[:4] == [15, 30, 60, 120]
    assert max(pauses) == 3600
    assert sum(pauses) > 20 * 3600


def test_what_the_medium_has_is_compared_by_day_and_differences_are_kept(
    platform: Platform, medium: Receiver, clerk: str
) -> None:
    same, missing, other = (issue(platform) for _ in range(3))
    for notice_id in (same, missing, other):
        send(platform, notice_id)
    issue(platform)  # on its way: not there yet, and no difference
    with platform.db.read() as tx:
        digests = {one.id: one.sha256 for one in tx.scalars(select(Notice))}
        today = clock.now(tx).astimezone(BEIJING).date()
    medium.held = {same: digests[same], other: "0" * 64, "f" * 32: "1" * 64}
    (named,) = platform.settings.media

    tasks.compare_one(platform, ID, HttpMedium(named), day=today)

    with platform.db.read() as tx:
        kept = tx.get_one(Reconciliation, (ID, today))
    found = {one["notice_id"]: one["kind"] for one in kept.differences}
    assert found == {missing: "missing", other: "different", "f" * 32: "unknown"}
    assert (kept.ours, kept.fault, len(alarms(platform))) == (4, None, 1)


def test_a_medium_that_cannot_be_asked_is_asked_again_sooner(platform: Platform, medium: Receiver) -> None:
    medium.mood = "down"
    (named,) = platform.settings.media
    with platform.db.read() as tx:
        day = clock.now(tx).astimezone(BEIJING) + timedelta(days=1)
    set_clock(platform.db, day.replace(hour=12))  # two hours later it is the same day
    with platform.db.read() as tx:
        at = clock.now(tx)
        first = media_queries.to_compare(tx, at=at)
    assert first is not None
    for _ in range(media_queries.DAYS):
        with platform.db.read() as tx:
            due = media_queries.to_compare(tx, at=clock.now(tx))
        assert due is not None
        tasks.compare_one(platform, ID, HttpMedium(named), day=due[1])

    with platform.db.read() as tx:
        at = clock.now(tx)
        soon = [media_queries.to_compare(tx, at=at + timedelta(hours=h)) for h in (0, 2)]

    assert soon == [None, (named, first[1])]


def test_differences_are_named_by_their_kind() -> None:
    ours = {"a": "1", "b": "2", "on the way": "5"}

    found = differences(ours, {"b": "3", "c": "4"}, confirmed={"a", "b"})

    assert [(one.notice_id, one.kind) for one in found] == [
        ("a", "missing"),
        ("b", "different"),
        ("c", "unknown"),
    ]
    assert differences({"a": "1"}, {"a": "1"}, confirmed={"a"}) == []


@pytest.mark.parametrize(
    ("change", "demo"),
    [
        ({"url": "http://media.example/api"}, True),
        ({"url": "http://127.0.0.1:9/api"}, False),
        ({"url": "https://user@media.example/"}, False),
        ({"url": "https://media.example/?x=1"}, False),
        ({"url": "file:///etc/passwd"}, True),
        ({"secret": "short"}, True),
        ({"id": "a/b"}, True),
        ({"colour": "red"}, True),
    ],
)
def test_addresses_come_from_the_settings_only_and_must_be_safe(tmp_path, change, demo) -> None:
    named = {
        "id": "province",
        "name": "省平台",
        "url": "https://media.example/api",
        "token": "t",
        "secret": "s" * 32,
        "since": "2026-01-01",
    }
    file = tmp_path / "media.json"
    file.write_bytes(msgspec.json.encode([named]))
    assert [one.since for one in read_media(file, demo=False)] == [date(2026, 1, 1)]

    file.write_bytes(msgspec.json.encode([named | change]))
    with pytest.raises(MediaError):
        read_media(file, demo=demo)
