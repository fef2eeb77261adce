"""Opening: what custodians and the gate release, how shares become a part's key, and reading the part.

All functions here are pure checks; deadlines, checkpoints, windows and objections are for the caller, who must have
settled them before the first of these is called.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations
from pathlib import Path

import msgspec
from cryptography import x509

from bidding_docs import capsules, dsse, suites, summary
from bidding_docs.age_stream import Readable, Writable
from bidding_docs.archive_reader import Extracted, extract, read_archive, read_member
from bidding_docs.capsules import BIDDER, GATE, NO_KEY, Context
from bidding_docs.codes import (
    BadCertificate,
    BadContent,
    BadPayload,
    BadSchema,
    BidderBadShare,
    BidderKeyMismatch,
    BidderTimeout,
    BidsRoot,
    ContextMismatch,
    GateKey,
    NoQuorum,
    SealProblem,
    ShareCommit,
    StoreHash,
    TooEarly,
    Unreadable,
    WrongKeyManifest,
)
from bidding_docs.encoding import b64decode, b64encode, encode, sha256_hex
from bidding_docs.manifests import (
    OPENING,
    BidManifest,
    GateRelease,
    KeyManifest,
    Part,
    Release,
    ShareRelease,
    check_bid,
    recipient_of_holder,
)
from bidding_docs.merkle import bids_root as root_of
from bidding_docs.placed import HEAD, Fetch, PlacedPart
from bidding_docs.signing import check_certificate, keys_by_id

TECHNICAL_FIXED_EVENT = "evaluation.technical_fixed"


@dataclass(frozen=True, slots=True)
class ClosedBid:
    """A bid as it is handed to custodians: the envelope, the certificate, this holder's capsule per part."""

    envelope: bytes
    certificate: x509.Certificate
    capsules: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Closing:
    """What the closing fixed, taken from the log by the caller, and the certificates it is checked with.

    `passed` are the bids of a later stage, as `bids_that_passed` reads them from the log; at the first stage all do.
    """

    key_manifest: dsse.Signed[KeyManifest]
    tender_closed_sha256: str
    bids_root: str
    authorities: Collection[x509.Certificate]
    closed_at: datetime
    passed: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """A part's identity, holders whose shares were left out, and whether a set of k good shares failed."""

    identity: bytes = field(repr=False)
    left_out: tuple[str, ...]
    inconsistent: bool


class _Fixed(msgspec.Struct, frozen=True):
    lot_id: str
    round: int
    tender_closed_sha256: str
    passed: tuple[str, ...]


class _FixedEvent(msgspec.Struct, frozen=True):
    type: str
    data: _Fixed


def bids_that_passed(event: bytes, rules: KeyManifest, *, tender_closed_sha256: str) -> tuple[str, ...]:
    """Return the bids that the logged `evaluation.technical_fixed` lets into the second stage.

    E_SCHEMA for any other event, and for one of another lot, round or closing; that it stands in the log is for the
    caller to prove.
    """
    try:
        fixed = msgspec.json.decode(event, type=_FixedEvent)
    except msgspec.DecodeError:
        raise BadSchema(detail="it is no event of the log") from None
    bound = (fixed.data.lot_id, fixed.data.round, fixed.data.tender_closed_sha256)
    if fixed.type != TECHNICAL_FIXED_EVENT or bound != (rules.lot_id, rules.round, tender_closed_sha256):
        raise BadSchema(detail="it does not fix the technical result of this closing")
    return fixed.data.passed


def open_custodian_capsules(
    closing: Closing, bids: Sequence[ClosedBid], *, index: int, opens: str, identity: bytes
) -> ShareRelease:
    """Return one custodian's releases for one stage, unsigned: a share or a reason for every part.

    E_BIDS_ROOT when these are not exactly the bids of the closing, E_KEY_MANIFEST when the identity is not this
    custodian's for this stage, E_TOO_EARLY for a later stage whose bids are not fixed. Faults of a single bid are
    reasons in the releases.
    """
    holder = capsules.custodian(index)
    releases = _releases(closing, bids, holder=holder, opens=opens, identity=identity)
    rules = closing.key_manifest.document
    return ShareRelease(
        tender_id=rules.tender_id,
        lot_id=rules.lot_id,
        round=rules.round,
        key_manifest_sha256=closing.key_manifest.sha256,
        custodian=index,
        opens=opens,
        tender_closed_sha256=closing.tender_closed_sha256,
        releases=releases,
    )


def open_gate_capsules(
    closing: Closing, bids: Sequence[ClosedBid], *, opens: str, identity: bytes
) -> GateRelease:
    """Return the gate's releases for one stage, unsigned; checks and errors as for a custodian."""
    releases = _releases(closing, bids, holder=GATE, opens=opens, identity=identity)
    rules = closing.key_manifest.document
    return GateRelease(
        tender_id=rules.tender_id,
        lot_id=rules.lot_id,
        round=rules.round,
        key_manifest_sha256=closing.key_manifest.sha256,
        opens=opens,
        tender_closed_sha256=closing.tender_closed_sha256,
        releases=releases,
    )


def _releases(
    closing: Closing, bids: Sequence[ClosedBid], *, holder: str, opens: str, identity: bytes
) -> tuple[Release, ...]:
    rules = closing.key_manifest.document
    if suites.get(rules.suite).recipient_of(identity) != recipient_of_holder(rules, holder, opens):
        raise WrongKeyManifest(field="recipient")
    read = [dsse.read_unverified(bid.envelope, BidManifest) for bid in bids]
    digests = [sha256_hex(payload) for _, payload in read]
    if len(set(digests)) != len(digests) or root_of(digests) != closing.bids_root:
        raise BidsRoot()
    covered = _covered(closing, digests, opens)
    releases: list[Release] = []
    for bid, (manifest, _), digest in zip(bids, read, digests, strict=True):
        if digest not in covered:
            continue
        stage = [part for part in manifest.parts if part.id in rules.parts_of(opens)]
        try:
            _check_closed(closing, bid, manifest)
        except SealProblem as problem:
            releases += [_refusal(digest, part.id, problem) for part in stage]
            continue
        releases += [_release(bid, manifest, part, digest, holder, identity) for part in stage]
    return tuple(releases)


def _covered(closing: Closing, digests: Collection[str], opens: str) -> Collection[str]:
    if opens == OPENING:
        return digests
    if closing.passed is None:
        raise TooEarly(opening_at=TECHNICAL_FIXED_EVENT)
    if not set(closing.passed) <= set(digests):
        raise BidsRoot()
    return closing.passed


def _check_closed(closing: Closing, bid: ClosedBid, manifest: BidManifest) -> None:
    rules = closing.key_manifest
    keys = keys_by_id([bid.certificate])
    if manifest.cert_sha256 not in keys:
        raise BadCertificate(detail="it is not the one the manifest names")
    # Whether it had ended is judged when the bid is received: what ended since was right when it signed.
    check_certificate(
        bid.certificate,
        authorities=closing.authorities,
        trust_anchors=rules.document.trust_anchors,
        at=min(closing.closed_at, bid.certificate.not_valid_after_utc),
    )
    suites.check_key(rules.document.suite, keys[manifest.cert_sha256])
    dsse.open_document(bid.envelope, BidManifest, keys)
    check_bid(manifest, rules.document, rules.sha256)


def _release(
    bid: ClosedBid, manifest: BidManifest, part: Part, digest: str, holder: str, identity: bytes
) -> Release:
    ref = next(one for one in part.capsules if one.holder == holder)
    sealed = bid.capsules.get(part.id, b"")
    if len(sealed) != ref.size or sha256_hex(sealed) != ref.sha256:
        return _refusal(digest, part.id, StoreHash(what=holder))
    ctx = capsules.context_of(manifest, part)
    try:
        share = capsules.open_capsule(sealed, identity, ctx=ctx, holder=holder, committed=ref.commit)
    except (BidderBadShare, ContextMismatch) as problem:
        proof = b64encode(capsules.prove_bad(sealed, identity, ctx=ctx))
        return _refusal(digest, part.id, problem, proof=proof)
    except SealProblem as problem:
        return _refusal(digest, part.id, problem)
    return Release(manifest_sha256=digest, part=part.id, share=b64encode(share))


def _refusal(
    digest: str, part: str, problem: SealProblem, *, proof: str | msgspec.UnsetType = msgspec.UNSET
) -> Release:
    return Release(manifest_sha256=digest, part=part, refused=problem.code, proof=proof)


def shares_of(releases: Sequence[ShareRelease], *, manifest_sha256: str, part: str) -> dict[int, bytes]:
    """Return the shares released for one part by custodian, unchecked."""
    found = {}
    for release in releases:
        for item in release.releases:
            named = item.manifest_sha256 == manifest_sha256 and item.part == part
            if named and not isinstance(item.share, msgspec.UnsetType):
                found[release.custodian] = b64decode(item.share)
    return found


def gate_share_of(release: GateRelease, *, manifest_sha256: str, part: str) -> bytes | None:
    """Return the gate's share for one part, unchecked; None when it was kept back."""
    for item in release.releases:
        named = item.manifest_sha256 == manifest_sha256 and item.part == part
        if named and not isinstance(item.share, msgspec.UnsetType):
            return b64decode(item.share)
    return None


def combine(
    shares: Mapping[int, bytes],
    gate_share: bytes | None,
    bidder_share: bytes | None,
    *,
    k: int,
    ctx: Context,
    commits: Mapping[str, str],
) -> Combined:
    """Return the identity whose public key is the part's recipient.

    Shares that break their commitment are left out and named. Raises E_GATE_KEY or E_BIDDER_TIMEOUT when one of
    those shares is missing, E_SHARE_COMMIT naming the custodian when too few good shares are left, E_QUORUM when too
    few were released, and E_BIDDER_KEY_MISMATCH when no k of them give the key; the last is final only when the
    release window is over. `commits` are the manifest's, by holder; a holder without one takes no part.
    """
    named = {capsules.custodian(index): share for index, share in shares.items()}
    good = {
        holder: share
        for holder, share in named.items()
        if capsules.fits(ctx, holder, share, commits.get(holder, ""))
    }
    left_out = tuple(sorted(set(named) - set(good)))
    if len(good) < k and left_out:
        raise ShareCommit(holder=left_out[0])
    if len(good) < k:
        raise NoQuorum(have=len(good), need=k)
    gate = _other_share(GATE, gate_share, ctx, commits)
    bidder = _other_share(BIDDER, bidder_share, ctx, commits)
    for tries, chosen in enumerate(combinations(sorted(good), k)):
        identity = _identity([good[holder] for holder in chosen], gate, bidder, ctx.recipient)
        if identity is not None:
            return Combined(identity, left_out, inconsistent=tries > 0)
    raise BidderKeyMismatch(part=ctx.part_id)


def _identity(shares: Sequence[bytes], gate: bytes, bidder: bytes, recipient: str) -> bytes | None:
    """The recipient's identity, when these shares give it."""
    suite = suites.of_recipient(recipient)
    try:
        identity = capsules.xor(suite.share_field.combine(shares), gate, bidder)
        return identity if suite.recipient_of(identity) == recipient else None
    except ValueError:
        return None


def _other_share(holder: str, share: bytes | None, ctx: Context, commits: Mapping[str, str]) -> bytes:
    if holder not in commits:
        return NO_KEY
    if share is None:
        raise GateKey(part=ctx.part_id) if holder == GATE else BidderTimeout(part=ctx.part_id)
    if not capsules.fits(ctx, holder, share, commits[holder]):
        raise ShareCommit(holder=holder) if holder == GATE else BidderBadShare(holder=holder)
    return share


def open_part(sealed: Readable, identity: bytes, *, ctx: Context, extract_to: Path) -> list[Extracted]:
    """Decrypt and check a part and write its files into the new or empty folder; E_PAYLOAD, E_CONTENT.

    Nothing is written before the whole part was authenticated and read strictly; the archive itself lies meanwhile
    in an unnamed temporary file of that folder.
    """
    extract_to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=extract_to) as plain:
        decrypt(sealed, plain, identity, ctx=ctx)
        return extract(plain, read_archive(plain, ctx=ctx), extract_to)


def read_summary(
    sealed: Readable, identity: bytes, *, ctx: Context, form: summary.Form
) -> dict[str, summary.Value]:
    """Return the answers of a summary part, held in memory only; E_PAYLOAD, E_CONTENT, E_CTX_MISMATCH."""
    plain = io.BytesIO()
    decrypt(sealed, plain, identity, ctx=ctx)
    for member in read_archive(plain, ctx=ctx):
        if member.name == summary.SUMMARY_FILE:
            return summary.read(form, read_member(plain, member))
    raise BadContent(detail="summary.json is missing")


def place_in(fetch: Fetch, size: int, identity: bytes, *, ctx: Context) -> PlacedPart:
    """A part of `size` sealed bytes to seek in, of which nothing is fetched but what is read; E_PAYLOAD."""
    suite = suites.of_recipient(ctx.recipient)
    try:
        chunks = suite.chunks(fetch(0, min(HEAD, size)), size, identity, context=encode(ctx))
    except Unreadable as error:
        raise BadPayload(part=ctx.part_id, detail=str(error)) from error
    return PlacedPart(fetch, chunks, part=ctx.part_id)


def decrypt(sealed: Readable, plain: Writable, identity: bytes, *, ctx: Context) -> None:
    """Decrypt a part to its end; after E_PAYLOAD what was written must be thrown away."""
    try:
        suites.of_recipient(ctx.recipient).open_payload(sealed, plain, identity, context=encode(ctx))
    except Unreadable as error:
        raise BadPayload(part=ctx.part_id, detail=str(error)) from error
