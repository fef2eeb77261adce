"""The opened bids of a lot in its package: ciphertext as it was received, and beside it the key that opens it.

What a bidder signed names the ciphertext, so only the ciphertext proves whose bid it is; the key makes it readable
without any platform (政府采购法 art. 42, 电子招标投标办法 art. 40).
"""

from __future__ import annotations

from collections.abc import Iterator

from bidding_docs import suites
from govcore.db import Tx
from govcore.platform import Platform
from trading.archive.policy import bid_paths
from trading.archive.sources import Pieces, Source
from trading.bidding import queries as bidding
from trading.opening.models import OpeningBid
from trading.opening.parts import part_keys


def parts_of(tx: Tx, platform: Platform, bid: OpeningBid, folder: str) -> Iterator[Source]:
    """Every part of a bid whose key was recovered; what nobody opened stays out of the package."""
    keys = part_keys(tx, platform, bid.bid_id)
    if not keys:
        return
    body = bidding.bid_manifest(bid.envelope)
    suite, upload_id = suites.get(body.suite), bidding.upload_of(tx, bid.bid_id)
    stored = bidding.pieces_of(tx, upload_id)
    for part in body.parts:
        if part.id in keys:
            sealed, key = bid_paths(f"{folder}/opening/bids/{bid.number}", part.id, suite.extension)
            pieces = Pieces(upload_id, part.sha256, stored[part.sha256])
            yield Source(sealed, sha256=part.sha256, taken=str(pieces))
            yield Source(key, secret=f"{suite.encode_identity(keys[part.id])}\n".encode())
