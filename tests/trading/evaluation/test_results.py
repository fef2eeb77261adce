"""What belongs to a result: forms, the way to each bid's points, the members' signatures under the report."""

from __future__ import annotations

import io

from evaluated_city import City, SignIn
from openpyxl import load_workbook

from govcore.errors import NotFound, Problem
from govcore.identity.queries import actor_of_user
from trading.evaluation import queries, signatures
from trading.evaluation.bundles import sha256_of
from trading.evaluation.computing import finished

PAGE = {"accept": "text/html"}


def test_the_documents_kept_by_their_hashes_are_what_the_result_is_computed_from(evaluated: City) -> None:
    with evaluated.database.read() as tx:
        found = finished(tx, evaluated.lot_id)
    assert found is not None
    assert found.round.documents == {name: sha256_of(made) for name, made in found.documents.items()}
    assert [one.bid for one in found.result.standings] == ["bid-2", "bid-1", "bid-3", "bid-4"]
    assert found.result.candidates == ["bid-2", "bid-1", "bid-3"]


def test_members_sign_exactly_the_report_or_dissent_in_writing_once(evaluated: City) -> None:
    with evaluated.database.read() as tx:
        sha256 = queries.report_sha256(tx, evaluated.lot_id)

    def sign(name: str, seen: str = sha256, dissent: str = "") -> str:
        try:
            with evaluated.database.transaction() as tx:
                actor, at = actor_of_user(tx, name), queries.completed_at(tx, evaluated.lot_id)
                assert at is not None
                signatures.sign(tx, evaluated.lot_id, sha256=seen, dissent=dissent, actor=actor, at=at)
        except Problem as problem:
            return problem.code
        return "signed"

    answers = [
        sign("expert-1"),
        sign("expert-1"),
        sign("expert-2", "0" * 64),
        sign("expert-2", dissent="字" * 1001),
        sign("expert-2", dissent="对第二名的业绩认定有异议"),
        sign("outside-expert"),
        sign("tenderer"),
    ]

    assert answers == [
        "signed",
        "E_REPORT_SIGNED",
        "E_REPORT_OTHER",
        "E_DISSENT",
        "signed",
        NotFound.code,
        NotFound.code,
    ]
    with evaluated.database.read() as tx:
        said = signatures.signatures_of(tx, evaluated.lot_id, 1)
    assert [(one.seat, one.dissent) for one in said] == [(1, ""), (2, "对第二名的业绩认定有异议")]


def test_forms_and_traces_are_for_those_who_may_see_the_sheets(evaluated: City, sign_in: SignIn) -> None:
    paths = [f"/evaluation/lot-1/{one}" for one in ("forms.pdf", "forms.xlsx", "trace/bid-1")]

    def codes(name: str) -> list[int]:
        return [sign_in(name).get(path, headers=PAGE).status_code for path in paths]

    assert {name: codes(name) for name in ("tenderer", "regulator", "agency", "other-tenderer")} == {
        "tenderer": [200, 200, 200],
        "regulator": [200, 200, 200],
        "agency": [404, 404, 404],
        "other-tenderer": [404, 404, 404],
    }
    assert sign_in("tenderer").get("/evaluation/lot-1/trace/bid-x", headers=PAGE).status_code == 404


def test_the_forms_say_what_each_seat_gave(evaluated: City, sign_in: SignIn) -> None:
    content = sign_in("tenderer").get("/evaluation/lot-1/forms.xlsx").content

    book = load_workbook(io.BytesIO(content))
    individual = book["4 评委个人评分表（评委1）"]
    rows = [[cell.value for cell in row] for row in individual.iter_rows()]
    assert rows == [
        [
            "评分项",
            "满分",
            "1. 临湖安澜水利建设有限公司",
            "2. 东坝河工集团有限公司",
            "3. 清源堤防工程有限公司",
        ],
        ["施工组织设计", "25", "20.00", "22.00", "18.00"],
        ["安全文明施工措施", "15", "12.00", "13.50", "10.25"],
        ["企业信用", "10", "8.00", "9.00", "7.00"],
        ["合计", "50", "40.00", "44.50", "35.25"],
    ]
