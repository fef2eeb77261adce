"""What official papers call people and things: each law has its own words, and a consultation others again."""

from __future__ import annotations

from dataclasses import dataclass

from trading.procedure.policy import Regime


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWords:
    """The words of one kind of procedure, as its papers write them."""

    evaluation: str
    tenderer: str
    agency: str
    regulator: str
    project: str
    lot: str
    documents: str
    method: str
    bidder: str
    bid: str
    price: str
    max_price: str
    committee: str
    expert: str
    candidate: str
    won: str
    winner: str
    out: str
    rejection: str
    none_left: str
    duration: str
    quality: str
    manager: str
    silence: str
    """By which article a member that neither signs nor dissents in writing agrees."""

    @property
    def report(self) -> str:
        return f"{self.evaluation}报告"


WORKS = PaperWords(
    evaluation="评标",
    tenderer="招标人",
    agency="招标代理机构",
    regulator="行政监督部门",
    project="招标项目",
    lot="标段",
    documents="招标文件",
    method="评标办法",
    bidder="投标人",
    bid="投标文件",
    price="投标报价",
    max_price="最高投标限价",
    committee="评标委员会",
    expert="评标专家",
    candidate="中标候选人",
    won="中标",
    winner="中标人",
    out="否决",
    rejection="否决投标",
    none_left="所有投标均被否决，本标段无中标候选人，招标人应当依法重新招标。",
    duration="工期",
    quality="工程质量",
    manager="项目经理",
    silence="《中华人民共和国招标投标法实施条例》第五十三条",
)
PURCHASE = PaperWords(
    evaluation="评标",
    tenderer="采购人",
    agency="采购代理机构",
    regulator="监督管理部门",
    project="采购项目",
    lot="采购包",
    documents="招标文件",
    method="评标方法",
    bidder="投标人",
    bid="投标文件",
    price="投标报价",
    max_price="最高限价",
    committee="评标委员会",
    expert="评审专家",
    candidate="中标候选人",
    won="中标",
    winner="中标人",
    out="无效",
    rejection="投标无效",
    none_left="没有有效的投标，本采购包无中标候选人，采购人应当依法废标。",
    duration="合同履行期限",
    quality="质量",
    manager="项目负责人",
    silence="《中华人民共和国政府采购法实施条例》第四十一条",
)
CONSULTATION = PaperWords(
    evaluation="评审",
    tenderer="采购人",
    agency="采购代理机构",
    regulator="监督管理部门",
    project="采购项目",
    lot="采购包",
    documents="磋商文件",
    method="评审方法",
    bidder="供应商",
    bid="响应文件",
    price="最后报价",
    max_price="最高限价",
    committee="磋商小组",
    expert="评审专家",
    candidate="成交候选供应商",
    won="成交",
    winner="成交供应商",
    out="无效",
    rejection="响应无效",
    none_left="没有有效的响应，本采购包无成交候选供应商，采购人应当依法终止采购活动。",
    duration="合同履行期限",
    quality="质量",
    manager="项目负责人",
    silence="《中华人民共和国政府采购法实施条例》第四十一条",
)


def words_of(regime: Regime, procedure: str) -> PaperWords:
    """The words of a procedure; a consultation is always a purchase."""
    if regime is Regime.TB:
        return WORKS
    return CONSULTATION if procedure == "consultation" else PURCHASE
