"""What a custodian's own machine finds out about a closing before any share leaves it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import msgspec
from cryptography import x509

from bidding_docs import dsse
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.encoding import parse_time
from bidding_docs.kept_keys import Pinned
from govcore.audit.entries import entry_leaf
from govcore.audit.note import Note, TreeHead, parse_vkey
from govcore.audit.proof import ProofRefused, check_inclusion, note_of
from govcore.audit.tree import verify_consistency
from trading.opening.schemas import BidGiven, Bundle
from trading.tender.signing import NotTrusted


class NotYet(NotTrusted):
    """Something that will be there in a moment is not there yet."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A closing that holds together, its bids, and what was looked at, as sentences."""

    closing: bs1.Closing
    bids: list[bs1.ClosedBid]
    facts: list[str]
    failed: bool


class _Closed(msgspec.Struct, frozen=True):
    lot_id: str
    round: int
    key_manifest_sha256: str
    cp_size: int
    cp_root: str
    bids_root: str
    eligible_count: int


class _ClosedEvent(msgspec.Struct, frozen=True):
    """What the log says of the closing."""

    type: str
    at: str
    data: _Closed


def check_closing(
    manifest: dsse.Signed[m.KeyManifest],
    pinned: Pinned,
    bundle: Bundle,
    authorities: Collection[x509.Certificate],
    *,
    lot: str,
) -> Checked:
    """The closing, proved to stand in the log that continues the pinned one; `NotTrusted` says what does not fit.

    Certificates, signatures, capsules, contexts and commitments of the bids are checked as their shares are taken.
    """
    if manifest.sha256 != pinned.key_manifest_sha256:
        raise NotTrusted("this is not the key manifest that you signed")
    rules = manifest.document
    tree, note = _tree(rules, bundle)
    event = _event(rules, manifest.sha256, lot, bundle)
    _continues(tree, pinned.log_size, pinned.log_root, bundle.since_path, "as you saw it when you signed")
    _continues(tree, event.data.cp_size, event.data.cp_root, bundle.closing_path, "of the closing")
    witnesses = _witnessed(rules, note)
    failed = event.data.eligible_count < rules.policy.opens_from
    if not failed and event.data.eligible_count != len(bundle.bids):
        raise NotTrusted("the closing does not count the bids that are shown")
    closing = bs1.Closing(
        key_manifest=manifest,
        tender_closed_sha256=m.digest(bundle.closed_event.encode()),
        bids_root=event.data.bids_root,
        authorities=authorities,
        closed_at=parse_time(event.at),
        passed=_passed(rules, bundle, tree),
    )
    facts = [
        f"key manifest {manifest.sha256[:16]}… is the one you signed",
        f"closing of {event.at} is entry of the log's tree of {tree.size}, which continues the one you saw",
        f"{witnesses} required witnesses cosigned the tree" if rules.witnesses else "no witness is named",
        f"{event.data.eligible_count} bids, root {event.data.bids_root[:16]}…",
    ]
    return Checked(closing, [] if failed else [_bid(one) for one in bundle.bids], facts, failed)


def _tree(rules: m.KeyManifest, bundle: Bundle) -> tuple[TreeHead, Note]:
    leaf = entry_leaf(bundle.closed_event.encode(), None)
    try:
        return check_inclusion(bundle.proof, leaf, parse_vkey(rules.log.vkey)), note_of(bundle.proof)
    except ProofRefused as error:
        raise NotTrusted(f"the closing is not in the log: {error}") from error


def _event(rules: m.KeyManifest, manifest_sha256: str, lot: str, bundle: Bundle) -> _ClosedEvent:
    event = msgspec.json.decode(bundle.closed_event.encode(), type=_ClosedEvent)
    found = (event.type, event.data.lot_id, event.data.round, event.data.key_manifest_sha256)
    if found != ("tender.closed", lot, rules.round, manifest_sha256):
        raise NotTrusted("the closing is another lot's")
    return event


def _passed(rules: m.KeyManifest, bundle: Bundle, tree: TreeHead) -> tuple[str, ...] | None:
    """The bids of the second stage, proved to stand in the same tree as the closing; at the first stage all bids."""
    if bundle.opens == m.OPENING:
        return None
    if bundle.stage_event is None or bundle.stage_proof is None:
        raise NotTrusted("the technical result is not shown")
    raw = bundle.stage_event.encode()
    try:
        found = check_inclusion(bundle.stage_proof, entry_leaf(raw, None), parse_vkey(rules.log.vkey))
    except ProofRefused as error:
        raise NotTrusted(f"the technical result is not in the log: {error}") from error
    if found != tree:
        raise NotTrusted("the technical result stands in another tree than the closing")
    closed = m.digest(bundle.closed_event.encode())
    return bs1.bids_that_passed(raw, rules, tender_closed_sha256=closed)


def _continues(tree: TreeHead, size: int, root: str, path: list[bytes], which: str) -> None:
    holds = verify_consistency(
        old=size, new=tree.size, old_root=bytes.fromhex(root), new_root=tree.root, path=path
    )
    if not holds:
        raise NotTrusted(f"the log is not a continuation of the log {which}: somebody rewrote it")


def _witnessed(rules: m.KeyManifest, note: Note) -> int:
    required = [parse_vkey(one.vkey) for one in rules.witnesses if one.required]
    missing = [key.name for key in required if note.cosigned_at(key) is None]
    if missing:
        raise NotYet(f"the required witness has not cosigned the log: {', '.join(missing)}")
    return len(required)


def _bid(one: BidGiven) -> bs1.ClosedBid:
    return bs1.ClosedBid(
        one.envelope.encode(),
        x509.load_der_x509_certificate(one.certificate),
        {capsule.part: capsule.data for capsule in one.capsules},
    )
