"""Capsules: one holder's share of a part's key, bound to tender, lot, round, bidder, part and recipient.

A capsule is opened only after every field of its context was compared with what the opening expects: a custodian
that releases a share without this check is a decryption oracle for replayed capsules.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Literal

from bidding_docs import suites
from bidding_docs.codes import (
    BadSchema,
    BidderBadShare,
    CapsuleUnreadable,
    ContextMismatch,
    ShareCommit,
    Unreadable,
)
from bidding_docs.encoding import (
    Base64,
    BidderId,
    Digest,
    Id,
    Positive,
    Recipient,
    Strict,
    b64decode,
    b64encode,
    decode,
    encode,
)
from bidding_docs.manifests import BidManifest, Part

GATE = "gate"
BIDDER = "bidder"
KEY_SIZE = 32
SHARE_SIZE = 33
MAX_CAPSULE = 8192
NO_KEY = bytes(KEY_SIZE)


class Context(Strict, frozen=True, kw_only=True):
    """What one part's key belongs to; also the first member of the part's archive."""

    v: Literal[1] = 1
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    bidder_id: BidderId
    part_id: Id
    recipient: Recipient


class Capsule(Strict, frozen=True, kw_only=True):
    v: Literal[1] = 1
    ctx: Context
    holder: str
    share: Base64

    def __repr__(self) -> str:
        return f"Capsule({self.holder}, {self.ctx.part_id})"


def custodian(index: int) -> str:
    """Return the holder's name of a custodian."""
    return f"custodian:{index}"


def xor(first: bytes, *others: bytes) -> bytes:
    """Return the bytewise exclusive or of keys of equal length."""
    value = int.from_bytes(first, "big")
    for other in others:
        if len(other) != len(first):
            raise ValueError("keys differ in length")
        value ^= int.from_bytes(other, "big")
    return value.to_bytes(len(first), "big")


def context_of(manifest: BidManifest, part: Part) -> Context:
    """Return the context that every capsule and the archive of this part must carry."""
    return Context(
        tender_id=manifest.tender_id,
        lot_id=manifest.lot_id,
        round=manifest.round,
        key_manifest_sha256=manifest.key_manifest_sha256,
        bidder_id=manifest.bidder_id,
        part_id=part.id,
        recipient=part.recipient,
    )


def commit(ctx: Context, holder: str, share: bytes) -> str:
    """Return the commitment to a share: hex of the suite's hash over the context's hash, the holder and the share."""
    suite = suites.of_recipient(ctx.recipient)
    bound = suite.hash(b"bidseal/v1/ctx\n" + encode(ctx))
    return suite.hash(b"bidseal/v1/share\n" + bound + holder.encode() + b"\x00" + share).hex()


def build(
    ctx: Context, holder: str, share: bytes, recipient: str, *, token_bytes: Callable[[int], bytes]
) -> bytes:
    """Return the capsule for one holder."""
    body = encode(Capsule(ctx=ctx, holder=holder, share=b64encode(share)))
    return suites.of_recipient(recipient).wrap_share(body, recipient, token_bytes=token_bytes)


def open_capsule(sealed: bytes, identity: bytes, *, ctx: Context, holder: str, committed: str) -> bytes:
    """Return the share; E_CAPSULE_UNREADABLE, E_CTX_MISMATCH or E_BIDDER_BAD_SHARE, in this order of checks."""
    try:
        body = suites.of_recipient(ctx.recipient).unwrap_share(sealed, identity)
    except Unreadable:
        raise CapsuleUnreadable(holder=holder) from None
    return _share_in(body, ctx=ctx, holder=holder, committed=committed)


def prove_bad(sealed: bytes, identity: bytes, *, ctx: Context) -> bytes:
    """Return the capsule's file key: it shows what this one capsule holds and opens nothing else."""
    return suites.of_recipient(ctx.recipient).prove_share(sealed, identity)


def bad_share_is_proven(sealed: bytes, proof: bytes, *, ctx: Context, holder: str, committed: str) -> bool:
    """True when the file key opens the capsule and its content breaks the bidder's own commitment or context."""
    try:
        body = suites.of_recipient(ctx.recipient).unwrap_proven(sealed, proof)
    except (Unreadable, ValueError):
        return False
    try:
        _share_in(body, ctx=ctx, holder=holder, committed=committed)
    except (ContextMismatch, BidderBadShare):
        return True
    return False


def _share_in(body: bytes, *, ctx: Context, holder: str, committed: str) -> bytes:
    try:
        capsule = decode(body, Capsule)
        share = b64decode(capsule.share)
    except BadSchema:
        raise BidderBadShare(holder=holder) from None
    check_context(capsule.ctx, ctx)
    if capsule.holder != holder:
        raise ContextMismatch(field="holder")
    if not fits(ctx, holder, share, committed):
        raise BidderBadShare(holder=holder)
    return share


def check_context(found: Context, expected: Context) -> None:
    """E_CTX_MISMATCH naming the first field that differs."""
    for name in Context.__struct_fields__:
        if getattr(found, name) != getattr(expected, name):
            raise ContextMismatch(field=name)


def fits(ctx: Context, holder: str, share: bytes, committed: str) -> bool:
    """True when the share has its holder's length and is the one committed to."""
    size = KEY_SIZE if holder in (GATE, BIDDER) else SHARE_SIZE
    return len(share) == size and hmac.compare_digest(commit(ctx, holder, share), committed)


def check_share(ctx: Context, holder: str, share: bytes, committed: str) -> None:
    """E_SHARE_COMMIT naming the holder unless the released share is the one committed to."""
    if not fits(ctx, holder, share, committed):
        raise ShareCommit(holder=holder)
