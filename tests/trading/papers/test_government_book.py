"""The book of a government procurement says its own law, and asks what its form asks."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import paper_samples as samples
import pytest
from pypdf import PdfReader

from trading.documents import paper_texts as texts
from trading.documents.book_paper import tender_documents
from trading.procedure.paper_words import CONSULTATION, PURCHASE, WORKS, PaperWords


def text_of(**changes: object) -> str:
    pages = PdfReader(BytesIO(tender_documents(replace(samples.DOCUMENTS, **changes)))).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("words", [WORKS, PURCHASE])
def test_each_law_has_its_own_clauses(words: PaperWords) -> None:
    government = words.purchase
    notice = replace(samples.NOTICE, words=words)
    text = text_of(notice=notice, kind="货物" if government else "施工")

    clauses = [*texts.GOVERNMENT.values(), *texts.GOVERNMENT_PROCEDURE.values()]
    others = [clause.format(w=words, least=samples.DOCUMENTS.least) for clause in clauses]
    assert [("".join(clause.split()) in text) for clause in others] == [government] * len(others)
    assert ("对招标文件有异议的，应当在投标截止时间10日前提出" in text) is not government
    assert ("货物招标文件" in text, "施工招标文件" in text) == (government, not government)


def test_every_clause_that_is_another_one_exists() -> None:
    for chapters, others in (
        (texts.GENERAL, texts.GOVERNMENT),
        (texts.PROCEDURE, texts.GOVERNMENT_PROCEDURE),
    ):
        numbers = {clause.split(" ")[0] for _, clauses in chapters for clause in clauses}
        assert others.keys() - numbers == set()


def test_the_form_asks_what_the_tender_asks() -> None:
    text = text_of(asked=["质保期（月）"])

    assert "质保期（月）" in text
    assert "项目经理及证书编号" not in text


@pytest.mark.parametrize("words", [PURCHASE, CONSULTATION])
def test_the_book_of_a_purchase_has_no_word_of_works(words: PaperWords) -> None:
    notice = replace(samples.PURCHASE_NOTICE, words=words)
    text = text_of(notice=notice, kind="货物", bill=[], custodians=["交易中心"], asked=["交货期（日历天）"])

    works = ("招标人", "招标代理机构", "最高投标限价", "标段", "建设地点", "工期", "监理人", "行政监督部门")
    assert [word for word in works if word in text] == []
    assert [word in text for word in (words.max_price, words.documents, words.won)] == [True] * 3
