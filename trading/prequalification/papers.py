"""The letters: an applicant's own result, and the invitation to bid. The same facts give the same bytes."""

from __future__ import annotations

from reportlab.lib.units import mm
from reportlab.platypus import Spacer

from govcore.pdf.blocks import field_table, paragraph, plain, signed, title
from govcore.pdf.document import DEMO_WATERMARK, render
from govcore.pdf.figures import day, moment
from govcore.pdf.styles import LARGE, LARGE_PLAIN
from trading.prequalification.policy import GROUND_BASIS, Ground
from trading.prequalification.queries import OwnInvitation, OwnResult
from trading.procedure.rules import rule_set

GROUNDS = {
    Ground.QUALIFICATION: "不符合资格预审文件规定的资格条件",
    Ground.CONFLICT: "存在利害关系，或者申请人之间存在控股、管理关系",
    Ground.CREDIT: "被限制参加投标，或者列入失信、违法名单",
    Ground.FORM: "申请文件不符合资格预审文件的要求",
}
PASSED = (
    "经资格审查，贵单位通过本次资格预审。投标邀请书将在招标文件发出时通过平台送达，届时请确认是否参加投标。"
)
NOT_PASSED = "经资格审查，贵单位未通过本次资格预审，不具有本项目投标资格（《招标投标法实施条例》第十九条）。"
KEEP_IT = "在投标截止前，请勿向他人透露本函内容（《中华人民共和国招标投标法》第二十二条）。"


def result_letter(mine: OwnResult) -> bytes:
    """资格预审结果通知书: to one applicant, about nobody else."""
    lot, name = mine.context, "资格预审结果通知书"
    reasons = []
    if not mine.passed:
        ground = Ground(mine.ground)
        rows = [("原因", GROUNDS[ground]), ("具体情况", mine.reason), ("依据", _cited(GROUND_BASIS[ground]))]
        reasons = field_table("", rows)
    story = [
        *title(name, f"{lot.title}　{lot.lot_name}"),
        plain(f"{mine.applicant}：", LARGE_PLAIN),
        paragraph(PASSED if mine.passed else NOT_PASSED, LARGE),
        *reasons,
        paragraph(KEEP_IT, LARGE),
        Spacer(0, 10 * mm),
        signed([lot.tenderer.name, lot.agency.name, day(mine.closed_at)]),
    ]
    return render(
        story,
        title=f"{name}：{lot.title}",
        header=f"{lot.tenderer.name}　{lot.lot_code}",
        footer=f"{name}　{lot.title}",
        watermark=None if lot.rule_set.lawful else DEMO_WATERMARK,
    )


def invitation_letter(mine: OwnInvitation) -> bytes:
    """投标邀请书."""
    name, tender = "投标邀请书", mine.tender
    lots = [
        (lot.name, f"投标截止时间：{moment(lot.deadline_at)}")
        for lot in mine.lots
        if lot.deadline_at is not None
    ]
    story = [
        *title(name, tender.title),
        plain(f"{mine.invited}：", LARGE_PLAIN),
        paragraph(
            f"现邀请贵单位参加“{tender.title}”（编号：{tender.code}，第{tender.round}次）投标。"
            "招标文件在平台免费下载。请在投标截止前通过平台确认是否参加。",
            LARGE,
        ),
        *field_table("", lots),
        paragraph(KEEP_IT, LARGE),
        Spacer(0, 10 * mm),
        signed([mine.tenderer, day(tender.published_at or mine.invited_at)]),
    ]
    return render(
        story,
        title=f"{name}：{tender.title}",
        header=f"{mine.tenderer}　{tender.code}",
        footer=f"{name}　{tender.title}",
        watermark=None if rule_set(tender.rule_set).lawful else DEMO_WATERMARK,
    )


def _cited(basis: str) -> str:
    """art. 18, 36 as a Chinese paper cites it."""
    parts = [one.split(" art. ") for one in basis.split("; ")]
    return "；".join(f"《{law}》第{numbers.replace(', ', '、')}条" for law, numbers in parts)
