"""Documents that may not be released, and the words that make them so; each with its rule and article."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from scene_city import ordinary_content

from bidding_docs.summary import Field, Form
from trading.documents import forbidden
from trading.documents.checks import DocumentsRefused, ReasonMissing, examine, require_clean
from trading.documents.limits import limits_of
from trading.documents.schemas import LotTerms, Terms
from trading.procedure.rules import rule_set
from trading.tender.criteria import Criterion, Item, PricePolicy, PriceRule, Step, TrimMean

YUAN = 100
TB = limits_of(rule_set("tb-2026"), "works")
DESIGN = limits_of(rule_set("tb-2026"), "services")
GOODS = limits_of(rule_set("gp-2026"), "goods")
SERVICES = limits_of(rule_set("gp-2026"), "services")


def terms(*, lot: dict[str, Any] | None = None, **content: Any) -> Terms:
    price = 12_000_000 * YUAN
    fields: dict[str, Any] = {"number": 1, "name": "第1标段", "max_price_fen": price, "estimate_fen": price}
    content = {"policies": ["专门面向中小企业采购。"], **content}
    return Terms(
        title="东坝堤防加固工程施工招标",
        content=msgspec.structs.replace(ordinary_content(), **content),
        lots=[LotTerms(**{**fields, "deposit_fen": 200_000 * YUAN, **(lot or {})})],
    )


def told(found: Terms, limits: Any = TB) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in examine(found, limits)]


@pytest.mark.parametrize("limits", [GOODS, SERVICES])
def test_a_purchase_tells_its_budget_and_its_policies(limits: Any) -> None:
    silent = terms(lot={"estimate_fen": None}, policies=[])

    assert told(silent, limits) == [("M87-13", "error")] * 2
    assert told(silent, TB) == []
    assert (silent.budget_fen, terms().budget_fen) == (None, 12_000_000 * YUAN)


def test_ordinary_documents_have_no_finding() -> None:
    assert examine(terms(), TB) == []


@pytest.mark.parametrize(
    ("deposit", "estimate", "limits", "expected"),
    [
        (240_000, None, TB, []),  # 2 % of the maximum price, where there is no estimate
        (240_001, None, TB, [("T22", "error")]),
        (200_000, 10_000_000, TB, [("T33", "warning")]),  # 2 % of the estimate exactly
        (200_001, 10_000_000, TB, [("T22", "error"), ("T33", "warning")]),
        (600_000, 30_000_000, TB, []),  # MN01
        (600_001, 30_000_000, TB, [("T22", "error")]),
        (90_000, 4_500_000, TB, [("T33", "warning")]),  # MN03
        (90_001, 4_500_000, TB, [("T22", "error"), ("T33", "warning")]),
        (800_000, 50_000_000, TB, []),
        (800_001, 50_000_000, TB, [("T36", "error")]),
        (100_000, 50_000_000, DESIGN, []),
        (100_001, 50_000_000, DESIGN, [("T36", "error")]),
        (800_001, 50_000_000, GOODS, []),  # the absolute cap is the tendering law's
        (1_000_001, 50_000_000, GOODS, [("G06", "error")]),
    ],
)
def test_deposits_stay_below_their_cap(
    deposit: int, estimate: int | None, limits: Any, expected: list[tuple[str, str]]
) -> None:
    lot = {"deposit_fen": deposit * YUAN, "estimate_fen": estimate and estimate * YUAN}

    assert told(terms(lot=lot), limits) == expected


@pytest.mark.parametrize(
    ("points", "limits", "expected"),
    [
        (29, GOODS, [("G20", "error")]),
        (30, GOODS, []),
        (9, SERVICES, [("G20", "error")]),
        (10, SERVICES, []),
        (1, TB, []),
    ],
)
def test_the_price_has_its_least_weight(points: int, limits: Any, expected: list[tuple[str, str]]) -> None:
    rest = 100 - points
    items = [Item(id="plan", label="方案", max_points=rest)]
    criteria = [
        Criterion(id="technical", label="技术", kind="manual", max_points=rest, items=items),
        Criterion(id="price", label="报价", kind="price", max_points=points),
    ]

    assert told(terms(criteria=criteria), limits) == expected


@pytest.mark.parametrize(
    ("content", "limits", "expected"),
    [
        ({"deposit_forms": ("transfer", "cheque")}, TB, [("BH20", "error")]),
        ({"deposit_forms": ("transfer", "insurance")}, TB, []),
        ({"deposit_validity_days": 89}, TB, [("T22", "error")]),
        ({"deposit_validity_days": 90}, TB, []),
        ({"deposit_validity_days": 89}, GOODS, [("T22", "warning")]),
        ({"available_days": 4}, TB, [("T02", "error")]),
        ({"available_days": 5}, TB, []),
        ({"available_days": 6}, GOODS, [("G02", "error")]),  # 5 working days
        ({"price_type": "discount"}, TB, [("price-type", "error")]),
        ({"price_type": "unit"}, TB, [("unit-prices", "warning")]),
    ],
)
def test_parameters_are_held_against_the_rules(
    content: dict[str, Any], limits: Any, expected: list[tuple[str, str]]
) -> None:
    assert told(terms(**content), limits) == expected


BENCHMARK = {"price": PriceRule(method="bilateral", benchmark=TrimMean())}


def policy(kind: str, rate: str, how: str = "DISCOUNT") -> dict[str, Any]:
    one = {"id": "p", "label": "价格扣除", "kind": kind, "rate": rate, "how": how}
    return {"price_policies": [msgspec.convert(one, PricePolicy)]}


@pytest.mark.parametrize(
    ("content", "limits", "expected"),
    [
        (BENCHMARK, TB, []),
        (BENCHMARK, GOODS, [("M87-55", "error")]),
        ({"price": PriceRule(method="bilateral", e1="0.5", e2="0.5")}, TB, [("price.e1", "warning")]),
        (policy("sme", "0.10"), GOODS, []),
        (policy("sme", "0.20"), SERVICES, []),
        (policy("sme", "0.0999"), GOODS, [("sme.goods_services", "error")]),
        (policy("sme", "0.2001"), GOODS, [("sme.goods_services", "error")]),
        (policy("sme_consortium", "0.07"), GOODS, [("sme.consortium", "error")]),
        (policy("domestic", "0.2"), GOODS, []),
        (policy("domestic", "0.1"), GOODS, [("domestic.rate", "error")]),
        (policy("other", "0.5"), GOODS, []),
        (policy("sme", "0.1", "ADD_ON"), GOODS, [("policy-effect", "error")]),
        (policy("sme", "0.05"), TB, []),
        (policy("sme", "0.06"), TB, [("sme.works", "error")]),
        (policy("sme", "0.05") | BENCHMARK, TB, [("policy-effect", "error")]),
        (policy("sme", "0.05", "ADD_ON") | BENCHMARK, TB, []),
        ({"procedure": "consultation"}, SERVICES, [("G20.consultation_services", "error")]),
        ({"procedure": "consultation"}, GOODS, []),
    ],
)
def test_methods_and_policies_stay_inside_the_law(
    content: dict[str, Any], limits: Any, expected: list[tuple[str, str]]
) -> None:
    assert told(terms(**content), limits) == expected


def test_vague_words_are_found_in_bands_steps_and_gates() -> None:
    items = [
        Item(
            id="plan",
            label="方案",
            max_points=50,
            kind="ADDITIVE",
            steps=[Step(id="s", label="评委酌情加分", points="5")],
        )
    ]
    criteria = [
        Criterion(id="technical", label="技术", kind="manual", max_points=50, items=items),
        Criterion(id="price", label="报价", kind="price", max_points=50),
    ]

    [found] = examine(terms(criteria=criteria), TB)

    assert (found.rule, found.place[-2:], found.words) == ("vague", ("steps", "s"), "酌情")


def test_a_discount_is_asked_beside_the_sum() -> None:
    form = ordinary_content().form
    discount = Field(id="discount_bp", label="下浮率（万分之）", kind="integer", max=10_000)

    asked = terms(price_type="discount", form=Form(fields=(*form.fields, discount)))

    assert told(asked) == []
    assert told(terms(form=asked.content.form)) == [("price-type", "error")]


SAYS = {
    "brand": ("防水卷材须采用雨虹品牌产品", "须采用雨虹品牌或相当于该档次的产品"),
    "capital": ("注册资本不少于5000万元", "不以注册资本作为条件"),
    "size": ("上年度营业收入不低于1亿元", "不要求营业收入"),
    "branch": ("须在我市设有分公司", "无需设立分支机构"),
    "local-taxes": ("在本市缴纳社会保险的人员", "社会保险缴纳证明不限地区"),
    "local-awards": ("近三年获得本省优质工程奖", "近三年类似工程业绩"),
    "ownership": ("投标人应为国有企业", "不限国有、民营企业"),
    "sign-up": ("须在截止前完成投标报名", "无需报名即可下载"),
    "in-person": ("法定代表人须携带原件到场", "法定代表人授权委托书"),
    "only-cash": ("投标保证金仅接受电汇", "接受电汇、银行保函和保证保险"),
    "least-price": ("最低投标限价为最高限价的85%", "不设最低投标限价"),
    "maker": ("提供生产厂家授权书", "无需生产厂家授权"),
    "fee": ("招标文件工本费500元", "招标文件免费下载"),
    "vague": ("由评委酌情给分", "每有一项得2分，最多10分"),
}


@pytest.mark.parametrize("rule", SAYS)
def test_a_forbidden_condition_is_found_and_its_harmless_neighbour_is_not(rule: str) -> None:
    bad, good = SAYS[rule]

    assert {one.rule for one in examine(terms(qualification=bad), GOODS)} == {rule}
    assert examine(terms(qualification=good), GOODS) == []


def test_every_pattern_has_a_case() -> None:
    assert {one.rule for one in forbidden.PATTERNS} == {*SAYS, "scored-qualification"}


def test_qualifications_are_not_scored() -> None:
    items = [Item(id="q", label="企业资质", max_points=50, rule="一级资质等级得满分")]
    criteria = [
        Criterion(id="technical", label="技术", kind="manual", max_points=50, items=items),
        Criterion(id="price", label="报价", kind="price", max_points=50),
    ]

    found = examine(terms(criteria=criteria), GOODS)

    place = ("content", "criteria", "technical", "items", "q")
    assert [(one.rule, one.place, one.words) for one in found] == [
        ("scored-qualification", place, "企业资质"),
        ("scored-qualification", place, "资质等级"),
    ]
    assert examine(terms(qualification="具有企业资质"), GOODS) == []


def test_a_demonstration_keeps_the_lawful_amounts_and_a_default_is_marked() -> None:
    demo = limits_of(rule_set("demo"), "works")

    assert told(terms(lot={"deposit_fen": 240_001 * YUAN}), demo) == [("T22", "error")]
    assert (TB.verified("T22"), TB.verified("T36")) == (True, False)


def test_an_error_refuses_and_a_warning_waits_for_its_reason() -> None:
    bad = examine(terms(qualification="须采用雨虹品牌产品"), TB)
    doubtful = examine(terms(qualification="注册资本不少于500万元"), TB)

    with pytest.raises(DocumentsRefused) as refused:
        require_clean(bad, {bad[0].key: "甲方要求"})
    with pytest.raises(ReasonMissing) as missing:
        require_clean(doubtful, {doubtful[0].key: " "})
    require_clean(doubtful, {doubtful[0].key: "与项目规模相适应，经集体研究"})

    assert (refused.value.data["rule"], refused.value.data["basis"]) == ("brand", "实施条例 art. 32(5)")
    assert missing.value.data["rule"] == "capital"


def test_a_reason_answers_the_words_it_was_given_for() -> None:
    before = examine(terms(qualification="注册资本不少于500万元"), TB)
    after = examine(terms(qualification="注册资金不少于900万元"), TB)

    with pytest.raises(ReasonMissing):
        require_clean(after, {before[0].key: "与项目规模相适应"})
