"""What pages about a purchase call people and things: the catalogue's sentences say it for tenders of works."""

from __future__ import annotations

from collections.abc import Mapping

from govcore.i18n.citations import cited
from trading.procedure.policy import Regime

LAWS = (
    "招标投标法实施条例",
    "招标投标法",
    "电子招标投标办法",
    "招标投标管理办法",
    "招标投标",
    "依法必须招标",
)
"""Names that hold one of the words and stay what they are."""


DIGITS = "〇一二三四五六七八九"


def _words(said: Mapping[str, str]) -> dict[str, str]:
    """English words, within a sentence and at its beginning."""
    return dict(said) | {
        one[0].upper() + one[1:]: other[0].upper() + other[1:] for one, other in said.items()
    }


def _cited(said: Mapping[str, str]) -> dict[str, str]:
    """Laws that stand alone in brackets, as English cites them and in both ways that Chinese cites one article."""
    found: dict[str, str] = {}
    for one, other in said.items():
        law, _, number = one.partition(" art. ")
        chinese = f"（{cited(other)}）"
        found |= {f"({one})": f"({other})", f"（{cited(one)}）": chinese}
        if number.isdigit():
            found[f"（{law}第{_numeral(int(number))}条）"] = chinese
    return found


def _numeral(number: int) -> str:
    tens, ones = divmod(number, 10)
    return f"{DIGITS[tens] if tens > 1 else ''}{'十' if tens else ''}{DIGITS[ones] if ones else ''}"


BOUGHT: Mapping[str, str] = {name: name for name in LAWS} | {
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
    **_words(
        {
            "tenderer": "purchaser",
            "tenderers": "purchasers",
            "tendering agency": "purchasing agency",
            "lot": "package",
            "lots": "packages",
        }
    ),
    **_cited(
        {
            "招标投标法 art. 44": "政府采购法实施条例 art. 40",
            "实施条例 art. 53": "政府采购法实施条例 art. 41",
            "招标投标法 art. 37; 实施条例 art. 46, 48": "政府采购法实施条例 art. 9",
        }
    ),
}
"""The words of works with those of any purchase."""

PURCHASE: Mapping[str, str] = {
    **BOUGHT,
    **_cited(
        {
            "招标投标法 art. 22": "87号令 art. 28",
            "招标投标法 art. 29": "87号令 art. 34",
            "招标投标法 art. 34": "87号令 art. 39",
            "招标投标法 art. 37": "87号令 art. 47, 48",
            "招标投标法实施条例 art. 44": "87号令 art. 42",
            "电子招标投标办法 art. 27": "87号令 art. 33",
            "T32 · 实施条例 art. 25": "87号令 art. 23",
        }
    ),
}
"""The words of a purchase that is tendered for like works (87号令)."""

CONSULTATION: Mapping[str, str] = {
    **BOUGHT,
    **_cited(
        {
            "招标投标法 art. 29": "财库〔2014〕214号 art. 13",
            "招标投标法 art. 37": "财库〔2014〕214号 art. 14",
            "电子招标投标办法 art. 27": "财库〔2014〕214号 art. 13",
        }
    ),
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
    "谁投了标": "谁作了响应",
    "政府采购招标规则": "政府采购规则",
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
    **_words(
        {
            "Government procurement by tender": "Government procurement",
            "committee": "consultation group",
            "committees": "consultation groups",
            "evaluation committee": "consultation group",
            "tender": "purchase",
            "tenders": "purchases",
            "tendered": "bought",
            "tender notice": "consultation notice",
            "tender documents": "consultation documents",
            "bidder": "supplier",
            "bidders": "suppliers",
            "bid": "response",
            "bids": "responses",
            "may bid": "may respond",
            "who bids": "who responds",
            "bid alone": "respond alone",
            "bids again": "responds again",
            "to bid": "to respond",
            "cannot bid": "cannot respond",
            "not bid": "not respond",
            "neither bid": "neither respond",
            "had bid": "had responded",
            "have bid": "have responded",
            "bidding": "responding",
            "bidding closed": "responses closed",
            "bidding is closed": "responses are closed",
            "bids read out": "responses opened",
            "bid read out": "response opened",
            "reading-out of all bids": "opening of all responses",
        }
    ),
}
"""The words of works and tenders with those of a consultation (财库〔2014〕214号)."""


def terms_of(regime: Regime, procedure: str) -> Mapping[str, str]:
    """What pages about this procedure say otherwise; a consultation is always a purchase."""
    if regime is Regime.TB:
        return {}
    return CONSULTATION if procedure == "consultation" else PURCHASE
