"""Auditors search the log, take evidence away, have personal data erased; all that is logged itself."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from apps import app_for
from litestar.testing import TestClient
from openpyxl import load_workbook
from sqlalchemy import select

from govcore import clock
from govcore.audit import copying, search_queries, service
from govcore.audit.entries import parse_event
from govcore.audit.models import LogEvent, LogOutbox
from govcore.audit.search_queries import Search
from govcore.audit.tlog_policy import Policy
from govcore.audit.trust import Trust
from govcore.audit.verify import verify_export, verify_proof
from govcore.errors import Forbidden
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation, register_user
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from govcore.storage import Store

USCC = "12371500MA00000003"
PEOPLE = {
    "auditor": Role.AUDITOR,
    "regulator": Role.REGULATOR,
    "second": Role.REGULATOR,
    "bidder": Role.BIDDER,
    "clerk": Role.CENTRE,
}


@dataclass
class City:
    """A platform with people; `grow` brings what waits into the log."""

    platform: Platform
    org: str
    users: dict[str, str]
    http: TestClient

    def grow(self) -> None:
        settings = self.platform.settings
        with self.platform.db.transaction() as tx:
            service.integrate(
                tx,
                at=clock.now(tx),
                signer=self.platform.keys.log_signer,
                origin=settings.log_origin,
                bucket=settings.log_bucket,
                forced=True,
            )

    def actor(self, name: str) -> Actor:
        with self.platform.db.read() as tx:
            return actor_of_user(tx, self.users[name])

    def sign_in(self, name: str) -> None:
        with self.platform.db.transaction() as tx:
            token = open_session(tx, user_id=self.users[name], at=clock.now(tx))
        self.http.cookies.set("session", token)

    def found(self, wanted: Search, *, by: str = "auditor") -> list[tuple[str, str | None]]:
        actor = self.actor(by)
        with self.platform.db.read() as tx:
            return [(one.type, one.name) for one in search_queries.search(tx, wanted, actor=actor)]

    def logged(self, event: str) -> list[dict[str, object]]:
        with self.platform.db.read() as tx:
            raw = [*tx.scalars(select(LogOutbox.event)), *tx.scalars(select(LogEvent.event))]
        return [one for one in map(parse_event, filter(None, raw)) if one["type"] == event]


@pytest.fixture
def city(platform: Platform) -> Iterator[City]:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        org = register_organisation(tx, uscc=USCC, name="临湖市公共资源交易中心", actor="system", at=at).id
        users = {
            name: register_user(
                tx,
                username=name,
                name=f"{name}同志",
                password="correct horse battery",
                org_id=org,
                roles=[role],
                actor="system",
                at=at,
            ).id
            for name, role in PEOPLE.items()
        }
    with TestClient(app_for(platform)) as http:
        city = City(platform, org, users, http)
        city.grow()
        yield city


def test_acts_are_found_by_person_organisation_object_kind_and_time(city: City) -> None:
    city.sign_in("clerk")
    with city.platform.db.read() as tx:
        now = clock.now(tx)
    city.grow()

    signed_in = ("identity.signed_in", "clerk同志")
    registered = ("identity.user_registered", None)
    assert city.found(Search(person="clerk")) == [signed_in]
    assert city.found(Search(person=city.users["clerk"])) == [signed_in]
    assert city.found(Search(subject=city.users["clerk"])) == [signed_in, registered]
    assert city.found(Search(organisation=USCC))[0] == signed_in
    assert ("identity.organisation_registered", None) in city.found(Search(organisation=city.org))
    assert city.found(Search(event="identity.user_registered")) == [registered] * len(PEOPLE)
    assert city.found(Search(person="clerk", until=now.replace(year=2020))) == []
    assert city.found(Search(person="clerk", since=now.replace(year=2020))) == [signed_in]
    assert city.found(Search(person="nobody")) == []
    with pytest.raises(Forbidden):
        city.found(Search(), by="clerk")


def test_what_is_taken_away_proves_itself_and_who_took_it_is_logged(city: City) -> None:
    city.sign_in("auditor")
    city.grow()
    page = city.http.get("/audit?person=auditor&event=identity.signed_in")
    city.http.get("/audit?person=clerk&before=999999")
    taken = city.http.post("/audit/export", data={"person": "auditor"})
    city.sign_in("clerk")
    refused = city.http.post("/audit/export", data={})

    assert (page.status_code, taken.status_code, refused.status_code) == (200, 200, 403)
    assert "auditor同志" in page.text
    archive = zipfile.ZipFile(io.BytesIO(taken.content))
    proofs = [name for name in archive.namelist() if name.startswith("proofs/")]
    trust = Trust(policy=Policy.parse(archive.read("policy").decode()))
    reports = [verify_proof(archive.read(name).decode(), trust) for name in proofs]
    assert [report.ok for report in reports] == [True]
    rows = list(load_workbook(io.BytesIO(archive.read("list.xlsx"))).active.values)
    assert [row[3] for row in rows[1:]] == ["auditor同志"]
    assert len(archive.read("events.jsonl").splitlines()) == 1
    asked = [one["data"] for one in city.logged("audit.searched")]
    assert asked == [{"person": "auditor", "event": "identity.signed_in"}, {"person": "clerk"}]
    (exported,) = city.logged("audit.exported")
    assert (exported["actor"], exported["data"]) == (
        city.users["auditor"],
        {"person": "auditor", "entries": 1},
    )


def test_a_content_is_erased_with_its_reason_and_the_log_still_verifies(city: City, tmp_path: Path) -> None:
    store = Store(f"file://{tmp_path}/second")
    with city.platform.db.read() as tx:
        (entry,) = search_queries.search(
            tx, Search(subject=city.users["bidder"]), actor=city.actor("auditor")
        )
    for _ in range(4):  # the first bundle of 256 entries is full
        city.grow()
    copying.copy(city.platform, store)
    before = store.get("events/000.jsonl")
    path = f"/audit/entries/{entry.index}"

    proposed = f"/api/acts/audit.erase/{entry.index}/proposals"
    city.sign_in("auditor")
    forbidden = city.http.post(proposed, json={"reason": "x"})
    city.sign_in("regulator")
    made = city.http.post(proposed, json={"reason": "依申请删除〔2026〕1号"}).json()
    confirmed = {name: made[name] for name in ("act", "object_id", "sha256")}
    alone = city.http.post(f"/api/proposals/{made['id']}/confirm", json=confirmed)
    city.sign_in("second")
    done = city.http.post(f"/api/proposals/{made['id']}/confirm", json=confirmed)
    city.grow()
    copying.copy(city.platform, store)

    assert (forbidden.status_code, alone.json()["code"], done.is_success) == (403, "E_TWO_SAME_PERSON", True)
    page = city.http.get(path)
    assert "其内容已被删除" in page.text
    assert city.users["bidder"].encode() in before
    assert entry.event is not None
    assert entry.event not in store.get("events/000.jsonl")
    with city.platform.db.read() as tx:
        again = search_queries.entry(tx, entry.index, actor=city.actor("auditor"))
    assert (again.event, again.nonce, again.actor) == (None, None, None)
    assert verify_export(tmp_path / "second").ok


def test_the_second_place_holds_the_published_log_and_is_never_behind_for_long(
    city: City, tmp_path: Path
) -> None:
    store = Store(f"file://{tmp_path}/second")
    copying.copy(city.platform, store)
    first = verify_export(tmp_path / "second")
    city.grow()
    copying.copy(city.platform, store)
    copying.copy(city.platform, store)
    second = verify_export(tmp_path / "second")

    assert (first.ok, second.ok) == (True, True)
    assert second.size > first.size


def test_every_refusal_of_a_person_is_logged_and_a_flood_is_counted(city: City) -> None:
    city.sign_in("clerk")
    codes = {city.http.get("/audit/entries/0").status_code for _ in range(8)}
    city.sign_in("bidder")
    city.http.get("/api/log/events")
    city.http.cookies.clear()
    visitor = city.http.get("/api/log/events")

    assert (codes, visitor.status_code) == ({403}, 401)
    logged = city.logged("audit.refused")
    assert [one["data"] for one in logged] == [
        {"method": "GET", "route": "/audit/entries/{index}", "code": "E_FORBIDDEN", "kept_back": 0}
    ] * 5
    (sealed,) = city.logged("audit.bidder_refused")
    assert (sealed["actor"], city.platform.registry.events["audit.bidder_refused"].sealed) == (
        city.users["bidder"],
        True,
    )


def test_what_supervisors_read_is_logged_once_an_hour_of_a_session(city: City) -> None:
    city.sign_in("clerk")
    city.http.get("/desk")
    for _ in range(2):
        city.sign_in("auditor")
        for path in ("/audit", "/audit", "/api/log/events", "/notices", "/account", "/audit/entries/99999"):
            city.http.get(path)

    read = [(one["actor"], one["data"]) for one in city.logged("audit.supervisor_read")]
    auditor = city.users["auditor"]
    assert read == [(auditor, {"route": "/audit"}), (auditor, {"route": "/api/log/events"})] * 2


def test_an_act_whose_entry_cannot_be_written_does_not_happen(city: City) -> None:
    with city.platform.db.transaction() as tx:
        tx.connection().exec_driver_sql("ALTER TABLE log_outbox RENAME TO log_gone")
    answer = city.http.post("/api/session", json={"username": "clerk", "password": "correct horse battery"})

    assert answer.status_code == 500
    assert "session" not in answer.cookies
    with city.platform.db.transaction() as tx:
        tx.connection().exec_driver_sql("ALTER TABLE log_gone RENAME TO log_outbox")
    assert city.logged("identity.signed_in") == []


def test_the_number_on_an_answer_leads_to_what_the_request_recorded(city: City) -> None:
    city.sign_in("clerk")
    first, second = (city.http.get("/audit", headers={"accept": "text/html"}) for _ in range(2))
    city.grow()

    number = first.headers["x-request-id"]
    assert f"<code>{number}</code>" in first.text
    assert number != second.headers["x-request-id"]
    assert city.found(Search(request=number)) == [("audit.refused", "clerk同志")]
    city.sign_in("auditor")
    assert "/audit/entries/" in city.http.get(f"/audit?request_id={number}").text
