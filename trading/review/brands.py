"""Which bids offer the same brand of the core product: in a purchase they count as one (87号令 art. 31)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping

from trading.opening.queries import OpenedBid
from trading.tender.schemas import BRAND

BRAND_MAX = 40


def brands_of(bids: Iterable[OpenedBid], found: Mapping[str, str]) -> dict[str, str]:
    """The brand of each bid that names one: as the committee `found`, else as its bidder wrote it.

    Width, case and spaces make no other brand; of one brand's spellings the first bid's stands for all.
    """
    spelled: dict[str, str] = {}
    brands = {}
    for bid in bids:
        said = " ".join(str(found.get(bid.bid_id) or bid.summary.get(BRAND) or "").split())
        if said:
            brands[bid.bid_id] = spelled.setdefault(_plain(said), said)
    return brands


def _plain(brand: str) -> str:
    return unicodedata.normalize("NFKC", brand).casefold().replace(" ", "")
