"""The contract as a paper (合同协议书)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from govcore.pdf.blocks import field_table, paragraph, section, signature_block, title
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.document import render
from govcore.pdf.figures import day, money
from trading.procedure.paper_words import PaperWords


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPaper:
    """What the contract says: the bid that was accepted, its bond, and terms that do not touch either."""

    number: str
    words: PaperWords
    project: str
    project_code: str
    lot: str
    lot_code: str
    tenderer: str
    tenderer_uscc: str
    supplier: str
    supplier_uscc: str
    object: str
    amount_fen: int
    duration_days: int
    quality: str
    manager: str
    bond_fen: int
    terms: str
    drawn_on: date


def contract(paper: ContractPaper, *, watermark: str | None = None) -> bytes:
    """Set the contract with the price in figures and capitals."""
    words = paper.words
    first = "采购人（甲方）" if words.purchase else "发包人（甲方）"
    law = "《中华人民共和国政府采购法》" if words.purchase else "《中华人民共和国招标投标法》"
    story = [
        *title("政府采购合同" if words.purchase else "合同协议书", f"合同编号：{paper.number}"),
        *field_table(
            "一、当事人",
            [
                (first, f"{paper.tenderer}（{paper.tenderer_uscc}）"),
                (f"{words.winner}（乙方）", f"{paper.supplier}（{paper.supplier_uscc}）"),
            ],
        ),
        paragraph(
            f"依据《中华人民共和国民法典》、{law}，按照{words.documents}和乙方的{words.bid}，就{paper.project}（{paper.lot}）"
            "订立本合同。"
        ),
        *field_table(
            "二、标的和价款",
            [
                ("标的", paper.object),
                (f"项目（{words.lot}）编号", f"{paper.project_code}（{paper.lot_code}）"),
                ("合同价款（小写）", f"¥ {money(paper.amount_fen)} 元"),
                ("合同价款（大写）", f"人民币{rmb_capitals(paper.amount_fen)}"),
                ("履行期限", f"{paper.duration_days} 日历天"),
                ("质量", paper.quality),
                ("项目负责人", paper.manager),
            ],
        ),
        section("三、履约担保"),
        paragraph(_bond(paper.bond_fen)),
        section("四、合同文件"),
        paragraph(
            f"下列文件是本合同的组成部分：{words.won}通知书、乙方的{words.bid}、{words.documents}及其澄清和修改。"
            "本合同不得背离上述文件的实质性内容。"
        ),
        section("五、其他约定"),
        *[paragraph(line) for line in (paper.terms.splitlines() or ["无。"]) if line.strip()],
        section("六、签署"),
        paragraph(
            f"本文件定稿于{day(paper.drawn_on)}，以双方对本文件的电子签名成立；签名随本文件一并保存，可以在平台核验。"
        ),
        signature_block([f"甲方　{paper.tenderer}", f"乙方　{paper.supplier}"]),
    ]
    return render(
        story,
        title=f"合同：{paper.project} {paper.lot}",
        header=f"{paper.tenderer}　{paper.lot_code}",
        footer=f"合同 {paper.number}",
        watermark=watermark,
    )


def _bond(bond_fen: int) -> str:
    if not bond_fen:
        return "本合同不要求履约担保。"
    return f"乙方在签订本合同前提交履约担保人民币{money(bond_fen)}元（大写：{rmb_capitals(bond_fen)}）。"
