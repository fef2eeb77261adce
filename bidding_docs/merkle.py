"""Merkle tree heads of RFC 6962 over SHA-256 digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence


def merkle_root(leaf_digests: Sequence[bytes]) -> bytes:
    """Return the tree head whose leaves' data are the raw digests in this order."""
    if not leaf_digests:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(b"\x00" + digest).digest() for digest in leaf_digests]
    while len(level) > 1:
        # Pairing from the left and carrying an odd last node up gives the split at the largest power of two.
        paired = [
            hashlib.sha256(b"\x01" + level[place] + level[place + 1]).digest()
            for place in range(0, len(level) - 1, 2)
        ]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0]


def bids_root(manifest_digests: Iterable[str]) -> str:
    """Return the root over the sorted manifest digests, all lower-case hex."""
    return merkle_root([bytes.fromhex(digest) for digest in sorted(manifest_digests)]).hex()
