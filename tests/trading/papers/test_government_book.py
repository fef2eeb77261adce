"""The book of a government procurement says its own law, and asks what its form asks."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import paper_samples as samples
import pytest
from pypdf import PdfReader

from trading.documents import paper_texts as texts
from trading.documents.book_paper import tender_documents


def text_of(**changes: object) -> str:
    pages = PdfReader(BytesIO(tender_documents(replace(samples.DOCUMENTS, **changes)))).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.parametrize("government", [False, True])
def test_each_law_has_its_own_clauses(government: bool) -> None:
    text = text_of(government=government, kind="货物" if government else "施工")

    others = [*texts.GOVERNMENT.values(), *texts.GOVERNMENT_PROCEDURE.values()]
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
