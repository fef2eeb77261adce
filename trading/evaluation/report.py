"""A computed evaluation as the paper that the tenderer receives; members appear by their seats only."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from govcore.db import Tx
from govcore.pdf.document import DEMO_WATERMARK
from govcore.pdf.figures import money, stamp
from trading.committee import queries as committees
from trading.documents.price_texts import (
    aggregation_text,
    leader_text,
    method_name,
    price_texts,
    rounding_text,
)
from trading.draws.policy import Purpose
from trading.evaluation import papers
from trading.evaluation.agreement import reopenings_of
from trading.evaluation.computing import SAME_BRAND, Ready
from trading.evaluation.drawing import decided_by
from trading.evaluation.entries import Leaf, plain
from trading.evaluation.outcome import Standing, reason_of
from trading.evaluation.scoring.evaluating import evaluate
from trading.evaluation.scoring.exact import fixed, half_up
from trading.evaluation.sheet_queries import LockedSheet
from trading.evaluation.signature_rule import kind_of
from trading.procedure.policy import Regime
from trading.review.policy import PRICES, QUALIFICATION
from trading.tender.evaluation_file import compose
from trading.tender.grounds import ground_text
from trading.tender.schemas import Criterion


def report(found: Ready, paper: papers.EvaluationReport) -> bytes:
    """The report's PDF; the same sheets and bids give the same bytes."""
    watermark = None if found.context.rule_set.lawful else DEMO_WATERMARK
    return papers.evaluation_report(paper, watermark=watermark)


def report_paper(tx: Tx, found: Ready) -> papers.EvaluationReport:
    """The report's content, dated by the last lock."""
    context, centre = found.context, committees.seating_centre(tx, found.context.lot_id)
    assert context.opening_at is not None  # the lot was opened
    number, content, words = found.round.number, context.content, found.words
    leader = _leader(tx, found)
    file = compose(content, context.rule_set, max_price_fen=context.max_price_fen)
    return papers.EvaluationReport(
        centre=centre,
        project=context.project_name,
        project_code=context.project_code,
        lot=context.lot_name,
        lot_code=context.lot_code,
        tenderer=context.tenderer.name,
        agency=context.agency.name,
        regulator=context.regulator.name,
        words=words,
        number=number,
        method=method_name(content, purchase=file.regime == "GP"),
        opened_at=context.opening_at,
        started_at=found.round.began_at,
        finished_at=found.locked_at,
        place=f"{centre}（电子{words.evaluation}）",
        max_price_fen=context.max_price_fen,
        members=[_member(found, sheet, leader) for sheet in found.sheets],
        led=_led(tx, found, leader),
        criteria=[(one.label, Decimal(one.max_points)) for one in _sections(found)],
        gates=_gates(found),
        sections=_section_points(found),
        price_rule=price_texts(content, file, drawn=found.files.opening["draws"]),
        prices=[_price(found, one) for one in _by_number(found) if one.state != "invalid"],
        ranking=[_ranked(found, one) for one in found.result.standings],
        aggregation=f"{words.committee}成员独立评审，评审意见锁定后不得修改。"
        + (aggregation_text(file) if content.scored else ""),
        benchmark=_benchmark(found),
        dissent=f"{words.committee}成员签署本报告时可以书面提出不同意见和理由，见签署页。",
        rounding=f"{rounding_text(file)}{_LAST_DIGIT}" if content.scored else "",
        discounts=found.rate,
        drawn=_drawn(tx, found),
        candidates_max=len(found.result.candidates),
        ground=ground_text(content, context.rule_set),
        settled=_settled(tx, found),
        hashes=[(f"评委{sheet.seat}评分表", sheet.sha256) for sheet in found.sheets],
    )


_LAST_DIGIT = "所列各部分得分之和可能与总分末位略有出入。"


def _drawn(tx: Tx, found: Ready) -> str:
    """Which bids a draw put in order, and where it is written down; nothing where none did."""
    files, draw = found.files, decided_by(tx, found.context.lot_id, found.round.number)
    if draw is None or draw.seed is None:
        return ""
    equal = evaluate(files.tender_file, files.opening, files.sheets).drawn
    order = "、".join(_bidder(found, bid) for bid in sorted(equal, key=files.opening["tickets"].__getitem__))
    return (
        f"评审后仍然相同的投标，按《政府采购货物和服务招标投标管理办法》{_DRAWN_BY[Purpose(draw.purpose)]}公开抽取确定先后，"
        f"抽签次序为：{order}。抽取编号{draw.id}，任何人可以由公开的抽取记录复核。"
    )


_DRAWN_BY = {Purpose.SAME_BRAND: "第三十一条", Purpose.PARALLEL: "第六十八条"}


def _settled(tx: Tx, found: Ready) -> list[tuple[str, str]]:
    """What was explained or reopened between the locks and this report."""
    seats = {sheet.user_id: sheet.seat for sheet in found.sheets}
    names = {leaf.id: leaf.name for leaf in found.leaves}
    explained = [
        (
            f"评委{far.seat}　{far.bid.bidder_name}　{far.leaf.name}",
            f"评{plain(far.points)}分，与其他评委均值相差满分的{fixed(far.deviation * 100, 2)}%。"
            f"说明：{far.explained}",
        )
        for far in found.findings.far
    ]
    reopened = [
        (
            f"评委{seats.get(row.user_id, 0)}　{_bidder(found, row.bid_id)}　{names[row.node_id]}",
            f"{stamp(row.opened_at)}经两人批准重新打开该项，更正后重新锁定。原因：{row.reason}",
        )
        for row in reopenings_of(tx, found.context.lot_id, found.round.number)
    ]
    return explained + reopened


def _sections(found: Ready) -> list[Criterion]:
    return found.context.content.criteria if found.context.content.scored else []


def _bidder(found: Ready, bid_id: str) -> str:
    return next(bid.bidder_name for bid in found.bids if bid.bid_id == bid_id)


def _member(found: Ready, sheet: LockedSheet, leader: int | None) -> papers.Member:
    return papers.Member(
        name=f"评委{sheet.seat}",
        role=found.words.expert,
        leader=sheet.seat == leader,
        locked_at=sheet.locked_at,
        locked_by=kind_of(sheet.envelope).zh,
    )


def _leader(tx: Tx, found: Ready) -> int | None:
    """The seat that led when the last sheet was locked."""
    formed = committees.formed(tx, found.context.lot_id)
    if formed is None or formed.leader_at is None or formed.leader_at > found.locked_at:
        return None
    return formed.leader


def _led(tx: Tx, found: Ready, leader: int | None) -> str:
    """Who leads, who determined it, and by which article."""
    if leader is None:
        return ""
    return f"{leader_text(found.context.content, found.words)}：评委{leader}。"


def _by_number(found: Ready) -> list[Standing]:
    """The bids in the order in which they were read out, as all tables but the ranking have them."""
    standings = {one.bid: one for one in found.result.standings}
    return [standings[bid.bid_id] for bid in found.bids if bid.bid_id in standings]


_OWN_GATES = {QUALIFICATION: "资格审查", PRICES: "第二信封报价核对"}
"""The gates that no documents list."""


def _gates(found: Ready) -> list[papers.Gate]:
    """What the reviews decided of every bid, and for the last line why it is out."""
    names = {gate.id: gate.label for gate in found.context.content.gates} | _OWN_GATES
    reviews = found.files.sheets["reviews"]
    rows = []
    for one in _by_number(found):
        bidder, gates = _bidder(found, one.bid), reviews[one.bid]["gates"]
        for gate in gates:
            reason = "" if gate["passed"] else f"{gate['reason']}（{gate['article']}）"
            check = names.get(gate["id"], "法定否决情形")
            rows.append(papers.Gate(bidder=bidder, check=check, passed=gate["passed"], reason=reason))
        by_gate = one.invalid is not None and one.invalid.code == "gate"
        if not by_gate:
            rows.append(
                papers.Gate(
                    bidder=bidder,
                    check=f"{found.words.price}有效且不高于{found.words.max_price}",
                    passed=one.invalid is None,
                    reason=_rejection(found, one),
                )
            )
    return rows


def _rejection(found: Ready, one: Standing) -> str:
    purchase = found.context.rule_set.regime is Regime.GP
    if one.invalid is not None:
        invalid = one.invalid
        said = {"article": invalid.article or "", "reason": invalid.reason or ""}
        return reason_of(invalid.code, **said, purchase=purchase)
    return "" if one.state == "ranked" else reason_of(one.state, article="", reason="", purchase=purchase)


def _section_points(found: Ready) -> list[papers.SectionPoints]:
    rows = []
    for one in found.result.standings:
        for section in _sections(found):
            if one.shown is None or section.kind == "price":
                continue
            items = [leaf for leaf in found.leaves if leaf.section == section.label]
            rows.append(
                papers.SectionPoints(
                    bidder=_bidder(found, one.bid),
                    label=section.label,
                    max_points=Decimal(section.max_points),
                    items=[_item(found, one.bid, leaf) for leaf in items],
                    result=Decimal(one.shown[section.id]),
                )
            )
    return rows


def _item(found: Ready, bid_id: str, leaf: Leaf) -> papers.ItemPoints:
    points = [sheet.points_of(bid_id, leaf) or Decimal(0) for sheet in found.sheets]
    label = f"{leaf.name}（客观分）" if leaf.objective else leaf.name
    return papers.ItemPoints(label=label, max_points=leaf.max, points=points)


def _price(found: Ready, one: Standing) -> papers.PricePoints:
    section = next((s.id for s in _sections(found) if s.kind == "price"), None)
    points = Decimal(one.shown[section]) if section is not None and one.shown else None
    read_out = found.read_out_fen(one)
    assert read_out is not None  # only a rejected bid has no price
    return papers.PricePoints(
        bidder=_bidder(found, one.bid),
        price_fen=read_out,
        corrected_fen=found.corrected_fen(one),
        evaluated_fen=found.evaluated_fen(one),
        discount=fixed((1 - Fraction(one.corrected or 0)) * 100, 2) if found.rate else None,
        points=points,
        deviation=None if one.deviation is None else Decimal(fixed(Fraction(one.deviation), 2)),
    )


def _ranked(found: Ready, one: Standing) -> papers.Ranked:
    shown = one.shown or {}
    return papers.Ranked(
        bidder=_bidder(found, one.bid),
        price_fen=found.corrected_fen(one),
        rank=one.rank,
        parts=[Decimal(shown[section.id]) for section in _sections(found) if section.id in shown],
        total=None if one.total is None else Decimal(one.total),
        evaluated_fen=found.evaluated_fen(one),
        invalid=_rejection(found, one),
        same_brand=one.state == SAME_BRAND,
    )


def _benchmark(found: Ready) -> str:
    target = found.result.benchmark_yuan
    if target is None:
        return ""
    if found.rate:
        return f"{fixed(half_up(target, 6), 6)}（1－下浮率，四舍五入后的显示值）"
    rounded = half_up(target, 2)
    note = "" if rounded == target else "（四舍五入后的显示值，计算得分使用未舍入的精确值）"
    return f"{money(int(rounded * 100))} 元{note}"
