"""Rule sets and explanations as anybody sees them, without an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import unescape

import pytest
from apps import app_for
from litestar.testing import TestClient

from govcore.calendar import vendored
from govcore.clock import BEIJING
from govcore.platform import Platform
from trading.procedure.comparing import compare
from trading.procedure.deadlines import due
from trading.procedure.explaining import address_of
from trading.procedure.rules import rule_set, rule_sets


@pytest.fixture
def client(platform: Platform) -> Iterator[TestClient]:
    client = TestClient(app_for(platform), base_url="http://site.example")
    client.cookies.set("lang", "en")
    return client


def text(client: TestClient, address: str, *, status: int = 200) -> str:
    found = client.get(address)
    assert found.status_code == status
    return unescape(found.text)


def test_anybody_reads_compares_and_asks_why(client: TestClient) -> None:
    listed = text(client, "/rules")
    one = text(client, "/rules/tb-2026")
    compared = text(client, "/rules/compare?first=tb-2026&second=demo")

    assert [name for name in rule_sets() if f'href="/rules/{name}"' not in listed] == []
    assert [rule for rule in rule_set("tb-2026").rules if f'id="{rule}"' not in one] == []
    assert "default, not verified" in one
    found = compare(rule_set("tb-2026"), rule_set("demo"))
    differ, same = len(found.different), len(found.same)
    assert differ + same == len(rule_set("tb-2026").rules)
    assert f"{differ} rules differ, {same} are the same" in compared
    assert compared.index("<strong>T01</strong>") < compared.index(f"The same in both ({same})")


def test_a_link_from_anywhere_explains_a_limit(client: TestClient) -> None:
    stop = (datetime(2025, 1, 10, 9, tzinfo=BEIJING), datetime(2025, 1, 11, 17, tzinfo=BEIJING))
    start = datetime(2024, 12, 30, 10, tzinfo=BEIJING)
    limit = due(rule_set("tb-2026"), "T21", start, calendar=vendored(), frozen=[stop])

    english = text(client, address_of(limit))
    client.cookies.set("lang", "zh_CN")
    chinese = text(client, address_of(limit))

    assert "Not counted: 2025-01-10 09:00:00 to 2025-01-11 17:00:00." in english
    assert "It ends at 2025-02-05 24:00:00." in english
    assert "于 2025-02-05 24:00:00 届满。" in chinese
    assert "招标投标法第46条" in chinese


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/rules/explain?rule=T21&start=tomorrow", "This is no moment: tomorrow."),
        ("/rules/explain?rule=T21&start=9999-12-31", "This is no moment: 9999-12-31."),
        (
            "/rules/explain?rule=T21&start=2026-03-02&left_out=0001-01-01/2026-01-01",
            "This is no moment: 0001-01-01.",
        ),
        ("/rules/explain?rule=T22&start=2026-03-02", "has no rule T22 of the kind"),
        ("/rules/explain?rule=T21&start=2026-03-02&left_out=x", "This is no moment: x."),
        ("/rules/none", "There is no rule set of this name here."),
    ],
)
def test_what_cannot_be_explained_says_so(client: TestClient, address: str, sentence: str) -> None:
    assert sentence in text(client, address, status=422)


def test_programs_read_the_same(client: TestClient) -> None:
    sets = client.get("/api/rule-sets").json()
    one = client.get("/api/rule-sets/tb-2026").json()
    compared = client.get("/api/rule-sets/tb-2026/against/demo").json()
    why = client.get("/api/rule-sets/tb-2026/T08/explained?start=2025-03-17T09:00").json()

    assert [entry["id"] for entry in sets] == list(rule_sets())
    assert (one["version"], len(one["rules"])) == (
        rule_set("tb-2026").version,
        len(rule_set("tb-2026").rules),
    )
    first = compared["different"][0]
    assert (first["rule"], first["first"]["value"], first["second"]["unit"]) == ("T01", 20, "second")
    assert (why["at"], why["article"], why["en"][-1]) == (
        "2025-03-20T16:00:00Z",
        "实施条例 art. 22",
        "It ends at 2025-03-20 24:00:00.",
    )
