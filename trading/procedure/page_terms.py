"""What pages about a purchase call people and things: the catalogue's sentences say it for tenders of works."""

from __future__ import annotations

from collections.abc import Mapping

from trading.procedure.policy import Regime

LAWS = ("招标投标法实施条例", "招标投标法", "电子招标投标办法", "招标投标管理办法", "招标投标")
"""Names that hold one of the words and stay what they are."""

PURCHASE: Mapping[str, str] = {name: name for name in LAWS} | {
    "招标代理机构": "采购代理机构",
    "招标人": "采购人",
    "招标范围": "采购需求",
    "投标担保": "投标保证金",
    "最高投标限价": "最高限价",
    "评标专家": "评审专家",
    "标段": "采购包",
    "行政监督部门": "监督管理部门",
    "建设地点": "履约地点",
    "工期": "合同履行期限",
    "项目经理": "项目负责人",
}
"""The words of works with those of any purchase, which is tendered for like them (87号令)."""

CONSULTATION: Mapping[str, str] = {
    **PURCHASE,
    "招标文件": "磋商文件",
    "招标公告": "磋商公告",
    "公开招标": "竞争性磋商",
    "招标": "采购",
    "投标人": "供应商",
    "投标文件": "响应文件",
    "投标报价": "报价",
    "投标总价": "报价",
    "投标保证金": "磋商保证金",
    "投标担保": "磋商保证金",
    "正在接收投标": "正在接收响应文件",
    "联合体投标": "联合体",
    "投标": "响应",
    "开标记录": "响应文件开启记录",
    "开标": "开启",
    "唱标": "开启",
    "评标委员会": "磋商小组",
    "评标": "评审",
    "否决投标": "响应无效",
    "中标候选人": "成交候选供应商",
    "中标人": "成交供应商",
    "中标": "成交",
}
"""The words of works and tenders with those of a consultation (财库〔2014〕214号)."""


def terms_of(regime: Regime, procedure: str) -> Mapping[str, str]:
    """What pages about this procedure say otherwise; a consultation is always a purchase."""
    if regime is Regime.TB:
        return {}
    return CONSULTATION if procedure == "consultation" else PURCHASE
