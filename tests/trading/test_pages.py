"""The pages through HTTP: what the public, each role and an outsider see, and what must never leak."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import quote

import pytest
from apps import app_for
from copies import Steps
from litestar import Litestar
from litestar.testing import TestClient
from page_city import PDF, PRICES_FEN, RECORD, build
from sqlalchemy import select

from bidding_docs import manifests as m
from bidding_docs.encoding import encode, format_time
from govcore import clock, dsse
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from govcore.web.app import declared_permissions
from trading.notices.models import Notice
from trading.tender.models import Tender

Visit = Callable[..., str]
PAGE = {"accept": "text/html"}
BAND = "演示规则：各期限以秒计，不具法律效力"


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"client": build}


@pytest.fixture
def client(platform: Platform) -> Iterator[TestClient[Litestar]]:
    """A client of the city's site; `as_person` below signs somebody in."""
    with TestClient(app_for(platform), base_url="http://site.example") as client:
        client.follow_redirects = False
        yield client


def as_person(client: TestClient[Litestar], name: str) -> TestClient[Litestar]:
    client.cookies.clear()
    platform = client.app.state.platform
    if name:
        with platform.db.transaction() as tx:
            client.cookies.set("session", open_session(tx, user_id=name, at=clock.now(tx)))
    return client


def words(html: str) -> str:
    """The text of a page's content."""
    main = html[html.index("<main") : html.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def links(html: str) -> list[str]:
    main = html[html.index("<main") : html.index("</main>")]
    return re.findall(r'href="([^"]+)"', main)


def test_every_route_of_the_site_declares_public_or_a_registered_permission(platform: Platform) -> None:
    known = {"public", *platform.registry.permissions}

    assert [path for path, name in declared_permissions(app_for(platform)) if name not in known] == []


def test_the_home_shows_notices_by_category_and_today_s_openings_without_an_account(client) -> None:
    page = client.get("/", headers=PAGE)

    assert page.status_code == 200
    assert re.findall(r"<h2>([^<]+)</h2>", page.text) == ["水利工程", "今日开标", "自行核验", "本年度"]
    assert [link for link in links(page.text) if link.startswith("/verify/")] == [
        "/verify/receipt",
        "/verify/log",
    ]
    assert "/tenders/draft" not in page.text


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["中标候选人公示", "开标记录", "招标失败公告", "招标公告"]),
        ("kind=failed", ["招标失败公告"]),
        ("category=water&kind=tender", ["招标公告"]),
        ("category=building", []),
        ("region=371500&kind=opening", ["开标记录"]),
        ("region=110000", []),
        ("words=%25", []),
        ("words=清河&kind=candidates", ["中标候选人公示"]),
        ("words=河清", []),
        ("words=安澜 堤防", ["中标候选人公示", "开标记录"]),
        ("words=e3715000001000001001004", ["招标失败公告", "招标公告"]),
        ("words=清", ["中标候选人公示", "开标记录", "招标失败公告", "招标公告"]),
        ("end=2020-01-01", []),
        ("kind=nonsense&category=nonsense&page=nonsense&kind=tender", ["招标公告"]),
    ],
)
def test_notices_are_filtered_by_what_the_address_says(client, query: str, shown: list[str]) -> None:
    page = client.get(f"/notices?{query}", headers=PAGE)

    rows = page.text[page.text.index('<ul class="rows">') :] if '<ul class="rows">' in page.text else ""
    assert re.findall(r'<span class="facts"><span>([^<]+)</span>', rows) == shown


def test_a_date_that_is_none_is_said_beside_the_field_and_kept(client) -> None:
    page = client.get("/notices?start=yesterday", headers=PAGE).text

    assert re.findall(r'<a href="#(\w+)">', page) == ["start"]
    assert re.findall(r'name="start" type="date" value="([^"]*)"', page) == ["yesterday"]


def test_pages_of_the_list_keep_the_filters_and_count(client, platform: Platform) -> None:
    with platform.db.transaction() as tx:
        first = tx.scalars(select(Notice).where(Notice.kind == "tender")).one()
        kept = {column.key: getattr(first, column.key) for column in Notice.__table__.columns}
        tx.add_all(Notice(**{**kept, "id": f"more-{number}"}) for number in range(52))

    page = client.get("/notices?kind=tender", headers=PAGE).text
    second = client.get("/notices?kind=tender&page=2", headers=PAGE).text

    assert re.findall(r'rel="next" href="([^"]+)"', page) == ["/notices?kind=tender&amp;page=2"]
    assert [len(re.findall(r'<span class="what">', html)) for html in (page, second)] == [50, 3]
    assert "共 53 条，第 1 页，共 2 页" in words(page)


def test_a_tender_page_shows_its_facts_and_the_band(client) -> None:
    page = client.get("/tenders/published", headers=PAGE).text

    assert re.findall(r"<span>([^<]+)</span></div></section>", page) == [BAND]
    file = f"/tenders/published/documents/1/files/{hashlib.sha256(PDF).hexdigest()}"
    assert re.findall(r'<a href="([^"]+/files/[^"]+)"', page) == [file]
    assert client.get(file).content == PDF
    assert hashlib.sha256(PDF).hexdigest() in page
    assert "12,000,000.00 元" in words(page)
    assert len(re.findall(r'<table class="table stack timeline">', page)) == 4


@pytest.mark.parametrize("name", ["", "other-agency", "bidder", "auditor"])
def test_a_draft_does_not_exist_for_outsiders(client, name: str) -> None:
    visitor = as_person(client, name)

    statuses = [
        visitor.get(path, headers=PAGE).status_code
        for path in ("/tenders/draft", "/documents/document-draft", "/lots/draft-lot/opening")
    ]

    assert statuses == [404, 404, 404]


@pytest.mark.parametrize("name", ["tenderer", "agency", "centre", "regulator"])
def test_a_draft_is_there_for_its_own_side_and_its_custodians(client, name: str) -> None:
    visitor = as_person(client, name)

    assert visitor.get("/tenders/draft", headers=PAGE).status_code == 200
    assert visitor.get("/documents/document-draft").content == PDF + b"draft\n"


def test_a_document_is_an_attachment_known_by_its_hash(client) -> None:
    digest = hashlib.sha256(PDF).hexdigest()

    whole = client.get("/documents/document-published")
    again = client.get("/documents/document-published", headers={"if-none-match": f'W/"{digest}"'})

    assert (whole.content, whole.headers["etag"]) == (PDF, f'"{digest}"')
    assert whole.headers["content-type"] == "application/pdf"
    name = quote('招标文件 "终版".pdf')
    plain = '"_________.pdf"'
    assert whole.headers["content-disposition"] == f"attachment; filename={plain}; filename*=UTF-8''{name}"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/tenders/published", "/lots/open/opening", "/openings"])
def test_before_the_deadline_a_page_is_the_same_with_and_without_bids(
    client, platform: Platform, path: str
) -> None:
    before = without_clock(client.get(path, headers=PAGE).text)
    with platform.db.transaction() as tx:
        insert_message(tx, "open", number=7)
    after = without_clock(client.get(path, headers=PAGE).text)

    assert before == after


def without_clock(html: str) -> str:
    """A page without what the passing time alone changes."""
    html = re.sub(r'data-now="\d+"[^>]*>[^<]*', "", html)
    html = re.sub(r'(<span class="countdown[^>]*>)[^<]*', r"\1", html)
    html = re.sub(r'<line class="now"[^>]*>', "", html)
    return re.sub(r"竖线：当前时间 [^。]*。", "", html)


def insert_message(tx, lot_id: str, *, number: int) -> None:
    from trading.bidding.models import Bid

    digest = f"{number:064x}"
    tx.add(
        Bid(
            id=f"late-{number}",
            lot_id=lot_id,
            round=1,
            bidder_tag=digest,
            seq=1,
            kind="bid",
            manifest_sha256=digest,
            idempotency_tag=digest,
            wrapped=b"-",
            leaf=digest,
            received_at=clock.now(tx),
        )
    )


def test_the_hall_of_an_opened_lot_reads_out_prices_in_figures_and_capitals(client) -> None:
    page = client.get("/lots/done/opening", headers=PAGE).text

    assert re.findall(r'<span class="money">([\d,.]+)', page) == [
        "10,234,567.89",
        "10,500,000.00",
        "11,000,000.00",
    ]
    assert "壹仟零贰拾叁万肆仟伍佰陆拾柒元捌角玖分" in page
    assert "data-stream" not in page
    assert client.get("/lots/done/opening/record.pdf").content == RECORD


def test_the_hall_of_a_sealed_lot_names_the_bidders_and_tells_no_price(client) -> None:
    page = client.get("/lots/sealed/opening", headers=PAGE).text

    assert re.findall(r"<strong>(\d)</strong> · ([^<]+)", page) == [
        ("1", "临湖安澜水利建设有限公司"),
        ("2", "东坝河工集团有限公司"),
        ("3", "清源堤防工程有限公司"),
    ]
    assert [price for price in PRICES_FEN if f"{price // 100:,}" in page] == []
    assert re.findall(r'data-stream="([^"]+)"', page) == ["/api/lots/sealed/opening/stream?after=0"]
    assert client.get("/lots/sealed/opening/record.pdf").status_code == 404


def test_the_hall_of_a_failed_lot_names_nobody(client) -> None:
    page = client.get("/lots/failed/opening", headers=PAGE).text

    assert re.findall("建设有限公司|集团有限公司", page) == []
    assert "该标段招标失败" in words(page)


@pytest.mark.parametrize(
    ("name", "tasks"),
    [
        (
            "agency",
            {
                "/tenders/approved/publish",
                "/tenders/draft",
                "/tenders/published",
                "/tenders/published/again",
                "/lots/sealed/opening",
                "/award/done",
            },
        ),
        (
            "tenderer",
            {
                "/tenders/draft/approve",
                "/tenders/approved",
                "/tenders/published",
                "/lots/sealed/opening",
                "/custodian",
                "/award/done",
            },
        ),
        (
            "regulator",
            {"/tenders/published", "/custodian"},
        ),
        (
            "centre",
            {
                "/tenders/published",
                "/lots/sealed/opening",
                "/custodian",
            },
        ),
        ("bidder", {"/lots/open/bid", "/lots/done/validity"}),  # bound by its opened bid
        ("other-bidder", {"/lots/open/bid"}),
        ("expert", set()),
        ("bank", set()),
        ("auditor", {"/verify/log"}),  # nobody grows the log of this city
        ("other-agency", set()),
        ("other-tenderer", set()),
    ],
)
def test_a_desk_shows_the_tasks_of_its_owner_and_the_tender(client, name: str, tasks: set[str]) -> None:
    page = as_person(client, name).get("/desk", headers=PAGE).text
    first, lots = page.split("<h2>有何变化</h2>")

    found = set(re.findall(r'<span class="what"><a href="([^"]+)"', first))

    assert found == tasks
    assert "/tenders/published" in links(page.replace(first, "<main>"))
    assert lots.count("第1标段 堤防护坡") == 1


def test_a_custodian_who_released_is_not_asked_again(client) -> None:
    centre = as_person(client, "centre").get("/desk", headers=PAGE).text
    regulator = as_person(client, "regulator").get("/desk", headers=PAGE).text

    assert [re.findall("trading custodian release", page) for page in (centre, regulator)] == [
        [],
        ["trading custodian release"],
    ]


def test_a_desk_tells_a_stranger_to_sign_in(client) -> None:
    assert client.get("/desk", headers=PAGE).status_code == 401


def test_not_submitted_lies_across_a_bidder_s_pages_until_the_receipt(client) -> None:
    bidder = as_person(client, "bidder")
    paths = ("/desk", "/lots/open/bid", "/lots/done/bid")

    before = [bidder.get(path, headers=PAGE).text for path in paths]
    part = {"id": "summary", "size": 1000, "sha256": "0" * 64}
    bidder.post("/api/lots/open/uploads", json={"parts": [part]})
    begun = [bidder.get(path, headers=PAGE).text for path in paths]
    other = as_person(client, "other-bidder").get("/desk", headers=PAGE).text

    assert [len(re.findall("band-danger", page)) for page in before] == [0, 1, 0]
    assert [len(re.findall("band-danger", page)) for page in begun] == [1, 1, 1]
    assert re.findall("band-danger", other) == []


def test_a_bidder_s_own_part_is_not_for_others(client) -> None:
    assert as_person(client, "agency").get("/lots/open/bid", headers=PAGE).status_code == 403
    assert as_person(client, "bidder").get("/lots/draft-lot/bid", headers=PAGE).status_code == 404


def test_approving_asks_for_the_code_and_keeps_what_was_typed(client, platform: Platform) -> None:
    tenderer = as_person(client, "tenderer")
    code = "E3715000001000001002"

    wrong = tenderer.post("/tenders/draft/approve", data={"code": "E1"}, headers=PAGE)
    right = tenderer.post("/tenders/draft/approve", data={"code": code}, headers=PAGE)

    assert (wrong.status_code, re.findall(r'name="code"[^>]* value="([^"]*)"', wrong.text)) == (422, ["E1"])
    assert (right.status_code, right.headers["location"]) == (303, "/tenders/draft")
    assert state_of(platform, "draft") == "approved"


def state_of(platform: Platform, tender_id: str) -> str:
    with platform.db.read() as tx:
        state: str = tx.get_one(Tender, tender_id).state
    return state


@pytest.mark.parametrize(
    ("name", "status"), [("", 401), ("bidder", 403), ("agency", 403), ("other-tenderer", 404)]
)
def test_nobody_else_approves(client, platform: Platform, name: str, status: int) -> None:
    answer = as_person(client, name).post("/tenders/draft/approve", data={"code": "E3715000001000001002"})

    assert (answer.status_code, state_of(platform, "draft")) == (status, "draft")


def test_publishing_says_what_is_missing_and_changes_nothing(client, platform: Platform) -> None:
    agency = as_person(client, "agency")

    answer = agency.post("/tenders/approved/publish", data={"code": "E3715000001000001003"}, headers=PAGE)

    assert answer.status_code == 409
    assert "密钥清单尚未由招标人和全部保管人签署" in words(answer.text)
    assert state_of(platform, "approved") == "approved"


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (PDF, ["/documents/document-published"]),
        (RECORD, ["/notices/{random}"]),
        (PDF + b"candidates\n", ["/notices/paper-1"]),
        (PDF + b"draft\n", []),
        (PDF + b" ", []),
    ],
)
def test_a_file_is_known_by_its_content_or_its_hash_but_a_draft_is_not(
    client, data: bytes, found: list[str]
) -> None:
    by_file = client.post("/verify-document", files={"file": ("a.pdf", data)}, headers=PAGE)
    digest = hashlib.sha256(data).hexdigest().upper()
    by_hash = client.post("/verify-document", files={"digest": (None, digest)}, headers=PAGE)

    for answer in (by_file, by_hash):
        notes = re.findall(r'<div class="note.*?</div>', answer.text, re.DOTALL)
        hrefs = re.findall(r'href="([^"]+)"', "".join(notes))
        named = [re.sub(r"/notices/[0-9a-f]{32}", "/notices/{random}", href) for href in hrefs]
        assert (answer.status_code, named) == (200 if found else 404, found)


def test_the_address_of_earlier_papers_leads_to_the_one_page(client) -> None:
    answer = client.get("/verify/document", headers=PAGE, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (308, "/verify-document")


def test_a_check_without_file_or_hash_says_so(client) -> None:
    answer = client.post("/verify-document", files={"digest": (None, "abc")}, headers=PAGE)

    assert (answer.status_code, re.findall(r'<a href="#(\w+)">', answer.text)) == (422, ["digest"])


def receipt(platform: Platform, *, key: str = "receipt_signer") -> bytes:
    """A receipt for a bid in the open lot, signed with one of the platform's keys."""
    with platform.db.read() as tx:
        now = clock.now(tx)
    body = m.Receipt(
        tender_id="published",
        lot_id="open",
        round=1,
        key_manifest_sha256="0" * 64,
        receipt_id="receipt-1",
        bidder_id="91371500MA00000011",
        seq=1,
        manifest_sha256="1" * 64,
        parts=(m.ReceiptPart(id="summary", size=1, sha256="2" * 64),),
        received_at=format_time(now),
        leaf="3" * 64,
        promise_by=format_time(now + timedelta(minutes=10)),
    )
    signer = getattr(platform.keys, key)
    return dsse.sign(m.media_type(m.Receipt), encode(body), [signer]).encode()


def test_a_genuine_receipt_is_explained(client, platform: Platform) -> None:
    answer = client.post("/verify/receipt", files={"text": (None, receipt(platform))}, headers=PAGE)

    assert answer.status_code == 200
    assert "该回执由本平台签发，未被改动。" in words(answer.text)
    assert "尚未收录" in words(answer.text)


def test_a_receipt_of_another_key_or_an_altered_one_is_refused(client, platform: Platform) -> None:
    genuine = receipt(platform)
    other = receipt(platform, key="gate_signer")
    altered = genuine.replace(b'"payload":"ey', b'"payload":"eX')

    answers = [
        client.post("/verify/receipt", files={"file": ("r.json", data)}, headers=PAGE)
        for data in (other, altered, b"{}", b"")
    ]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422]
    assert ["未被改动" in answer.text for answer in answers] == [False, False, False, False]
