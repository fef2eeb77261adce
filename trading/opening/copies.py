"""Copies derived from opened parts: made once, kept sealed as the parts are; the originals stay as they came."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from bidding_docs import suites
from bidding_docs.placed import HEAD, PlacedPart
from govcore.platform import Platform
from govcore.storage import AlreadyStored
from trading.opening.parts import read_out


def kept(platform: Platform, bid_id: str, part_id: str, name: str, make: Callable[[], bytes]) -> PlacedPart:
    """The copy of this name of a part that was read out, to seek in; made only where it is not kept yet.

    Its key comes from the part's: who writes to the store cannot make one that opens, and no new secret is kept.
    """
    found, key, store = (
        read_out(platform, bid_id, part_id),
        f"copies/{bid_id}/{part_id}/{name}",
        platform.store,
    )
    suite, context = suites.of_recipient(found.part.recipient), key.encode()
    chance = io.BytesIO(hashlib.shake_256(b"copy\x00" + found.secret + context).digest(1024))
    identity, recipient = suite.generate(chance.read)
    if not store.exists(key):
        sealed = io.BytesIO()
        suite.seal_payload(io.BytesIO(make()), sealed, recipient, context=context, token_bytes=os.urandom)
        with suppress(AlreadyStored):  # another member was faster: the same pages
            store.put_new(key, sealed.getvalue())
    size, fetch = store.size(key), partial(store.get_range, key)
    chunks = suite.chunks(fetch(0, min(HEAD, size)), size, identity, context=context)
    return PlacedPart(fetch, chunks, part=part_id)
