"""The paper of an outage before a deadline: the outage certificate (平台故障证明)."""

from __future__ import annotations

from datetime import timedelta

from govcore.pdf.blocks import Column, data_table, field_table, hash_footer, paragraph, section, title
from govcore.pdf.document import render
from govcore.pdf.figures import stamp
from trading.extension.queries import Facts, PutOff
from trading.extension.schemas import OpeningCertificate, OutageCertificate

CENTRE = "公共资源交易中心"
SURFACES = {"site": "网页和数据库", "upload": "文件上传", "submit": "投标递交"}
NONE_MEASURED = "外部探测器未测得平台故障；暂停开标由交易中心决定并公告。"
STAYS_SEALED = (
    "{w.deadline}不变，已递交的{w.bid}在现开标时间前保持密封，任何人不得开启；开标环节时限自恢复后重新计算。"
)
_OUTAGES = [
    Column("无应答的部分", 3),
    Column("故障开始", 4),
    Column("故障结束", 4),
    Column("时长", 2, align="right"),
]
_UNKNOWN = [Column("未测量起", 4), Column("未测量止", 4), Column("时长", 2, align="right")]


def outage_certificate(
    facts: Facts, body: OutageCertificate, *, centre: str, envelope: bytes, watermark: str | None = None
) -> bytes:
    """Set what was measured, the rule, the sum, and what came of it; the signed message is carried inside."""
    name = "平台故障证明"
    outages = [
        [SURFACES[one.surface], stamp(one.span.start), stamp(one.span.end), length_text(one.span.length)]
        for one in facts.measured.outages
    ]
    story = [
        *title(name, f"编号：{body.certificate}"),
        *field_table(f"一、{facts.lot.words.project}", _about(facts)),
        *data_table("二、测得的平台故障", _OUTAGES, outages),
        *_unknown(facts),
        section("三、计算" if not facts.measured.unknown else "四、计算"),
        *(paragraph(line) for line in _arithmetic(facts)),
        *field_table("", _result(facts)),
        hash_footer(
            [
                ("证明编号", body.certificate),
                ("探测器公钥", "；".join(body.probers) or "—"),
                ("签名报告", f"{len(body.reports)} 份，全文随本文件附带的签名数据提供"),
                ("出具时间", f"{stamp(body.issued_at)}（北京时间，以平台数据库时钟为准）"),
            ]
        ),
    ]
    return render(
        story,
        title=f"{name} {body.certificate}",
        header=f"{centre}　{name}",
        footer=f"{facts.lot.title}（{facts.lot.lot_name}）",
        watermark=watermark,
        carried=envelope.decode(),
    )


def opening_certificate(
    put_off: PutOff, body: OpeningCertificate, *, centre: str, envelope: bytes, watermark: str | None = None
) -> bytes:
    """Set why the opening was put off, until when, and what was measured; the signed message is carried inside."""
    name = "开标改期证明"
    lot = put_off.lot
    outages = [
        [SURFACES[one.surface], stamp(one.span.start), stamp(one.span.end), length_text(one.span.length)]
        for one in put_off.measured.outages
    ]
    rows = [
        (lot.words.project, lot.title),
        (f"{lot.words.lot}（编号）", f"{lot.lot_name}（{lot.lot_code}）"),
        ("原开标时间", stamp(body.opening_before)),
        ("暂停开标时间", stamp(body.suspended_at)),
        ("现开标时间", stamp(body.opening_after)),
        ("暂停原因（公告）", body.notice),
    ]
    measured = data_table("", _OUTAGES, outages) if outages else [paragraph(NONE_MEASURED)]
    story = [
        *title(name, f"编号：{body.certificate}"),
        *field_table("一、开标改期", rows),
        section("二、测得的平台故障"),
        *measured,
        section(f"三、{lot.words.bid}"),
        paragraph(STAYS_SEALED.format(w=lot.words)),
        hash_footer(
            [
                ("证明编号", body.certificate),
                ("探测器公钥", "；".join(body.probers) or "—"),
                ("签名报告", f"{len(body.reports)} 份，全文随本文件附带的签名数据提供"),
                ("出具时间", f"{stamp(body.issued_at)}（北京时间，以平台数据库时钟为准）"),
            ]
        ),
    ]
    return render(
        story,
        title=f"{name} {body.certificate}",
        header=f"{centre}　{name}",
        footer=f"{lot.title}（{lot.lot_name}）",
        watermark=watermark,
        carried=envelope.decode(),
    )


def _about(facts: Facts) -> list[tuple[str, str]]:
    lot = facts.lot
    return [
        (lot.words.tenderer, lot.tenderer.name),
        (lot.words.project, lot.title),
        (f"{lot.words.project}编号", lot.tender_code),
        (f"{lot.words.lot}（编号）", f"{lot.lot_name}（{lot.lot_code}）"),
        (f"原{lot.words.deadline}", stamp(facts.before)),
    ]


def _unknown(facts: Facts) -> list[object]:
    rows = [[stamp(one.start), stamp(one.end), length_text(one.length)] for one in facts.measured.unknown]
    return [*data_table("三、未测量时段（不认定为故障）", _UNKNOWN, rows)] if rows else []


def _arithmetic(facts: Facts) -> list[str]:
    terms, found = facts.terms, facts.assessment
    rule = (
        f"规则：截止前{length_text(terms.lookback)}内平台故障累计超过{length_text(terms.least)}，或者截止前"
        f"{length_text(terms.close)}内发生故障的，建议顺延。"
        "顺延后的截止时间不早于原截止时间加故障时长，也不早于恢复后"
        f"{length_text(terms.after)}办公时间，并取整到一刻钟。以上为默认参数，未经法规核验。"
    )
    total = f"上述期间内故障累计{length_text(found.total)}（各部分同时无应答的时间只计一次）。"
    if found.restored_at is None:
        return [rule, total]
    return [rule, total, f"最后一次恢复应答的时间为{stamp(found.restored_at)}。"]


def _result(facts: Facts) -> list[tuple[str, str]]:
    proposed = facts.assessment.proposed
    return [
        ("按规则建议的截止时间", stamp(proposed) if proposed else "不足以建议顺延"),
        (
            f"现{facts.lot.words.deadline}",
            stamp(facts.after) if facts.after else f"{stamp(facts.before)}（未顺延）",
        ),
    ]


def length_text(length: timedelta) -> str:
    """A length of time in hours, minutes and seconds, as people say it."""
    seconds = int(length.total_seconds())
    parts = [(seconds // 3600, "小时"), (seconds % 3600 // 60, "分钟"), (seconds % 60, "秒")]
    return "".join(f"{n}{word}" for n, word in parts if n) or "0秒"
