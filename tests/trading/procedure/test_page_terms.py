"""Pages speak in the words of the law that a round is bought under."""

from __future__ import annotations

import pytest

from govcore.i18n.catalogue import Catalogue
from trading.procedure.page_terms import terms_of
from trading.procedure.policy import Regime

TEXTS = {
    "Asked": "招标人将第1标段的最高投标限价和工期告知投标人",
    "Cited": "《中华人民共和国招标投标法实施条例》第二十七条",
}


@pytest.mark.parametrize(
    ("regime", "procedure", "said"),
    [
        (Regime.TB, "tender", TEXTS["Asked"]),
        (Regime.GP, "tender", "采购人将第1采购包的最高限价和合同履行期限告知投标人"),
        (Regime.GP, "consultation", "采购人将第1采购包的最高限价和合同履行期限告知供应商"),
    ],
)
def test_people_and_things_are_called_as_their_law_calls_them(
    regime: Regime, procedure: str, said: str
) -> None:
    translate = Catalogue(TEXTS).speaking(terms_of(regime, procedure)).translator("zh_CN")

    assert (translate("Asked"), translate("Cited")) == (said, TEXTS["Cited"])


@pytest.mark.parametrize(
    ("regime", "procedure", "said"),
    [
        (Regime.TB, "tender", "Lot {lot} is the tenderer's: bidders may bid, bids stay sealed. allotted"),
        (
            Regime.GP,
            "tender",
            "Package {lot} is the purchaser's: bidders may bid, bids stay sealed. allotted",
        ),
        (
            Regime.GP,
            "consultation",
            "Package {lot} is the purchaser's: suppliers may respond, responses stay sealed. allotted",
        ),
    ],
)
def test_english_pages_use_the_same_words_and_leave_what_people_wrote(
    regime: Regime, procedure: str, said: str
) -> None:
    text = "Lot {lot} is the tenderer's: bidders may bid, bids stay sealed. allotted"
    ours = {text: "某句", "a bid": "一份投标"}
    translate = Catalogue(ours).speaking(terms_of(regime, procedure)).translator("en")

    assert translate(text, lot="a lot of people") == said.format(lot="a lot of people")
    assert translate("A bidder's own lot") == "A bidder's own lot"
    assert translate("a bid") == ("a response" if procedure == "consultation" else "a bid")
