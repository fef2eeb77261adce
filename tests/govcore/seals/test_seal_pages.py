"""Pages and JSON of seals: everybody checks a paper, keepers seal, managers manage, strangers see nothing."""

from __future__ import annotations

from io import BytesIO

import pytest
from apps import app_for
from litestar.testing import TestClient
from openpyxl import load_workbook
from pypdf import PdfReader
from seal_factories import ORGAN, Chancery, a_paper

from govcore.seals import sealing
from govcore.seals.policy import BY_HAND, SealMove, code_of, read_code


@pytest.fixture
def backend() -> str:
    """What is tested here does not depend on the database."""
    return "sqlite"


PAGE = {"accept": "text/html"}


@pytest.fixture
def client(chancery: Chancery) -> TestClient:
    return TestClient(app_for(chancery.platform))


def as_(client: TestClient, chancery: Chancery, name: str) -> TestClient:
    client.cookies.set("session", chancery.session(name))
    return client


def code_on(chancery: Chancery, paper: bytes) -> str:
    import hashlib

    subject = f"{chancery.seal_id}/{hashlib.sha256(paper).hexdigest()}"
    return sealing.check_code(chancery.platform, BY_HAND, subject)


def test_a_code_is_read_as_people_type_it_and_tells_80_bits() -> None:
    code = code_of("f" * 64)

    assert code == "ZZZZ-ZZZZ-ZZZZ-ZZZZ"
    assert read_code(" zzzz zzzz-zzzzzzzz") == "Z" * 16
    assert read_code("O1IL-0000-0000-0000") == "0111000000000000"
    assert [read_code(bad) for bad in ("", "ZZZZ", "UUUU-0000-0000-0000", "0" * 17)] == [None] * 4


def test_whoever_holds_a_sealed_file_or_its_code_is_told_what_the_register_says(
    chancery: Chancery, client: TestClient
) -> None:
    use = chancery.seal()
    sealed = chancery.sealed_file(use)
    chancery.move(SealMove.SUSPEND, witness="")

    by_file = client.post("/api/verify-document", files={"file": ("a.pdf", sealed)})
    by_code = client.get(f"/api/verify-document/{code_on(chancery, a_paper())}")

    said = by_file.json()
    assert (by_file.status_code, by_code.status_code) == (200, 200)
    assert said["match"] == "whole"
    assert by_code.json() == said | {"match": None}
    assert (said["organ"], said["title"], said["number"]) == (ORGAN, "关于某事的证明", use.number)
    assert (said["state_then"], said["state_now"], said["stamp"]) == ("in_use", "suspended", "none")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda sealed: sealed, "whole"),
        (lambda sealed: sealed + b"1 0 obj\n<<>>\nendobj\n%%EOF\n", "extended"),
        (lambda sealed: sealed[:-2] + b" \n", "other"),
        (lambda _: b"%PDF-1.4 something else", "other"),
    ],
)
def test_a_changed_file_is_told_from_one_with_additions(
    chancery: Chancery, client: TestClient, change: object, match: str
) -> None:
    sealed = chancery.sealed_file(chancery.seal())

    answer = client.post(
        "/api/verify-document",
        files={"file": ("a.pdf", change(sealed))},  # type: ignore[operator]
        data={"code": code_on(chancery, a_paper())},
    )

    assert answer.json()["match"] == match


def test_what_is_not_there_is_told_alike_and_nothing_is_kept(chancery: Chancery, client: TestClient) -> None:
    store = chancery.platform.settings.data / "store"
    sealing.issue(chancery.platform, a_paper(), _unfinished(chancery))
    before = sorted(store.rglob("*"))
    unfinished = sealing.check_code(chancery.platform, BY_HAND, "one")

    answers = [
        client.get("/api/verify-document/0000-0000-0000-0000"),
        client.get(f"/api/verify-document/{unfinished}"),
        client.post("/api/verify-document", files={"file": ("a.pdf", a_paper("别的。"))}),
    ]
    malformed = client.get("/api/verify-document/nothing")
    empty = client.post("/api/verify-document", files={"code": (None, "")})

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(404, "E_NOT_SEALED_HERE")] * 3
    assert (malformed.status_code, malformed.json()["code"]) == (422, "E_CHECK_CODE")
    assert (empty.status_code, empty.json()["code"]) == (422, "E_NOTHING_TO_CHECK")
    assert sorted(store.rglob("*")) == before


def _unfinished(chancery: Chancery) -> object:
    from govcore.seals.uses import UseOrder

    return UseOrder(
        seal_id=chancery.seal_id,
        purpose=BY_HAND,
        subject="one",
        title="未印发",
        code=sealing.check_code(chancery.platform, BY_HAND, "one"),
        requested_by=chancery.users["keeper"],
    )


def test_a_file_larger_than_the_limit_is_refused(chancery: Chancery, client: TestClient) -> None:
    answer = client.post("/api/verify-document", files={"file": ("a.pdf", b"0" * (33 << 20))})

    assert (answer.status_code, answer.json()["code"]) == (413, "E_LIMIT")


@pytest.mark.parametrize(
    ("lang", "yes", "no"),
    [
        ("zh_CN", "一致：这就是盖章文件，未经改动。", "本网站没有发布或盖章过此内容、此校验码的文件。"),
        (
            "en",
            "Yes: this is the sealed file, unchanged.",
            "No file with this content or code was published or sealed here.",
        ),
    ],
)
def test_the_public_page_answers_in_both_languages(
    chancery: Chancery, client: TestClient, lang: str, yes: str, no: str
) -> None:
    sealed = chancery.sealed_file(chancery.seal())
    client.cookies.set("lang", lang)

    right = client.post("/verify-document", files={"file": ("a.pdf", sealed)}, headers=PAGE)
    wrong = client.get("/verify-document/0000-0000-0000-0000", headers=PAGE)
    form = client.get("/verify-document", headers=PAGE)

    assert (right.status_code, wrong.status_code, form.status_code) == (200, 404, 200)
    assert yes in right.text
    assert no in wrong.text


def test_a_keeper_seals_a_file_by_page_and_gets_it_back(chancery: Chancery, client: TestClient) -> None:
    as_(client, chancery, "keeper")

    shown = client.post(
        f"/seals/{chancery.seal_id}/uses",
        data={"title": "关于某事的证明"},
        files={"file": ("a.pdf", a_paper())},
        headers=PAGE,
    )
    address = str(shown.url.path)
    sealed = client.get(f"{address}/paper.pdf")

    assert shown.status_code == 200
    assert "关于某事的证明" in shown.text
    assert sealed.headers["content-type"] == "application/pdf"
    assert (
        client.post("/api/verify-document", files={"file": ("a.pdf", sealed.content)}).json()["match"]
        == "whole"
    )
    as_(client, chancery, "stranger")
    assert [client.get(path).status_code for path in (address, f"{address}/paper.pdf")] == [404, 404]


def test_the_register_is_managed_by_page_and_kept_as_table_and_paper(
    chancery: Chancery, client: TestClient
) -> None:
    as_(client, chancery, "manager")
    form = {
        "code": "3799000000009",
        "kind": "contract",
        "organ": ORGAN,
        "words": "合同专用章",
        "org_id": chancery.orgs["centre"],
        "on": "2026-03-01",
        "reason": "依据批准文件刻制",
    }

    wrong = client.post("/seals/new", data=form | {"words": ""}, headers=PAGE)
    made = client.post("/seals/new", data=form, headers=PAGE)
    address = made.url.path
    certified = client.post(f"{address}/certificate", headers=PAGE)
    named = client.post(f"{address}/keepers", data={"user_id": chancery.users["colleague"]}, headers=PAGE)
    unwatched = client.post(
        f"{address}/change",
        data={"move": "seal_away", "on": "2026-03-02", "reason": "机构改革"},
        headers=PAGE,
    )
    away = client.post(
        f"{address}/change",
        data={"move": "seal_away", "on": "2026-03-02", "reason": "机构改革", "witness": "钱监"},
        headers=PAGE,
    )

    assert (wrong.status_code, unwatched.status_code) == (422, 422)
    assert "除公章外，印章应当在五角星下方写明用途。" in wrong.text
    assert "封存和销毁应当写明见证人。" in unwatched.text
    assert {one.status_code for one in (made, certified, named, away)} == {200}
    assert "colleague 某" in named.text
    register = client.get("/seals", headers=PAGE).text
    sheet = load_workbook(BytesIO(client.get("/seals/register.xlsx").content)).active
    paper = PdfReader(BytesIO(client.get("/seals/register.pdf").content)).pages[0].extract_text()
    assert "已封存" in register
    assert [row[6].value for row in sheet.rows] == ["事项", "登记启用", "登记启用", "封存"]
    assert "".join("3799000000009").replace(" ", "") in "".join(paper.split())
    picture = client.get(f"{address}/picture.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert "合同专用章" in picture.text


def test_an_empty_register_says_what_will_be_there(chancery: Chancery, client: TestClient) -> None:
    as_(client, chancery, "stranger")

    page = client.get("/seals", headers=PAGE)

    assert page.status_code == 200
    assert "印章登记后显示在这里。" in page.text
    assert client.get("/api/seals").json() == []


@pytest.mark.parametrize("name", ["stranger", "keeper"])
def test_who_may_not_manage_or_use_is_refused(chancery: Chancery, client: TestClient, name: str) -> None:
    as_(client, chancery, name)
    seal = f"/api/seals/{chancery.seal_id}"

    answers = {
        "order": client.post(f"{seal}/orders", json={"purpose": "nothing"}).status_code,
        "self": client.post(f"{seal}/keepers", json={"user_id": chancery.users[name]}).status_code,
        "extra": client.post(f"{seal}/keepers", json={"user_id": "x", "named_by": "y"}).status_code,
    }

    expected = {
        "stranger": {"order": 404, "self": 403, "extra": 403},
        "keeper": {"order": 422, "self": 403, "extra": 422},
    }
    assert answers == expected[name]
