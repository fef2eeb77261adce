"""The guarantee letter on paper, for people; the signed data beside it is what counts."""

from __future__ import annotations

import hashlib

from reportlab.platypus import Flowable, KeepTogether

from govcore.pdf.blocks import field_table, hash_footer, paragraph, plain, section, signed, title
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.document import render
from govcore.pdf.figures import day, money, stamp
from guarantees.checks import GuarantorKind
from guarantees.letter import Letter, read_letter

_KINDS = {
    GuarantorKind.BANK: "银行",
    GuarantorKind.INSURER: "保险机构",
    GuarantorKind.FINANCIAL_INSTITUTION: "非银行金融机构",
    GuarantorKind.GUARANTEE_COMPANY: "融资担保公司",
}


def letter_pdf(raw: bytes, *, watermark: str | None = None) -> bytes:
    """The PDF of a signed letter, in Chinese, the amount in capitals; names the SHA-256 of `raw`.

    Raises `LetterSchema` for bytes that are no letter and `GlyphMissing` for a character that cannot print.
    """
    letter = read_letter(raw)
    salutation, *clauses = letter.wording.split("\n")
    addressee, _, opening = salutation.partition("：")
    story = [
        *title("投标保函", f"保函编号：{letter.guarantee_no}"),
        *field_table("", _parties(letter)),
        *field_table("", _terms(letter), pairs=2),
        section("保函正文"),
        plain(f"{addressee}："),
        *(paragraph(text) for text in [opening, *clauses] if text),
        _closing(letter),
        hash_footer(
            [
                ("电子保函文件 SHA-256", hashlib.sha256(raw).hexdigest()),
                ("开立人证书 SHA-256", hashlib.sha256(letter.certificate).hexdigest()),
                (
                    "说明",
                    "本页供阅读，效力以开立人签名的电子保函文件为准；两者不一致的，以电子保函文件为准。",
                ),
            ]
        ),
    ]
    return render(
        story,
        title=f"投标保函 {letter.guarantee_no}",
        header=f"投标保函　{letter.guarantee_no}",
        footer=letter.guarantor.name,
        watermark=watermark,
    )


def _closing(letter: Letter) -> Flowable:
    """The documents of a claim and the signature: kept together, so that no page holds a signature alone."""
    documents = [paragraph(f"（{number}）{text}。") for number, text in enumerate(letter.claim_documents, 1)]
    issuer = signed([f"开立人：{letter.guarantor.name}", day(letter.issued_at)])
    return KeepTogether([section("索赔单据"), *documents, issuer])


def _parties(letter: Letter) -> list[tuple[str, str]]:
    return [
        ("受益人（招标人）", f"{letter.beneficiary.name}（{letter.beneficiary.uscc}）"),
        ("申请人（投标人）", f"{letter.applicant.name}（{letter.applicant.uscc}）"),
        ("开立人", f"{letter.guarantor.name}（{letter.guarantor.uscc}，{_KINDS[letter.guarantor.kind]}）"),
        ("项目和标段", f"{letter.project_name}　{letter.lot_name}"),
        ("最高金额", f"人民币{rmb_capitals(letter.amount_fen)}（¥{money(letter.amount_fen)}）"),
    ]


def _terms(letter: Letter) -> list[tuple[str, str]]:
    return [
        ("生效日", day(letter.effective_date)),
        ("失效日", day(letter.expiry_date)),
        ("性质", "独立保函，见索即付" if letter.first_demand else "非独立保函"),
        ("开立时间", stamp(letter.issued_at)),
    ]
