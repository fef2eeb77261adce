"""What papers of a consultation say of its ground, and of how many suppliers it goes on with."""

from __future__ import annotations

from itertools import groupby

from trading.procedure.competition import GROUND_TEXTS, Stage
from trading.procedure.policy import Parameter, RuleSet
from trading.procedure.words import cited
from trading.tender.schemas import TenderContent

_STAGES = {
    Stage.RECEIVED: "提交首次响应文件的供应商",
    Stage.REMAINING: "磋商后符合要求的供应商",
    Stage.FINAL: "提交最后报价的供应商",
    Stage.RESPONSIVE: "推荐的成交候选供应商",
}


def ground_text(content: TenderContent, rules: RuleSet) -> str:
    """Why the purchase is led as a consultation, and how many suppliers each stage needs; nothing for a tender."""
    if content.procedure != "consultation":
        return ""
    ground = GROUND_TEXTS[content.ground] + "，" if content.ground else ""
    return f"{ground}采用竞争性磋商方式采购。{needed_text(content, rules)}"


def needed_text(content: TenderContent, rules: RuleSet) -> str:
    """How many suppliers each stage of a consultation needs, each number with its articles."""
    found = [(content.least(rules, stage), who) for stage, who in _STAGES.items()]
    parts = []
    for rule_id, same in groupby(found, key=lambda one: one[0].id):
        stages = [who for _, who in same]
        parts.append(f"{'、'.join(stages)}{_fewest(rules[rule_id], several=len(stages) > 1)}")
    return "；".join(parts) + "。"


def _fewest(rule: Parameter, *, several: bool) -> str:
    return f"{'均' if several else ''}不得少于{rule.number}家（{cited(rule)}）"
