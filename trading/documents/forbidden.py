"""Conditions that documents may not hold, and words too vague to score by: patterns with their articles.

A pattern is a first look, not a judgement: it errs on the side of asking. What stands after a word of negation in its
clause ("无需报名") is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from govcore.errors import Detail
from trading.procedure.policy import Regime

Severity = Literal["error", "warning"]
Where = Literal["everywhere", "criteria"]

_CLAUSE = re.compile(r"[^，。；！？,;\n]+")
_NEGATION = re.compile(r"不得|不要求|不需|不必|不以|不接受|不设|不限|不再|无需|无须|免于|取消|禁止|严禁")
_LOCAL = r"(?:本地|当地|本市|本省|本县|本区|我市|我省|我县|我区|项目所在地|所在地)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One forbidden condition: where it stands in the law of each regime, what it says and how to mend it."""

    rule: str
    basis: dict[Regime, str]
    severity: dict[Regime, Severity]
    words: re.Pattern[str]
    what: Detail
    mend: Detail
    where: Where = "everywhere"


def _pattern(
    rule: str,
    words: str,
    what: Detail,
    mend: Detail,
    *,
    tb: tuple[Severity, str] | None = None,
    gp: tuple[Severity, str] | None = None,
    where: Where = "everywhere",
) -> Pattern:
    given: dict[Regime, tuple[Severity, str]] = {}
    if tb:
        given[Regime.TB] = tb
    if gp:
        given[Regime.GP] = gp
    return Pattern(
        rule=rule,
        basis={regime: basis for regime, (_, basis) in given.items()},
        severity={regime: severity for regime, (severity, _) in given.items()},
        words=re.compile(words),
        what=what,
        mend=mend,
        where=where,
    )


PATTERNS = (
    _pattern(
        "brand",
        r"(?:指定|限定|限用|仅限|须采用|应采用|必须采用|须使用|必须使用)[^，。；]{0,12}(?:品牌|商标|专利|厂家|供应商)(?![^，。；]*(?:或相当|或同等|或等同))",
        Detail("It names a brand, patent or supplier."),
        Detail("Describe the performance; where a name is the only way, add “or equivalent”."),
        tb=("error", "实施条例 art. 32(5)"),
        gp=("error", "政府采购法实施条例 art. 20(6)"),
    ),
    _pattern(
        "capital",
        r"注册(?:资本|资金)",
        Detail("It asks for registered capital."),
        Detail("Leave it out; ask for the qualification that the work needs."),
        tb=("warning", "实施条例 art. 32(2)"),
        gp=("error", "政府采购货物和服务招标投标管理办法 art. 17"),
    ),
    _pattern(
        "size",
        r"资产总额|营业收入|年营业额|从业人员(?:数|不少)|利润(?:总额|率|不低于)|纳税额",
        Detail("It asks for the size of the enterprise."),
        Detail("Leave it out: size is neither a qualification nor a point."),
        tb=("warning", "实施条例 art. 32(2)"),
        gp=("error", "政府采购货物和服务招标投标管理办法 art. 17"),
    ),
    _pattern(
        "branch",
        rf"(?:设立|设有|成立|具有|须有|开设)[^，。；]{{0,8}}(?:分公司|分支机构|子公司|办事处)"
        rf"|{_LOCAL}[^，。；]{{0,6}}(?:企业|公司)(?:方可|优先|才)",
        Detail("It asks for a local branch or office."),
        Detail("Ask for what the contract needs, for example a time of response."),
        tb=("error", "实施条例 art. 32; 发改法规规〔2022〕1117号 (3)"),
        gp=("error", "政府采购法实施条例 art. 20(8)"),
    ),
    _pattern(
        "local-taxes",
        rf"{_LOCAL}[^，。；]{{0,8}}(?:注册|登记|纳税|缴纳税|缴税|社保|社会保险)",
        Detail("It asks for registration, taxes or social insurance in a place."),
        Detail("Accept proof from any place."),
        tb=("error", "发改法规规〔2022〕1117号 (3)"),
        gp=("error", "政府采购法实施条例 art. 20(8)"),
    ),
    _pattern(
        "local-awards",
        rf"(?:{_LOCAL}|特定行政区域|特定行业|省级|市级|县级)[^，。；]{{0,8}}(?:业绩|奖|荣誉)",
        Detail("It counts performance or awards of one region or trade."),
        Detail("Count comparable work wherever it was done."),
        tb=("error", "实施条例 art. 32(3)"),
        gp=("error", "政府采购法实施条例 art. 20(4)"),
    ),
    _pattern(
        "ownership",
        r"(?:仅限|限于|须为|应为|必须(?:是|为)|优先(?:考虑)?)[^，。；]{0,6}(?:国有|央企|国企|民营|外资|合资)",
        Detail("It asks for a form of ownership."),
        Detail("Leave it out: bidders of every ownership are treated alike."),
        tb=("error", "实施条例 art. 32(6)"),
        gp=("error", "政府采购法实施条例 art. 20(7)"),
    ),
    _pattern(
        "sign-up",
        r"投标报名|报名(?:登记|手续|时间|截止|材料|费)|(?<![无不])(?:须|应|需|先|办理|完成)[^，。；]{0,4}报名|购买招标文件",
        Detail("It makes downloading or bidding depend on signing up."),
        Detail("Leave it out: everybody downloads without a name."),
        tb=("error", "电子招标投标办法 art. 20; 发改法规规〔2022〕1117号 (3)"),
        gp=("error", "电子招标投标办法 art. 20"),
    ),
    _pattern(
        "in-person",
        r"(?:法定代表人|法人代表|单位负责人|项目经理|项目负责人)[^，。；]{0,10}(?:到场|到现场|现场递交|出席|亲自|本人参加)",
        Detail("It asks for the legal representative or the manager in person."),
        Detail("Leave it out: bids are handed in and opened online."),
        tb=("error", "发改法规规〔2022〕1117号 (3)"),
        gp=("error", "政府采购法实施条例 art. 20(8)"),
    ),
    _pattern(
        "only-cash",
        r"(?:只|仅|限)(?:接受|以|用|能|限)?[^，。；]{0,6}(?:现金|转账|电汇|汇款)|拒绝[^，。；]{0,4}保函",
        Detail("It takes deposits in cash only."),
        Detail("Accept guarantees of banks and surety insurance too."),
        tb=("error", "优化营商环境条例 art. 25; 山东省优化营商环境条例 art. 15"),
        gp=("error", "政府采购法实施条例 art. 33"),
    ),
    _pattern(
        "least-price",
        r"最低(?:投标)?限价|报价不得低于[^，。；]*(?:元|%|％|限价)|报价下限|低于[^，。；]{1,20}(?:元|%|％)的?[^，。；]{0,4}(?:否决|无效|废标)",
        Detail("It sets a lowest price."),
        Detail("Leave it out; the committee asks a bidder whose price may lie below its cost."),
        tb=("error", "实施条例 art. 27"),
        gp=("error", "政府采购货物和服务招标投标管理办法 art. 12"),
    ),
    _pattern(
        "maker",
        r"(?:生产厂家|制造商|生产商|原厂|厂商)[^，。；]{0,6}(?:授权|承诺|证明|背书)",
        Detail("It asks for a maker's authorisation."),
        Detail("Leave it out, unless the goods are imported."),
        gp=("error", "政府采购货物和服务招标投标管理办法 art. 17"),
        tb=("warning", "实施条例 art. 32(2)"),
    ),
    _pattern(
        "scored-qualification",
        r"资质等级|企业资质|营业执照|资格条件",
        Detail("It scores a qualification."),
        Detail("A qualification is there or not: ask for it under “who may bid”."),
        gp=("error", "政府采购货物和服务招标投标管理办法 art. 55"),
        tb=("warning", "实施条例 art. 49"),
        where="criteria",
    ),
    _pattern(
        "fee",
        r"(?:招标文件|标书)(?:售价|工本费|费用?)[^，。；]{0,4}[1-9]",
        Detail("It asks a fee for the documents."),
        Detail("Documents that are downloaded cost nothing."),
        tb=("error", "实施条例 art. 16"),
        gp=("error", "政府采购货物和服务招标投标管理办法 art. 24"),
    ),
    _pattern(
        "vague",
        r"酌情|视情况|视情形|适当(?:加分|扣分|给分|考虑)?|酌定|优先考虑|横向比较|印象",
        Detail("The word leaves open how points are given."),
        Detail("Say what earns how many points."),
        tb=("warning", "实施条例 art. 49"),
        gp=("warning", "政府采购货物和服务招标投标管理办法 art. 55"),
    ),
)


def find(pattern: Pattern, text: str) -> Iterator[str]:
    """The places of a text that hold the condition, each as its exact words."""
    for clause in _CLAUSE.finditer(text):
        for found in pattern.words.finditer(clause[0]):
            if not _NEGATION.search(clause[0][: found.start()]):
                yield found[0]
