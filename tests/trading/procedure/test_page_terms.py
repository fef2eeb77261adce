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


@pytest.mark.parametrize(
    ("text", "tendered", "consulted"),
    [
        ("nobody may learn who bids", "nobody may learn who bids", "nobody may learn who responds"),
        ("Bids read out", "Bids read out", "Responses opened"),
        ("scored by the committee", "scored by the committee", "scored by the consultation group"),
        (
            "refused (电子招标投标办法 art. 27)",
            "refused (87号令 art. 33)",
            "refused (财库〔2014〕214号 art. 13)",
        ),
        ("拒收（电子招标投标办法第二十七条）", "拒收（87号令第33条）", "拒收（财库〔2014〕214号第13条）"),
        (
            "回避（招标投标法第37条；实施条例第46、48条）",
            "回避（政府采购法实施条例第9条）",
            "回避（政府采购法实施条例第9条）",
        ),
        ("政府采购招标规则（2026）", "政府采购招标规则（2026）", "政府采购规则（2026）"),
    ],
)
def test_verbs_and_articles_fit_the_kind_of_purchase(text: str, tendered: str, consulted: str) -> None:
    said = [Catalogue({}).speaking(terms_of(Regime.GP, one)).said(text) for one in ("tender", "consultation")]

    assert said == [tendered, consulted]
