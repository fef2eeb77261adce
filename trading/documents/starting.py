"""What a draft begins with, by what is tendered: a complete example that the agency makes its own."""

from __future__ import annotations

import msgspec

from trading.documents.answers import DraftAnswers, FieldAnswer, LotAnswer, PartAnswer
from trading.documents.evaluation_answers import ItemAnswer
from trading.procedure.policy import Regime
from trading.project.policy import Category

TEMPLATE_NAMES = {
    "building": "Building works",
    "water": "Water conservancy works",
    "goods": "Goods of government procurement",
    "services": "Services of government procurement",
}
REGIMES = {"building": Regime.TB, "water": Regime.TB, "goods": Regime.GP, "services": Regime.GP}
FOR_CATEGORY = {
    Category.BUILDING: "building",
    Category.MUNICIPAL: "building",
    Category.TRANSPORT: "building",
    Category.WATER: "water",
    Category.PROCUREMENT: "goods",
}
"""The template that is offered first."""

_WORKS_FIELDS = [
    FieldAnswer(label="工期（日历天）", kind="duration_days"),
    FieldAnswer(label="质量目标", kind="quality"),
    FieldAnswer(label="法定代表人", kind="legal_representative"),
    FieldAnswer(label="项目负责人", kind="manager"),
    FieldAnswer(label="注册证书编号", kind="manager_certificate"),
]
_WORKS_PARTS = [
    PartAnswer(label="商务文件", megabytes="200", types="pdf, xlsx"),
    PartAnswer(label="技术文件", megabytes="1024", types="pdf, zip"),
]
_WORKS = DraftAnswers(
    procures="works",
    lots=[LotAnswer(name="第1标段")],
    price_points="60",
    price_method="benchmark_mean",
    fields=_WORKS_FIELDS,
    duration_days="240",
    validity_days="90",
    deposit_forms=["transfer", "guarantee", "insurance", "surety"],
    parts=_WORKS_PARTS,
)
_POLICIES = """本项目专门面向中小企业采购，评审时不再给予价格扣除；监狱企业、残疾人福利性单位视同小型、微型企业。
列入节能产品、环境标志产品政府采购品目清单的产品，按清单强制采购或者优先采购。"""
"""A reserved purchase: a discount has a rate that only the documents can fix."""

_STARTS = {
    "building": msgspec.structs.replace(
        _WORKS,
        funds="市级财政资金",
        qualification="具有建筑工程施工总承包三级及以上资质，具有有效的安全生产许可证；拟派项目负责人具有建筑工程专业"
        "二级及以上注册建造师资格。",
        items=[
            ItemAnswer(
                section="技术部分",
                label="施工组织设计",
                points="20",
                rule="施工部署、进度计划、质量、安全、文明施工五项各4分；每缺一项扣4分，有一处与现场条件不符扣1分。",
            ),
            ItemAnswer(
                section="技术部分",
                label="项目管理机构",
                points="10",
                rule="项目负责人、技术负责人、施工员、安全员、质量员各2分，人员和证书齐全得满分。",
            ),
            ItemAnswer(
                section="信用部分",
                label="类似工程业绩",
                points="10",
                rule="近三年每完成一项类似工程得5分，最多10分。",
            ),
        ],
    ),
    "water": msgspec.structs.replace(
        _WORKS,
        funds="市级财政资金",
        qualification="具有水利水电工程施工总承包三级及以上资质，具有有效的安全生产许可证；拟派项目负责人具有水利水电"
        "工程专业二级及以上注册建造师资格。",
        items=[
            ItemAnswer(
                section="技术部分",
                label="施工组织设计",
                points="15",
                rule="施工部署、进度计划、质量控制各5分；每缺一项扣5分，有一处与设计不符扣1分。",
            ),
            ItemAnswer(
                section="技术部分",
                label="度汛与导流方案",
                points="15",
                rule="度汛标准、导流方式、应急预案各5分；每缺一项扣5分。",
            ),
            ItemAnswer(
                section="信用部分",
                label="类似工程业绩",
                points="10",
                rule="近三年每完成一项类似工程得5分，最多10分。",
            ),
        ],
    ),
    "goods": DraftAnswers(
        procures="goods",
        policies=_POLICIES,
        funds="财政预算资金",
        qualification="符合政府采购法第二十二条规定；未被列入失信被执行人、重大税收违法案件当事人和政府采购严重违法失信"
        "行为记录名单。",
        lots=[LotAnswer(name="A包")],
        items=[
            ItemAnswer(
                section="技术部分",
                label="技术参数响应",
                points="40",
                rule="全部满足得40分；标注▲的参数每有一项不满足扣4分，其他参数每有一项不满足扣2分，扣完为止。",
            ),
            ItemAnswer(
                section="服务部分",
                label="交货与售后",
                points="20",
                rule="交货期每提前5日得2分，最多10分；质保期每延长1年得5分，最多10分。",
            ),
        ],
        price_points="40",
        fields=[
            FieldAnswer(label="交货期（日历天）", kind="duration_days"),
            FieldAnswer(label="法定代表人", kind="legal_representative"),
            FieldAnswer(label="质保期（月）", kind="integer"),
        ],
        duration_days="60",
        validity_days="90",
        deposit_forms=["cheque", "transfer", "guarantee", "insurance"],
        parts=[PartAnswer(label="投标文件", megabytes="512", types="pdf, xlsx, zip")],
    ),
    "services": DraftAnswers(
        procures="services",
        policies=_POLICIES,
        funds="财政预算资金",
        qualification="符合政府采购法第二十二条规定；未被列入失信被执行人、重大税收违法案件当事人和政府采购严重违法失信"
        "行为记录名单。",
        lots=[LotAnswer(name="A包")],
        items=[
            ItemAnswer(
                section="技术部分",
                label="服务方案",
                points="50",
                rule="服务流程、人员安排、质量控制、应急处置、验收五项各10分；每缺一项扣10分，有一处不符合采购需求扣2分。",
            ),
            ItemAnswer(
                section="服务部分",
                label="同类服务业绩",
                points="20",
                rule="近三年每有一项同类服务合同得4分，最多20分。",
            ),
        ],
        price_points="30",
        fields=[
            FieldAnswer(label="服务期（月）", kind="integer"),
            FieldAnswer(label="法定代表人", kind="legal_representative"),
            FieldAnswer(label="项目负责人", kind="manager"),
        ],
        duration_days="365",
        validity_days="90",
        deposit_forms=["cheque", "transfer", "guarantee", "insurance"],
        parts=[PartAnswer(label="投标文件", megabytes="512", types="pdf, xlsx, zip")],
    ),
}


def start(template: str, *, rule_set: str) -> DraftAnswers:
    """The answers that a template begins with; KeyError for an unknown one."""
    return msgspec.structs.replace(_STARTS[template], rule_set=rule_set)
