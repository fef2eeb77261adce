"""The paper of an opening: the opening record (开标记录, 响应文件开启记录)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable

from govcore.pdf.blocks import (
    CheckCode,
    Column,
    data_table,
    field_table,
    hash_footer,
    paragraph,
    section,
    signature_block,
    title,
)
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.document import LANDSCAPE, render
from govcore.pdf.figures import money, short_hash, stamp
from govcore.pdf.styles import CELL
from trading.bidding.papers import SealedPart
from trading.procedure.paper_words import WORKS, PaperWords

_SMALL_CELL = CELL.but(size=8, leading=11.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRow:
    """A bid at the opening; values read out are None or empty where the bid was not opened."""

    number: int
    bidder: str
    uscc: str
    received_at: datetime
    receipt_no: str
    manifest_sha256: str
    opened: bool
    code: str = ""
    attribution: str = ""
    parts: Sequence[SealedPart] = ()
    price_fen: int | None = None
    duration_days: int | None = None
    quality: str = ""
    manager: str = ""
    manager_certificate: str = ""
    deposit_form: str = ""
    deposit_fen: int | None = None
    remark: str = ""
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What a bidder objected to, and what it was told on the spot."""

    about: str
    bidder: str
    raised_at: datetime
    text: str
    answer: str = ""
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRecord:
    """What happened at an opening; with fewer bids than `min_bids` nothing was opened."""

    centre: str
    project: str
    project_code: str
    lot: str
    lot_code: str
    tenderer: str
    agency: str
    place: str
    host: str
    deadline_at: datetime
    opened_at: datetime
    max_price_fen: int
    rows: Sequence[OpeningRow]
    releases: Sequence[tuple[str, datetime]]
    log_size: int
    log_root: str
    bids_root: str
    base_price: str | None = None
    witness: str = ""
    recorder: str = ""
    min_bids: int = 3
    attendance: Sequence[tuple[str, str, str, datetime]] = ()
    objections: Sequence[Objection] = ()
    check: CheckCode | None = None
    drawn: Sequence[tuple[str, str]] = ()
    words: PaperWords = WORKS
    ground: str = ""
    """Of a consultation: why it is one, and with how many suppliers it goes on."""

    @property
    def failed(self) -> bool:
        """Whether the lot failed for want of bids (招标投标法实施条例 第四十四条)."""
        return len(self.rows) < self.min_bids


def opening_record(record: OpeningRecord, *, watermark: str | None = None) -> bytes:
    """Set the record of an opening, or of a lot that failed with all bids left sealed."""
    width, words = LANDSCAPE.width, record.words
    name = words.opening_record
    story = [
        *title(name, f"{record.project}　{record.lot}"),
        *field_table("一、基本信息", _header(record), pairs=2, width=width),
        *([paragraph(record.ground)] if record.ground else []),
        *_outcome(record),
        *_releases(record),
        *_attendance(record),
        *_objections(record),
        *_drawn(record),
        signature_block(
            [f"{words.tenderer}代表", words.agency, "见证人"], per_line=3, width=width, sealed="见证人"
        ),
        *_annex(record),
        hash_footer(
            [
                ("公开日志规模", f"{record.log_size:,} 条"),
                ("公开日志根", record.log_root),
                ("投标集合根（bids_root）", record.bids_root),
            ]
        ),
    ]
    return render(
        story,
        title=f"{name}：{record.project} {record.lot}",
        header=f"{record.centre}　{name}　{record.lot_code}",
        footer=f"{_source(record)}\n{record.check or ''}",
        link=record.check.link if record.check else "",
        watermark=watermark,
        landscape=True,
    )


def _source(record: OpeningRecord) -> str:
    if record.failed:
        return f"本{record.words.lot}未开标，{record.words.bid}未解密。"
    return f"本记录的唱标内容由系统取自解密后的{record.words.bid}，未经人工录入。"


def _header(record: OpeningRecord) -> list[tuple[str, str]]:
    opened, words = 0 if record.failed else sum(row.opened for row in record.rows), record.words
    return [
        (f"{words.project}编号", record.project_code),
        (f"{words.lot}编号", record.lot_code),
        (words.tenderer, record.tenderer),
        (words.agency, record.agency),
        (words.deadline, stamp(record.deadline_at)),
        ("开标时间", stamp(record.opened_at)),
        ("开标地点", record.place),
        ("主持人", record.host),
        ("见证人", record.witness),
        ("记录人", record.recorder),
        (words.max_price, f"{money(record.max_price_fen)} 元"),
        (
            "递交 / 开启数量",
            f"递交 {len(record.rows)} 家，开启 {opened} 家",
        ),
        *([] if record.base_price is None else [("标底（仅作参考）", record.base_price)]),
    ]


def _outcome(record: OpeningRecord) -> list[Flowable]:
    if not record.failed:
        return [*_read_out(record)]
    words = record.words
    return [
        section("二、开标情况"),
        paragraph(
            f"至{words.deadline}，本{words.lot}递交{words.bid}的{words.bidder}共 {len(record.rows)} 家，少于 "
            f"{record.min_bids} 家。依据{words.too_few}。{words.bid}未予解密，始终处于加密状态；保证金依法退还。"
        ),
        *_sealed_bids(record),
    ]


def _sealed_bids(record: OpeningRecord) -> list[Flowable]:
    columns = [
        Column("序号", 0.7, "center"),
        Column(record.words.bidder, 3.4),
        Column("信用代码或识别号", 2.6),
        Column("递交时间", 2.2),
        Column("回执编号", 2.6),
        Column("状态", 1.8),
    ]
    rows = [
        [str(row.number), row.bidder, row.uscc, stamp(row.received_at), row.receipt_no, "未开启（密封）"]
        for row in record.rows
    ]
    return data_table(
        f"三、递交{record.words.bid}的{record.words.bidder}", columns, rows, width=LANDSCAPE.width
    )


def _read_out(record: OpeningRecord) -> list[Flowable]:
    words = record.words
    columns = [
        Column("序号", 8, "center"),
        Column(f"{words.bidder}\n信用代码或识别号", 41),
        Column("递交时间\n回执编号", 36),
        Column("密文指纹\n（前16位）", 34),
        Column("开启、确认\n备注", 31),
        Column(f"{words.price}（元）", 37, "right"),
        Column("期限\n（天）" if words.purchase else "工期\n（天）", 15, "right"),
        Column("质量", 12),
        Column(f"{words.manager}\n证书编号", 28),
        Column(f"{words.deposit}\n金额（元）", 26, "right"),
    ]
    rows = [_row(row) for row in record.rows]
    return data_table("二、唱标内容", columns, rows, width=LANDSCAPE.width, style=_SMALL_CELL)


def _row(row: OpeningRow) -> list[str]:
    price = "—" if row.price_fen is None else f"{money(row.price_fen)}\n{rmb_capitals(row.price_fen)}"
    deposit = "—" if row.deposit_fen is None else money(row.deposit_fen)
    return [
        str(row.number),
        f"{row.bidder}\n{row.uscc}",
        f"{stamp(row.received_at)}\n{row.receipt_no}",
        short_hash(row.manifest_sha256),
        _status(row),
        price,
        "—" if row.duration_days is None else str(row.duration_days),
        row.quality or "—",
        f"{row.manager or '—'}\n{row.manager_certificate}".strip(),
        f"{row.deposit_form or '—'}\n{deposit}" if row.deposit_form else deposit,
    ]


def _status(row: OpeningRow) -> str:
    state = "已开启" if row.opened else "未能开启"
    confirmed = f"已确认 {stamp(row.confirmed_at)}" if row.confirmed_at else "未确认"
    return "\n".join(filter(None, (state, row.attribution, row.code, row.remark, confirmed)))


def _releases(record: OpeningRecord) -> list[Flowable]:
    if record.failed:
        return []
    rows = [[name, stamp(at)] for name, at in record.releases]
    columns = [Column("密钥份额保管方 / 时间门", 5), Column("释放时间", 3)]
    return data_table("三、密钥释放", columns, rows, width=LANDSCAPE.width)


def _drawn(record: OpeningRecord) -> list[Flowable]:
    if not record.drawn:
        return []
    return field_table("六、现场抽取", list(record.drawn), pairs=1, width=LANDSCAPE.width)


def _attendance(record: OpeningRecord) -> list[Flowable]:
    heading = "四、签到"
    if not record.attendance:
        return [section(heading), paragraph("无人签到。未签到不影响投标的有效性，视为认可开标结果。")]
    columns = [Column("身份", 2), Column("单位", 4), Column("代表", 2), Column("签到时间", 3)]
    rows = [[capacity, name, person, stamp(at)] for capacity, name, person, at in record.attendance]
    return data_table(heading, columns, rows, width=LANDSCAPE.width)


def _objections(record: OpeningRecord) -> list[Flowable]:
    heading = f"五、{record.words.objection}和答复"
    if not record.objections:
        return [section(heading), paragraph(f"无{record.words.objection}。")]
    columns = [Column("事项", 1), Column("提出人、时间", 3), Column("内容", 4), Column("答复、时间", 4)]
    rows = [
        [
            one.about,
            f"{one.bidder}\n{stamp(one.raised_at)}",
            one.text,
            f"{one.answer}\n{stamp(one.answered_at)}" if one.answered_at else "未答复",
        ]
        for one in record.objections
    ]
    return data_table(heading, columns, rows, width=LANDSCAPE.width)


def _annex(record: OpeningRecord) -> list[Flowable]:
    columns = [
        Column("序号", 0.6, "center"),
        Column(record.words.bidder, 2.6),
        Column("内容", 1.6),
        Column("大小（字节）", 1.3, "right"),
        Column("SHA-256（全文）", 5.2),
    ]
    rows = [
        cells
        for row in record.rows
        for cells in (
            [str(row.number), row.bidder, "投标清单", "—", row.manifest_sha256],
            *([str(row.number), row.bidder, part.name, f"{part.size:,}", part.sha256] for part in row.parts),
        )
    ]
    heading = "附件　加密文件指纹清单"
    return data_table(heading, columns, rows, width=LANDSCAPE.width, style=_SMALL_CELL)
