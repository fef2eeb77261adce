"""Notices are complete, never changed, superseded once, and told to everybody in one order."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from apps import app_for
from issued import SUSPENSION, issue, issue_in
from litestar import Litestar
from litestar.testing import TestClient
from openpyxl import load_workbook
from pyhanko.pdf_utils.reader import PdfFileReader
from scene_city import drafted
from sealing_organs import change_seal, seal_for
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from govcore import clock
from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.platform import Platform
from govcore.seals.policy import SealMove
from govcore.seals.service import SealUnusable
from trading.notices import feed, issuing, queries, service
from trading.notices.models import Notice, NoticePaper, Unfinished
from trading.notices.policy import NOTICE_PAPER, NoticeKind, Regime
from trading.notices.queries import NoticeFilter

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("other", "refusal", "named"),
    [
        ({"fields": {"effect": ""}}, service.FieldMissing, "Effect on the procedure"),
        ({"fields": {"project_code": None}}, service.FieldMissing, "Project code"),
        ({"fields": {"colour": "red"}}, service.FieldWrong, "colour"),
        ({"fields": {"from_at": "today"}}, service.FieldWrong, "from_at"),
        ({"kind": NoticeKind.CANDIDATES, "regime": Regime.GP}, service.NotOfRegime, "GP"),
        ({"kind": NoticeKind.INTENTION}, service.NotOfRegime, "TB"),
        ({"kind": NoticeKind.CONTRACT, "regime": Regime.GP}, service.FieldMissing, "Parties"),
    ],
)
def test_a_notice_that_lacks_something_is_refused_with_its_name_and_nothing_is_kept(
    platform: Platform, other: dict[str, object], refusal: type[Exception], named: str
) -> None:
    with pytest.raises(refusal) as refused:
        issue(platform, **other)

    assert named in str(refused.value)
    with platform.db.read() as tx:
        assert queries.notices(tx, NoticeFilter()) == ([], 0)


def test_publishing_is_logged_in_clear_and_fed_in_the_same_transaction(platform: Platform) -> None:
    notice_id = issue(platform)

    with platform.db.transaction() as tx:
        events = [parse_event(event) for event in tx.scalars(select(LogOutbox.event))]
        feed.number(tx, at=clock.now(tx))
        notice = tx.get_one(Notice, notice_id)
        fed = [(one.subject, one.subject_id, one.change) for one in feed.forwards(tx, after=0, limit=9)]
    (told,) = [event for event in events if event["type"] == "notice.published"]
    assert (told["subject"], told["data"]["notice_sha256"]) == (notice_id, notice.sha256)
    assert notice.sha256 == hashlib.sha256(service.content_bytes(notice)).hexdigest()
    assert fed == [("notice", notice_id, "notice.published")]


def test_a_notice_is_superseded_once_by_one_of_the_same_tender_and_both_stay(platform: Platform) -> None:
    old = issue(platform)
    new = issue(platform, supersedes=old)

    with pytest.raises(service.SupersededBefore):
        issue(platform, supersedes=old)
    with pytest.raises(service.OtherTender):
        issue(platform, supersedes=new, tender_id="tender-2")
    with platform.db.read() as tx:
        first, second = queries.notice(tx, old), queries.notice(tx, new)
    assert first.superseded_by is not None
    assert second.supersedes is not None
    assert (first.superseded_by.id, second.supersedes.id) == (new, old)


@pytest.mark.parametrize("table", [Notice, NoticePaper])
@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_itself_refuses_to_change_what_was_published(
    platform: Platform, table: type[Notice] | type[NoticePaper], act: str
) -> None:
    notice_id = issue(platform, finished=False)
    issuing.finish(platform, notice_id)
    statement = delete(table) if act == "delete" else update(table).values(sha256="0" * 64)

    with pytest.raises(DBAPIError, match="append-only"), platform.db.transaction() as tx:
        tx.execute(statement)


def test_a_notice_without_a_paper_gets_one_and_a_second_attempt_changes_nothing(platform: Platform) -> None:
    notice_id = issue(platform, finished=False)

    issuing.finish(platform, notice_id)
    with platform.db.read() as tx:
        first = queries.notice(tx, notice_id)
    issuing.finish(platform, notice_id)

    with platform.db.read() as tx:
        second = queries.notice(tx, notice_id)
        assert queries.unfinished(tx, limit=9) == []
    assert first.paper is not None
    assert (second.paper, second.sealed) == (first.paper, None)
    assert hashlib.sha256(platform.store.get(first.paper.key)).hexdigest() == first.paper.sha256


def test_the_publishers_seal_is_added_where_it_is_ordered_and_a_suspended_seal_is_waited_for(
    platform: Platform,
) -> None:
    drafted(platform, lots=1)
    seal = seal_for(platform, keeper="tenderer", papers=(NOTICE_PAPER,), office="东坝建")
    change_seal(platform, seal, SealMove.SUSPEND)
    notice_id = issue(platform, finished=False, publisher_id="tenderer")

    with pytest.raises(SealUnusable):
        issuing.finish(platform, notice_id)
    with platform.db.read() as tx:
        waits = list(tx.scalars(select(Unfinished.notice_id)))
    change_seal(platform, seal, SealMove.RESUME)
    issuing.finish(platform, notice_id)

    with platform.db.read() as tx:
        found = queries.notice(tx, notice_id)
    assert waits == [notice_id]
    assert found.paper is not None
    assert found.sealed is not None
    plain, sealed = (platform.store.get(one.key) for one in (found.paper, found.sealed))
    assert sealed.startswith(plain)  # the seal is added, what was published stays as it was
    (signature,) = PdfFileReader(io.BytesIO(sealed)).embedded_signatures
    assert signature.signer_cert.subject.native["serial_number"] == "3799000000001"


def test_the_list_is_saved_as_tables_in_which_a_title_is_no_formula(platform: Platform) -> None:
    notice_id = issue(platform, title="=HYPERLINK(1)")
    with TestClient[Litestar](app_for(platform), base_url="http://site.example") as client:
        sheet = client.get("/notices.xlsx").content
        text_ = client.get("/notices.csv?kind=suspension").content.decode("utf-8-sig")
        none = client.get("/notices.csv?kind=tender").content.decode("utf-8-sig")

    cells = list(load_workbook(io.BytesIO(sheet)).active.iter_rows(min_row=2, values_only=True))
    lines = list(csv.reader(io.StringIO(text_)))
    assert [row[2] for row in cells] == ["=HYPERLINK(1)"]
    assert (lines[1][2], lines[1][5]) == ("'=HYPERLINK(1)", f"/notices/{notice_id}")
    assert len(list(csv.reader(io.StringIO(none)))) == 1


def test_each_filter_has_its_atom_feed_in_pages(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for n in range(52):
            issue_in(tx, at=at + timedelta(seconds=n), title=f"清河工程 <{n}> & 其他")
    with TestClient[Litestar](app_for(platform), base_url="http://site.example") as client:
        first = ElementTree.fromstring(client.get("/notices.atom?words=清河").content)
        links = {link.get("rel"): link.get("href") for link in first.findall(f"{ATOM}link")}
        second = ElementTree.fromstring(client.get(str(links["next"])).content)
        empty = ElementTree.fromstring(client.get("/notices.atom?words=黄河").content)

    titles = [entry.findtext(f"{ATOM}title") for entry in first.findall(f"{ATOM}entry")]
    assert (len(titles), titles[0], len(second.findall(f"{ATOM}entry"))) == (50, "清河工程 <51> & 其他", 2)
    assert links["next"] == "http://site.example/notices.atom?words=%E6%B8%85%E6%B2%B3&page=2"
    for page in (first, second, empty):
        assert [page.find(f"{ATOM}{name}") is None for name in ("id", "title", "updated", "author")] == [
            False
        ] * 4
    entry = first.findall(f"{ATOM}entry")[0]
    assert [entry.find(f"{ATOM}{name}") is None for name in ("id", "updated", "link", "summary")] == [
        False
    ] * 4


def test_a_notices_page_shows_fields_chain_and_hashes_and_its_json_the_same(platform: Platform) -> None:
    old = issue(platform, finished=False, fields={"reason": "<script>alert(1)</script>"})
    issuing.finish(platform, old)
    new = issue(platform, supersedes=old)
    with TestClient[Litestar](app_for(platform), base_url="http://site.example") as client:
        page = client.get(f"/notices/{old}", headers={"accept": "text/html"}).text
        shown = client.get(f"/api/notices/{old}").json()
        content = client.get(f"/notices/{old}/content.json").content
        paper = client.get(f"/notices/{old}/paper.pdf").content
        listed = client.get("/api/notices?region=371500").json()
        strange = [
            client.get(path).status_code
            for path in (
                "/notices/none",
                "/api/notices/none",
                f"/notices/{old}/sealed.pdf",
                "/notices/none/paper.pdf",
            )
        ]

    assert f'href="/notices/{new}"' in page
    assert "<script>alert" not in page
    assert SUSPENSION["effect"] in page
    assert shown["superseded_by"] == new
    assert hashlib.sha256(content).hexdigest() == shown["notice"]["sha256"]
    assert hashlib.sha256(paper).hexdigest() == shown["paper"]["sha256"]
    assert (listed["total"], [one["id"] for one in listed["notices"]]) == (2, [new, old])
    assert strange == [404] * 4


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_words_are_looked_up_in_the_index_of_pieces(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        asked = select(Notice.id).where(queries._has_words(tx, "清河 堤防"))
        said = asked.compile(tx.get_bind(), compile_kwargs={"literal_binds": True})
        plan = tx.scalars(text(f"EXPLAIN {said}")).all()

    assert any("ix_notices_notice_pieces" in line for line in plan)
