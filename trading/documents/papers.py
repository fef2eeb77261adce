"""The papers of a version, set from its terms: the documents (招标文件), and for the first the notice (招标公告)."""

from __future__ import annotations

from decimal import Decimal

from govcore.db import Tx
from govcore.pdf.blocks import Contact
from govcore.pdf.document import DEMO_WATERMARK
from govcore.pdf.figures import moment
from trading.documents import bill_sheet
from trading.documents.book_paper import (
    BidPart,
    BillItem,
    CriterionRow,
    TenderDocuments,
    tender_documents,
)
from trading.documents.price_texts import leader_text, method_name, price_texts, ranking_texts
from trading.documents.schemas import LotTerms, Terms
from trading.procedure.paper_words import UNIT_WORDS, PaperWords, words_of
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.tender import queries
from trading.tender.criteria import Item
from trading.tender.evaluation_file import compose
from trading.tender.grounds import ground_text
from trading.tender.models import Custodian, Tender
from trading.tender.notice_paper import NoticeLot, TenderNotice, tender_notice
from trading.tender.periods import change_rule
from trading.tender.queries import OrgRef
from trading.tender.schemas import DatedAct, TenderContent

CENTRE = "公共资源交易中心"
"""What papers call the centre where no name is set."""

ACTS = {"visit": "现场踏勘", "samples": "样品递交", "demonstration": "演示"}
KINDS = {"works": "施工", "goods": "货物", "services": "服务"}
FORMS = {
    "transfer": "银行转账",
    "cheque": "支票、汇票",
    "guarantee": "银行保函",
    "insurance": "保险机构保证保险",
    "surety": "融资担保公司保函",
}
SCORED = {
    "MANUAL": "评委在分值内独立评分",
    "BAND": "评委确定档次，在该档分值内独立评分",
    "ADDITIVE": "按下列各项累计计分，不超过满分",
    "DEDUCTION": "自满分起按下列各项扣分，扣完为止",
}


def notice_pdf(tx: Tx, tender: Tender, terms: Terms) -> bytes:
    """Set the tender's notice."""
    return tender_notice(_notice(tx, tender, terms), watermark=_mark(tender))


def documents_pdf(tx: Tx, tender: Tender, terms: Terms, *, version: int) -> bytes:
    """Set the documents as this version says them."""
    content, rules = terms.content, rule_set(tender.rule_set)
    words = words_of(rules.regime, content.procedure)
    file = compose(content, rules, max_price_fen=terms.lots[0].max_price_fen)
    seats = queries.custodians_of(tx, queries.lots_of(tx, tender.id)[0].id)
    change = change_rule(rules, content)
    book = TenderDocuments(
        notice=_notice(tx, tender, terms),
        version=version,
        validity_days=content.validity_days,
        change=f"{change.number}{UNIT_WORDS[change.unit]}",
        least=content.least(rules, content.received).number,
        method=method_name(content, purchase=rules.regime is Regime.GP),
        kind=KINDS[content.procures],
        asked=[
            field.label
            for form in content.forms().values()
            for field in form.fields
            if field.id != "price_fen"
        ],
        criteria=_criteria(content, words),
        price_rule=price_texts(content, file),
        ranking=ranking_texts(content, file),
        leader=leader_text(content, words),
        parts=[
            BidPart(
                name=part.label,
                max_size=part.max_size,
                max_files=part.max_files,
                types=part.types,
                content=f"暗标评审：不得出现{words.bidder}名称、标识及其他可识别身份的内容"
                if part.blind
                else "",
            )
            for part in content.parts
        ],
        custodians=[_custodian(seat, words) for seat in seats],
        threshold=rules.custodians.k,
        bill=[item for lot in terms.lots for item in _bill(lot, several=len(terms.lots) > 1)],
    )
    return tender_documents(book, watermark=_mark(tender))


def bill_sheets(terms: Terms) -> list[tuple[str, bytes]]:
    """The lots' bills of quantities as named workbooks, which bidders fill in."""
    return [
        (bill_sheet.name_of(lot.number), bill_sheet.write("工程量清单", lot.bill))
        for lot in terms.lots
        if lot.bill is not None
    ]


def _mark(tender: Tender) -> str | None:
    return None if rule_set(tender.rule_set).lawful else DEMO_WATERMARK


def _bill(lot: LotTerms, *, several: bool) -> list[BillItem]:
    """A lot's bill as rows; sections, and lots where there are several, are rows without a quantity."""
    if lot.bill is None:
        return []
    heads = [BillItem(number="", name=lot.name, unit="", quantity="")] if several else []
    for section in lot.bill.sections:
        if section.name:
            heads.append(BillItem(number="", name=section.name, unit="", quantity=""))
        heads += [
            BillItem(number=line.code, name=line.name, unit=line.unit, quantity=line.quantity)
            for line in section.lines
        ]
    return heads


def custodian_name(role: str, words: PaperWords) -> str:
    """Who holds a share of the keys, as papers of this procedure call it."""
    names = {"centre": CENTRE, "tenderer": f"{words.tenderer}代表", "regulator": words.regulator}
    return names.get(role, role)


def _custodian(seat: Custodian, words: PaperWords) -> str:
    return f"{seat.index}号保管人：{custodian_name(seat.role, words)}"


def _notice(tx: Tx, tender: Tender, terms: Terms) -> TenderNotice:
    lots, content = queries.lots_of(tx, tender.id), terms.content
    context = queries.lot_context(tx, lots[0].id)
    codes = {lot.number: lot.code for lot in lots}
    rules = rule_set(tender.rule_set)
    government = rules.regime is Regime.GP
    return TenderNotice(
        centre=tx.info["settings"].centre or CENTRE,
        project=terms.title,
        project_code=tender.code,
        tenderer=_contact(context.tenderer),
        agency=_contact(context.agency, content.contact),
        regulator=_contact(context.regulator),
        funds=content.funds,
        location=content.location,
        scope=content.scope,
        qualification=[line for line in content.qualification.splitlines() if line],
        consortium=content.consortium,
        deposit_forms=f"{'、'.join(FORMS[form] for form in content.deposit_forms)}，均可采用电子形式",
        lots=[
            NoticeLot(
                name=lot.name,
                code=codes[lot.number],
                max_price_fen=lot.max_price_fen,
                deposit_fen=lot.deposit_fen,
                duration_days=content.duration_days,
            )
            for lot in terms.lots
        ],
        documents_url=f"/tenders/{tender.id}",
        submission_url=f"/tenders/{tender.id}",
        kind=KINDS[content.procures],
        budget_fen=terms.budget_fen if government else None,
        policies=content.policies if government else (),
        period_days=rules["G01"].number if government else 0,
        questions_end_days=content.questions_end_days,
        acts=[_act(act) for act in content.acts],
        words=words_of(rules.regime, content.procedure),
        ground=ground_text(content, rules),
    )


def _act(act: DatedAct) -> str:
    note = f"（{act.note}）" if act.note else ""
    return f"{ACTS[act.kind]}，{moment(act.starts_at)}至{moment(act.ends_at)}，{act.place}{note}"


def _contact(organisation: OrgRef, person: str = "") -> Contact:
    return Contact(name=organisation.name, person=person)


def _how(item: Item) -> str:
    """What earns how many points: the documents' words, then the bands or steps."""
    parts = [item.rule.rstrip("。；") or SCORED[item.kind]]
    parts += [f"{band.label}：{band.low}至{band.high}分" for band in item.bands]
    parts += [f"{step.label}：每次{step.points}分，最多{step.most}次" for step in item.steps]
    return f"{'；'.join(parts)}。{'客观分，各评委应当一致。' if item.objective else ''}"


def _criteria(content: TenderContent, words: PaperWords) -> list[CriterionRow]:
    nothing = Decimal(0)
    rows = [
        CriterionRow(
            section="符合性审查" if words.purchase else "初步评审",
            item=gate.label,
            max_points=nothing,
            rule=f"不符合的，依据{gate.article}{words.rejection}",
        )
        for gate in content.gates
    ]
    for criterion in content.criteria:
        for item in criterion.items:
            points = Decimal(item.max_points)
            rows.append(
                CriterionRow(
                    section=criterion.label,
                    item=item.label,
                    max_points=points,
                    rule=_how(item),
                )
            )
        if not criterion.items:
            rule = "按价格分计算办法计算"
            points = Decimal(criterion.max_points)
            rows.append(
                CriterionRow(section=criterion.label, item=criterion.label, max_points=points, rule=rule)
            )
    return rows
