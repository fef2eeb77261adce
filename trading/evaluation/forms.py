"""The forms that belong to an evaluation, each as tables: the PDF and the XLSX are set from the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from govcore.db import Tx
from govcore.pdf.figures import money, stamp
from trading.committee import queries as committees
from trading.committee.policy import SeatKind
from trading.evaluation.computing import Ready
from trading.evaluation.entries import Kind, Leaf, plain
from trading.evaluation.report import report_paper
from trading.evaluation.sheet_queries import LockedSheet
from trading.evaluation.signature_rule import Kind as SignedBy
from trading.evaluation.signature_rule import kind_of
from trading.evaluation.signatures import Signed

TIED = "与投标人或者投标文件载明的主要负责人有应当回避的关系"
"""Why a member left whose seat was voided without anybody saying a reason."""

BIDS_A_TABLE = 6
"""So many bids stand beside each other on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table: its columns as (title, width, whether numbers), and its rows."""

    heading: str = ""
    columns: tuple[tuple[str, float, bool], ...]
    rows: Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form; `signs` says of each seat that answers for it what it signed, and leaves room for a pen where empty."""

    title: str
    lines: tuple[str, ...] = ()
    hashes: tuple[tuple[str, str], ...] = ()
    grids: tuple[Grid, ...] = ()
    signs: Mapping[int, str] = field(default_factory=dict)


def forms_of(tx: Tx, found: Ready, signed: Sequence[Signed]) -> list[Form]:
    """All forms of a round in the order in which a committee goes through them."""
    signs = forms_signed(found, signed)
    return [
        _attendance(tx, found),
        _promises(tx, found),
        replace(_preliminary(tx, found), signs=signs),
        *_individual(found),
        replace(_summary(found), signs=signs),
        replace(_prices(tx, found), signs=signs),
        replace(_deductions(tx, found), signs=signs),
        replace(_candidates(tx, found), signs=signs),
        replace(_vote(found, signed), signs=signs),
    ]


def forms_signed(found: Ready, signed: Sequence[Signed]) -> dict[int, str]:
    """How each seat signed the report that these forms belong to (ADR 56); who may still sign has room for a pen."""
    said, report = {one.seat: one for one in signed}, found.words.report
    silent = "" if found.round.signing_ended_at is None else f"未签署{report}"
    return {
        sheet.seat: _hand(said[sheet.seat], report) if sheet.seat in said else silent
        for sheet in found.sheets
    }


def _hand(one: Signed, report: str) -> str:
    how = f"以数字证书签署{report}" if one.kind is SignedBy.CERTIFICATE else f"重新验证身份后签署{report}"
    return "\n".join([how, stamp(one.signed_at), *(["有不同意见"] if one.dissent else [])])


def _attendance(tx: Tx, found: Ready) -> Form:
    rows = []
    for seat in committees.seats(tx, found.context.lot_id):
        representative = seat.kind is SeatKind.REPRESENTATIVE
        kind = f"{found.words.tenderer}代表" if representative else found.words.expert
        state = f"已退出：{seat.left_reason or TIED}" if seat.void else "组长" if seat.leader else "成员"
        came = stamp(seat.signed_in_at) if seat.signed_in_at else "—"
        rows.append((f"评委{seat.seat}", kind, state, came))
    columns = (("席位", 1, False), ("身份", 1.6, False), ("职务", 2, False), ("签到时间", 2.2, False))
    return Form(
        title=f"{found.words.committee}签到表",
        lines=("成员登录平台由本人签到，时间由平台记录。",),
        grids=(Grid(columns=columns, rows=rows),),
    )


def _promises(tx: Tx, found: Ready) -> Form:
    seats = [seat for seat in committees.seats(tx, found.context.lot_id) if seat.promised_at]
    texts = {seat.promise_sha256: committees.promise_text(tx, seat.promise_sha256 or "") for seat in seats}
    lines = [line for text in texts.values() for line in text.splitlines()]
    lines.append("成员登录平台由本人逐一作出以上承诺，时间由平台记录。")
    rows = [(f"评委{seat.seat}", stamp(seat.promised_at)) for seat in seats if seat.promised_at]
    columns = (("席位", 1, False), ("承诺时间", 2, False))
    return Form(
        title=f"{found.words.committee}成员承诺书",
        lines=tuple(lines),
        hashes=tuple(("承诺书 SHA-256", sha256) for sha256 in texts if sha256),
        grids=(Grid(columns=columns, rows=rows),),
    )


def _preliminary(tx: Tx, found: Ready) -> Form:
    rows = [
        (gate.bidder, gate.check, "通过" if gate.passed else "不通过", gate.reason or "—")
        for gate in report_paper(tx, found).gates
    ]
    columns = (
        (found.words.bidder, 2.9, False),
        ("评审内容", 3.3, False),
        ("结论", 0.9, False),
        ("未通过的原因和依据", 2.6, False),
    )
    return Form(title="初步评审表", grids=(Grid(columns=columns, rows=rows),))


def _scored(found: Ready) -> list[tuple[str, str]]:
    """Id and short name of every bid that was scored, in the order of their numbers."""
    points = {one.bid for one in found.result.standings if one.sections is not None}
    return [(bid.bid_id, f"{bid.number}. {bid.bidder_name}") for bid in found.bids if bid.bid_id in points]


def _parts(bids: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for at in range(0, len(bids), BIDS_A_TABLE):
        yield bids[at : at + BIDS_A_TABLE]


def _individual(found: Ready) -> Iterator[Form]:
    for sheet in found.sheets:
        grids = []
        for bids in _parts(_scored(found)):
            rows = []
            for leaf in found.leaves:
                points = [sheet.points_of(bid, leaf) for bid, _ in bids]
                rows.append(
                    (_label(leaf), plain(leaf.max), *(f"{one:.2f}" for one in points if one is not None))
                )
            sums = [
                sum((sheet.points_of(bid, leaf) or Decimal(0) for leaf in found.leaves), Decimal(0))
                for bid, _ in bids
            ]
            rows.append(
                (
                    "合计",
                    plain(sum((leaf.max for leaf in found.leaves), Decimal(0))),
                    *map("{:.2f}".format, sums),
                )
            )
            columns = (("评分项", 3, False), ("满分", 0.8, True), *((name, 1.5, True) for _, name in bids))
            grids.append(Grid(columns=columns, rows=rows))
        if grids:
            yield Form(
                title=f"评委个人评分表（评委{sheet.seat}）",
                lines=(_locked(sheet),),
                hashes=((f"评委{sheet.seat}评分表 SHA-256", sheet.sha256),),
                grids=tuple(grids),
            )


def _locked(sheet: LockedSheet) -> str:
    signed = kind_of(sheet.envelope) is SignedBy.CERTIFICATE
    how = "本人以数字证书签名后锁定" if signed else "本人重新验证身份后锁定，由平台记录"
    return f"{how}，锁定时间：{stamp(sheet.locked_at)}"


def _sum(sheet: LockedSheet, bid_id: str, leaves: Sequence[Leaf]) -> str:
    points = (sheet.points_of(bid_id, leaf) or Decimal(0) for leaf in leaves)
    return f"{sum(points, Decimal(0)):.2f}"


def _label(leaf: Leaf) -> str:
    return f"{leaf.name}（客观分）" if leaf.objective else leaf.name


def _summary(found: Ready) -> Form:
    grids = []
    content, shown = found.context.content, {one.bid: one for one in found.result.standings}
    for bids in _parts(_scored(found)):
        rows = []
        for section in content.criteria:
            if section.kind == "manual":
                for sheet in found.sheets:
                    leaves = [leaf for leaf in found.leaves if leaf.section == section.label]
                    sums = [
                        sum((sheet.points_of(b, leaf) or Decimal(0) for leaf in leaves), Decimal(0))
                        for b, _ in bids
                    ]
                    rows.append((f"{section.label}　评委{sheet.seat}", *map("{:.2f}".format, sums)))
            rows.append(
                (f"{section.label}　得分", *((shown[b].shown or {}).get(section.id, "—") for b, _ in bids))
            )
        rows.append(("总分", *(shown[b].total or "—" for b, _ in bids)))
        rows.append(("排序", *(str(shown[b].rank or "—") for b, _ in bids)))
        grids.append(Grid(columns=(("评分", 3, False), *((name, 1.5, True) for _, name in bids)), rows=rows))
    paper_lines = (f"各部分得分按{found.words.documents}规定的汇总方法计算，显示值四舍五入。",)
    return Form(title="评分汇总表", lines=paper_lines, grids=tuple(grids))


def _prices(tx: Tx, found: Ready) -> Form:
    paper = report_paper(tx, found)
    rows = [
        (
            one.bidder,
            money(one.price_fen),
            one.stated,
            money(one.price_fen if one.evaluated_fen is None else one.evaluated_fen),
            "—" if one.deviation is None else f"{one.deviation:.2f}",
            "—" if one.points is None else f"{one.points:.2f}",
        )
        for one in paper.prices
    ]
    columns = (
        (found.words.bidder, 3, False),
        (f"{found.words.opening}报价（元）", 2, True),
        (paper.stated, 2, True),
        ("评审价格（元）", 2, True),
        ("偏差率（%）", 1.2, True),
        ("报价得分", 1, True),
    )
    lines = (*paper.price_rule, *([f"评标基准价：{paper.benchmark}。"] if paper.benchmark else []))
    return Form(title=f"{found.words.price}得分表", lines=lines, grids=(Grid(columns=columns, rows=rows),))


def _deductions(tx: Tx, found: Ready) -> Form:
    rejected = [(one.bidder, one.invalid) for one in report_paper(tx, found).ranking if one.rank is None]
    names = {bid.bid_id: bid.bidder_name for bid in found.bids}
    taken = [
        (names[bid], leaf.name, f"评委{sheet.seat}", f"{leaf.max - points:.2f}")
        for leaf in found.leaves
        if leaf.kind is Kind.DEDUCTION
        for bid, _ in _scored(found)
        for sheet in found.sheets
        if (points := sheet.points_of(bid, leaf)) is not None and points < leaf.max
    ]
    out = Grid(
        heading=f"{found.words.rejection}及不参加排序",
        columns=((found.words.bidder, 3, False), ("原因和依据", 6, False)),
        rows=rejected or [("无", "—")],
    )
    columns = ((found.words.bidder, 3, False), ("扣分项", 3, False), ("席位", 1, False), ("扣分", 1, True))
    less = Grid(heading="扣分情况", columns=columns, rows=taken or [("无", "—", "—", "—")])
    return Form(title=f"{found.words.rejection}和扣分情况表", grids=(out, less))


def _candidates(tx: Tx, found: Ready) -> Form:
    rows = [
        (
            f"第{one.rank}名",
            one.bidder,
            money(one.price_fen or 0),
            one.compared,
        )
        for one in report_paper(tx, found).candidates
    ]
    compared = ("总分", 1, True) if found.context.content.scored else ("评审价格（元）", 2.2, True)
    columns = (("排序", 0.8, False), (found.words.candidate, 4, False), ("报价（元）", 2.2, True), compared)
    return Form(
        title=f"推荐{found.words.candidate}名单",
        grids=(Grid(columns=columns, rows=rows or [("—", "无", "—", "—")]),),
    )


def _vote(found: Ready, signed: Sequence[Signed]) -> Form:
    said = {one.seat: one for one in signed}
    rows = []
    for sheet in found.sheets:
        one = said.get(sheet.seat)
        silent = "未签署" if found.round.signing_ended_at is None else "未签署，视为同意"
        word = silent if one is None else "不同意" if one.dissent else "同意"
        at = "—" if one is None else stamp(one.signed_at)
        how = "—" if one is None else one.kind.zh
        rows.append((f"评委{sheet.seat}", word, how, at, one.dissent if one and one.dissent else "—"))
    columns = (
        ("席位", 1, False),
        ("意见", 1.5, False),
        ("签署方式", 1.5, False),
        ("签署时间", 2, False),
        ("不同意见和理由", 4, False),
    )
    words = found.words
    lines = [f"拒绝在{words.report}上签字又不书面说明其不同意见和理由的，视为同意{words.evaluation}结果。"]
    if any(one.kind is SignedBy.PROOF for one in signed):
        lines.append("重新验证身份由平台记录，不是证书签名，不能脱离本平台核验。")
    return Form(
        title=f"{words.evaluation}结果表决和签字表",
        lines=tuple(lines),
        hashes=tuple((f"评委{one.seat}签名 SHA-256", one.sha256) for one in signed if one.sha256),
        grids=(Grid(columns=columns, rows=rows),),
    )
