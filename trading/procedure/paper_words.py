"""What official papers call people and things: each law has its own words, and a consultation others again."""

from __future__ import annotations

from dataclasses import dataclass

from trading.procedure.policy import Regime

UNIT_WORDS = {"day": "日", "working_day": "个工作日", "hour": "小时", "minute": "分钟", "second": "秒"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperWords:
    """The words of one kind of procedure, as its papers write them."""

    purchase: bool
    notice: str
    """The notice that begins it."""
    way: str
    """How one buys."""
    opening: str
    """What happens at the deadline, before the time or the price of it."""
    opening_record: str
    deadline: str
    deposit: str
    validity: str
    qualifying: str
    """Who decides what makes a bid invalid, and by which article."""
    instructions: str
    letter: str
    bill: str
    seats: str
    """How the committee is made up."""
    scope: str
    place: str
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

    objection: str
    """What is said against an opening."""
    too_few: str
    """What follows where fewer have bid than an opening needs."""
    again: str
    next_law: str
    """By which article one tenders anew where a candidate cannot win."""
    failure: str
    """The notice that a lot ended without a winner."""

    @property
    def report(self) -> str:
        return f"{self.evaluation}报告"


WORKS = PaperWords(
    purchase=False,
    validity="投标有效期",
    qualifying="有《中华人民共和国招标投标法实施条例》第五十一条规定情形之一的，评标委员会应当否决其投标。",
    letter="投标函",
    bill="工程量清单",
    seats="5人，其中招标人代表1人，技术、经济等方面的专家4人",
    notice="招标公告",
    way="公开招标",
    opening="开标",
    opening_record="开标记录",
    deadline="投标截止时间",
    deposit="投标担保",
    instructions="投标人须知",
    scope="招标范围",
    place="建设地点",
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
    objection="异议",
    too_few="《中华人民共和国招标投标法》第二十八条、《中华人民共和国招标投标法实施条例》第四十四条，本标段不得开标，招标人应当重新招标",
    again="重新招标",
    next_law="《中华人民共和国招标投标法实施条例》第五十五条",
    failure="招标失败公告",
)
PURCHASE = PaperWords(
    purchase=True,
    validity="投标有效期",
    qualifying="资格由采购人在开标后审查，合格投标人不足3个的不得评标。"
    "有《政府采购货物和服务招标投标管理办法》第六十三条规定情形之一的，投标无效。",
    letter="投标函",
    bill="分项报价表",
    seats="5人以上单数，采购预算1000万元以上的为7人以上单数，其中评审专家不少于三分之二",
    notice="招标公告",
    way="公开招标",
    opening="开标",
    opening_record="开标记录",
    deadline="投标截止时间",
    deposit="投标保证金",
    instructions="投标人须知",
    scope="采购需求",
    place="履约地点",
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
    objection="疑义",
    too_few="《政府采购货物和服务招标投标管理办法》第四十一条，本采购包不得开标，采购人应当依法重新组织采购",
    again="重新组织采购",
    next_law="《中华人民共和国政府采购法实施条例》第四十九条",
    failure="废标公告",
)
CONSULTATION = PaperWords(
    purchase=True,
    validity="响应有效期",
    qualifying="资格由磋商小组审查。未实质性响应磋商文件的，响应无效，磋商小组应当告知供应商。",
    letter="响应函",
    bill="分项报价表",
    seats="3人以上单数，其中评审专家不少于三分之二",
    notice="竞争性磋商公告",
    way="竞争性磋商",
    opening="开启",
    opening_record="响应文件开启记录",
    deadline="响应文件提交截止时间",
    deposit="磋商保证金",
    instructions="供应商须知",
    scope="采购需求",
    place="履约地点",
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
    objection="疑义",
    too_few="《政府采购竞争性磋商采购方式管理暂行办法》第三十四条，本采购包终止采购活动",
    again="重新组织采购",
    next_law="《中华人民共和国政府采购法实施条例》第四十九条",
    failure="终止公告",
)


def words_of(regime: Regime, procedure: str) -> PaperWords:
    """The words of a procedure; a consultation is always a purchase."""
    if regime is Regime.TB:
        return WORKS
    return CONSULTATION if procedure == "consultation" else PURCHASE
