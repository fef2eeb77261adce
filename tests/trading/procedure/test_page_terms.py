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
