"""What pages and reports call the signs, and where the law has each; the keys of the catalogue."""

from __future__ import annotations

from trading.likeness.policy import ITEMS, Sign
from trading.procedure.policy import Regime
from trading.tender.queries import LotContext

SIGN_WORDS = {
    Sign.SAME_ACCOUNT: "Deposits from one account",
    Sign.SAME_HANDLER: "Signed by one person",
    Sign.SAME_PLACE: "Signed in from one device or network",
    Sign.SAME_PERSON: "One main person or certificate in both",
    Sign.NAMED_INSIDE: "One bid names the other bidder",
    Sign.SAME_ORIGIN: "Files made from one original",
    Sign.SAME_AUTHOR: "One author or company in the files' properties",
    Sign.SAME_MOMENT: "Files made in the same second",
    Sign.SAME_FILE: "Equal files",
    Sign.SAME_TEXT: "Equal passages",
    Sign.SAME_PICTURE: "Equal pictures",
    Sign.SAME_FONT: "Equal subsets of fonts",
    Sign.SAME_MISTAKE: "The same mistake in the bill",
    Sign.SAME_UNIT_PRICES: "Equal unit prices",
    Sign.SCALED_UNIT_PRICES: "Unit prices in one ratio",
    Sign.SAME_PRICE: "Equal prices",
    Sign.EVEN_STEPS: "Prices in even steps",
    Sign.EVEN_RATIO: "Prices in one ratio",
}


def article(sign: Sign, context: LotContext) -> str:
    """Where the law that a lot is bought under names a sign."""
    if context.rule_set.regime is Regime.TB:
        return f"实施条例 art. 40 ({ITEMS[sign]})"
    if context.content.procedure == "tender":
        return f"87号令 art. 37 ({ITEMS[sign]})"
    return "政府采购法实施条例 art. 74"
