"""What is typed about the evaluation becomes rules that can be scored by, or is named where it was typed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from test_drafts import answered, made, wrong

from trading.documents import draft_forms
from trading.documents.benchmark_answers import PARAMETERS
from trading.documents.checks import examine
from trading.documents.evaluation_again import evaluation_said
from trading.documents.evaluation_answers import AdjustmentAnswer, GateAnswer, ItemAnswer, PolicyAnswer
from trading.documents.limits import limits_of
from trading.documents.price_texts import leader_text, price_texts, ranking_texts
from trading.procedure.paper_words import words_of
from trading.procedure.rules import rule_set
from trading.tender.criteria import DrawK, Drawn, Mean, TrimMean
from trading.tender.drafting import InconsistentTender, check_content
from trading.tender.evaluation_file import compose

WORKS = rule_set("tb-2026")


@pytest.mark.parametrize("family", PARAMETERS)
@pytest.mark.parametrize("method", ["bilateral", "highway"])
def test_each_benchmark_can_be_chosen_as_its_form_begins(family: str, method: str) -> None:
    new = made(answered(price_method=method, family=family))

    check_content(new.content, WORKS)
    assert examine(new.terms, limits_of(WORKS, "works")) == []
    file = compose(new.content, rule_set(new.rule_set), max_price_fen=1)
    assert price_texts(new.content, file)[0].startswith("评标基准价＝")


EVERYTHING: list[dict[str, Any]] = [
    {"price_method": "lowest_evaluated", "items": [], "price_points": "", "family": "MEAN", "tie": ""},
    {"price_method": "fixed", "price_points": "", "items": [ItemAnswer(label="方案", points="100")]},
    {"trim": "MEAN", "level": "ITEM", "stage": "EACH_ITEM", "candidates": "2", "tie": "信用部分"},
    {"leader": "named"},
    *({"price_method": "bilateral", "family": family, "floor": "5"} for family in PARAMETERS),
    {"price_method": "bilateral", "family": "DRAW_SUBSET", "benchmark": {"range": "", "max_share": "5"}},
]


@pytest.mark.parametrize("changes", EVERYTHING)
def test_the_answers_of_documents_make_the_same_evaluation_again(changes: dict[str, Any]) -> None:
    gates = [GateAnswer(label="保证金", article="第3.4条", kind="qualification")]
    first = made(answered(gates=gates, **changes)).content

    again = made(msgspec.structs.replace(answered(), **evaluation_said(first))).content

    for name in ("gates", "criteria", "price", "draws", "price_policies", "adjustments", "scoring", "leader"):
        assert getattr(again, name) == getattr(first, name)


@pytest.mark.parametrize(
    ("template", "leader", "text"),
    [
        ("water", "named", "评标委员会负责人由招标人确定（《评标委员会和评标方法暂行规定》第九条）"),
        (
            "water",
            "elected",
            "评标委员会负责人由评标委员会成员推举产生（《评标委员会和评标方法暂行规定》第九条）",
        ),
        ("goods", "elected", "评标委员会组长由成员推选产生，采购人代表不得担任组长"),
    ],
)
def test_the_documents_say_who_determines_the_committees_leader(
    template: str, leader: str, text: str
) -> None:
    answers = answered(template, leader="named" if template == "goods" else leader)
    content, rules = made(answers).content, rule_set(answers.rule_set)

    assert (content.leader, leader_text(content, words_of(rules.regime, "tender"))) == (leader, text)


def test_nobody_names_the_leader_of_a_government_purchase() -> None:
    answers = answered("goods")
    named = msgspec.structs.replace(made(answers).content, leader="named")

    with pytest.raises(InconsistentTender) as refused:
        check_content(named, rule_set(answers.rule_set))

    assert "G13 · 87号令 art. 45" in str(refused.value.data["detail"])


def test_several_values_are_drawn_at_the_opening_and_one_is_fixed() -> None:
    changes = {"price_method": "bilateral", "family": "DRAW_K"}

    several = made(answered(**changes, benchmark={"k": "1, 2，3"})).content
    one = made(answered(**changes, benchmark={"k": "2%", "inner": "MEAN", "form": "TIMES_K"})).content

    assert several.price.benchmark == DrawK(inner=TrimMean(), form="ONE_MINUS_K", k=Drawn("K"))
    assert [(draw.id, draw.candidates) for draw in several.draws] == [("K", ["0.01", "0.02", "0.03"])]
    assert one.price.benchmark == DrawK(inner=Mean(), form="TIMES_K", k="0.02")
    assert one.draws == []


def test_bands_and_steps_are_read_line_by_line() -> None:
    items = [
        ItemAnswer(section="技术", label="方案", points="30", kind="BAND", parts="优 25-30\n良：15至24.99\n"),
        ItemAnswer(label="业绩", points="10", kind="ADDITIVE", parts="每项业绩 5×2", objective="yes"),
    ]

    plan, record = (section.items[0] for section in made(answered(items=items)).content.criteria[:2])

    assert [(band.label, band.low, band.high) for band in plan.bands] == [
        ("优", "25", "30"),
        ("良", "15", "24.99"),
    ]
    assert [(step.label, step.points, step.most) for step in record.steps] == [("每项业绩", "5", 2)]
    assert (plan.objective, record.objective) == (False, True)


def test_the_least_evaluated_price_has_adjustments_and_no_items() -> None:
    late = AdjustmentAnswer(label="交货期", unit="日", rate="0.1")

    content = made(answered(price_method="lowest_evaluated", items=[], adjustments=[late])).content

    check_content(content, WORKS)
    assert (content.criteria, [(one.label, one.rate) for one in content.adjustments]) == (
        [],
        [("交货期", "0.001")],
    )


def test_a_policy_adds_to_points_where_a_benchmark_measures_and_lowers_the_price_elsewhere() -> None:
    policy = [PolicyAnswer(label="小微企业", kind="sme", rate="3")]

    [adds] = made(answered(price_policies=policy)).content.price_policies
    [lowers] = made(answered(price_policies=policy, price_method="low_price_first")).content.price_policies

    assert (adds.how, adds.rate, lowers.how) == ("ADD_ON", "0.03", "DISCOUNT")


def test_a_consultations_documents_read_nothing_out_and_have_one_envelope() -> None:
    answers = answered("goods", procedure="consultation", ground="complex", price_method="low_price_first")

    content = made(answers).content

    check_content(content, rule_set("gp-2026"))
    assert (content.reads_out, [part.public for part in content.parts[:2]]) == (False, [False, False])
    assert [part.label for part in content.parts[:2]] == ["报价一览表", "磋商保证金"]
    assert ("form", "two_envelopes") in wrong(msgspec.structs.replace(answers, two_envelopes=True))
    assert ("price", "ground") in wrong(msgspec.structs.replace(answers, ground=""))


def test_the_first_section_decides_between_equal_bids_and_in_a_purchase_the_draw() -> None:
    assert made(answered()).content.scoring.ties == ["s1"]
    assert made(answered(tie="信用部分")).content.scoring.ties == ["s2"]
    assert made(answered("goods")).content.scoring.ties == []
    assert made(answered("goods", procedure="consultation", ground="complex")).content.scoring.ties == ["s1"]


BILATERAL = {"price_method": "bilateral"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({**BILATERAL, "family": "LUCK"}, ("price", "family")),
        ({**BILATERAL, "benchmark": {"from": "0"}}, ("price", "b_from")),
        ({**BILATERAL, "family": "ABC", "benchmark": {"weights": "50, 30"}}, ("price", "b_weights")),
        ({**BILATERAL, "family": "DRAW_SUBSET", "benchmark": {"sizes": "10 50"}}, ("price", "b_sizes")),
        ({**BILATERAL, "family": "DRAW_K", "benchmark": {"k": "1e2"}}, ("price", "b_k")),
        ({**BILATERAL, "e1": "-1"}, ("price", "e1")),
        ({"price_policies": [PolicyAnswer(label="小微企业")]}, ("price", "policy_rate-1")),
        ({"gates": [GateAnswer(label="保证金")]}, ("scoring", "gate_article-1")),
        ({"price_method": "lowest_evaluated"}, ("price", "price_method")),
        (
            {
                "price_method": "lowest_evaluated",
                "items": [],
                "adjustments": [AdjustmentAnswer(label="交货期", unit="日", rate="1", amount="1")],
            },
            ("price", "adjust_rate-1"),
        ),
        ({"items": [ItemAnswer(label="方案", points="40", parts="优 1-2")]}, ("scoring", "parts-1")),
        ({"items": [ItemAnswer(label="方案", points="40", kind="BAND", parts="优")]}, ("scoring", "parts-1")),
    ],
)
def test_what_does_not_fit_is_named_where_it_was_typed(
    changes: dict[str, Any], place: tuple[str, str]
) -> None:
    assert wrong(answered(**changes)) == [place]


def test_another_family_begins_with_its_own_parameters_and_unshown_tables_stay() -> None:
    policy = PolicyAnswer(label="小微企业", rate="3")
    before = answered(price_policies=[policy], benchmark={"from": "7"}, **BILATERAL)

    same = draft_forms.take(
        before, "price", {"family": "TRIM_MEAN_HL", "shown_family": "TRIM_MEAN_HL", "b_from": "9"}
    )
    other = draft_forms.take(
        before, "price", {"family": "ABC", "shown_family": "TRIM_MEAN_HL", "b_from": "9"}
    )

    assert (same.benchmark, other.benchmark, other.price_policies) == ({"from": "9"}, {}, [policy])


@pytest.mark.parametrize(
    ("template", "changes", "said"),
    [
        (
            "water",
            {},
            "总分相同的，投标报价较低的优先，再相同的技术部分得分较高的优先；仍相同的由招标人确定。",
        ),
        ("goods", {}, "总分相同的，投标报价较低的优先；仍相同的并列。并列第一的，随机抽取确定。"),
        (
            "services",
            {"procedure": "consultation", "ground": "services"},
            "总分相同的，最后报价较低的优先，再相同的技术部分得分较高的优先；仍相同的并列。",
        ),
        (
            "goods",
            {"price_method": "lowest_evaluated", "items": [], "price_points": ""},
            "评审价格相同的并列。并列第一的，随机抽取确定。",
        ),
    ],
)
def test_the_book_says_who_is_before_whom(template: str, changes: dict[str, Any], said: str) -> None:
    answers = answered(template, **changes)
    content = made(answers).content
    file = compose(content, rule_set(answers.rule_set), max_price_fen=1)

    assert said in ranking_texts(content, file)
