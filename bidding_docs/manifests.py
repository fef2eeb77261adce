"""The signed documents of protocol bs1, their members in the printed order, and the checks each can stand alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal, TypeVar, get_args

import msgspec

from bidding_docs import suites
from bidding_docs.codes import BadSchema, DuplicateRecipient, PolicyRefused, WrongKeyManifest
from bidding_docs.consortium import Consortium, check_consortium
from bidding_docs.encoding import (
    Base64,
    BidderId,
    Count,
    Digest,
    Id,
    Positive,
    Recipient,
    Strict,
    Text,
    Time,
    decode,
    parse_time,
    sha256_hex,
)
from bidding_docs.suites import SuiteId
from govcore.errors import Detail

PIECE_SIZE = 8 * 1024 * 1024
FEWEST_BIDS = 3
"""Of a lot whose signed key manifest says nothing else (招标投标法 art. 28)."""
DEMO_RULE_SET = "demo"
ADVICE = "advice"
OPENING = "opening"
TECHNICAL_FIXED = "technical-fixed"
"""The stages at which parts open: at the opening, and once the technical result is fixed."""

MEDIA_TYPE = "application/vnd.bidseal.{}+json"

PartId = Id
Code = str


class Policy(Strict, frozen=True, kw_only=True, omit_defaults=True):
    """How many must act together; `fewest_bids` is there where the law lets two bids be opened, else it takes three."""

    k: Positive
    n: Positive
    gate: Literal["remote", "local", "none"]
    bidder: Literal["none", "required"]
    fewest_bids: Literal[2] | msgspec.UnsetType = msgspec.UNSET

    @property
    def opens_from(self) -> int:
        """With fewer bids at the closing nobody releases anything."""
        return FEWEST_BIDS if self.fewest_bids is msgspec.UNSET else self.fewest_bids


class Custodian(Strict, frozen=True, kw_only=True):
    index: Positive
    role: Id
    cert_sha256: Digest
    client: Literal["cli", "hosted", "platform"]
    recipients: dict[str, Recipient]


class Gate(Strict, frozen=True, kw_only=True):
    operator: Text
    recipients: dict[str, Recipient]


class PartRule(Strict, frozen=True, kw_only=True):
    """One part a bid must have; `opens` names the stage whose keys open it."""

    id: PartId
    opens: Id
    public: bool
    max_size: Positive


class Windows(Strict, frozen=True, kw_only=True):
    """Seconds that the bidders' shares, the check of the seals and the releases may take."""

    bidder_share: Count
    seal_check: Count
    release: Count


class Log(Strict, frozen=True, kw_only=True):
    origin: Text
    vkey: Text


class Witness(Strict, frozen=True, kw_only=True):
    vkey: Text
    required: bool


class KeyManifest(Strict, frozen=True, kw_only=True):
    type: Literal["key-manifest"] = "key-manifest"
    tender_id: Id
    lot_id: Id
    round: Positive
    suite: SuiteId = "bs1"
    policy: Policy
    custodians: tuple[Custodian, ...]
    gate: Gate | None
    parts: tuple[PartRule, ...]
    windows: Windows
    trust_anchors: tuple[Digest, ...]
    log: Log
    witnesses: tuple[Witness, ...]

    def part(self, part_id: str) -> PartRule:
        """Return the rule of one part; E_SCHEMA when the tender has no such part."""
        for rule in self.parts:
            if rule.id == part_id:
                return rule
        raise BadSchema(detail=Detail("this tender has no part {part}", part=part_id))

    def parts_of(self, opens: str) -> frozenset[str]:
        """Return the parts that open at one stage."""
        return frozenset(rule.id for rule in self.parts if rule.opens == opens)


class Schedule(Strict, frozen=True, kw_only=True):
    type: Literal["schedule"] = "schedule"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    n: Positive
    deadline_at: Time
    opening_at: Time
    prev_sha256: Digest | None


class CapsuleRef(Strict, frozen=True, kw_only=True):
    """A holder's capsule and commitment; the bidder's own may be committed to without a capsule, size 0."""

    holder: str
    size: Count
    sha256: Digest
    commit: Digest


class Part(Strict, frozen=True, kw_only=True):
    id: PartId
    recipient: Recipient
    size: Positive
    sha256: Digest
    piece_size: Positive
    pieces_root: Digest
    capsules: tuple[CapsuleRef, ...]

    def commits(self) -> dict[str, str]:
        """Return the commitment of every holder's share."""
        return {capsule.holder: capsule.commit for capsule in self.capsules}


class BidManifest(Strict, frozen=True, kw_only=True):
    type: Literal["bid-manifest"] = "bid-manifest"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    suite: SuiteId = "bs1"
    bidder_id: BidderId
    cert_sha256: Digest
    seq: Positive
    supersedes: Digest | None
    parts: tuple[Part, ...]


class BidWithdraw(Strict, frozen=True, kw_only=True):
    type: Literal["bid-withdraw"] = "bid-withdraw"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    bidder_id: BidderId
    cert_sha256: Digest
    seq: Positive
    withdraws: Digest


class Release(Strict, frozen=True, kw_only=True, omit_defaults=True):
    """A share, or the code why it is kept back; `proof` is the file key of a capsule that holds a bad share."""

    manifest_sha256: Digest
    part: PartId
    share: Base64 | msgspec.UnsetType = msgspec.UNSET
    refused: Code | msgspec.UnsetType = msgspec.UNSET
    proof: Base64 | msgspec.UnsetType = msgspec.UNSET

    def __repr__(self) -> str:
        """Name the part, never the share: releases pass through logs and debuggers."""
        return f"Release({self.manifest_sha256[:12]}…, {self.part})"


class ShareRelease(Strict, frozen=True, kw_only=True):
    type: Literal["share-release"] = "share-release"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    custodian: Positive
    opens: Id
    tender_closed_sha256: Digest
    releases: tuple[Release, ...]

    def holds_only_shares(self) -> bool:
        """True when nothing is kept back: then every item is held against a commitment, whoever signed for the seat."""
        return all(item.share is not msgspec.UNSET for item in self.releases)


class GateRelease(Strict, frozen=True, kw_only=True):
    type: Literal["gate-release"] = "gate-release"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    opens: Id
    tender_closed_sha256: Digest
    releases: tuple[Release, ...]


class TechnicalResult(Strict, frozen=True, kw_only=True):
    """Which bids passed the technical evaluation: only their later parts are ever opened. It names no person."""

    type: Literal["technical-result"] = "technical-result"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    tender_closed_sha256: Digest
    passed: tuple[Digest, ...]
    failed: tuple[Digest, ...]


class ReceiptPart(Strict, frozen=True, kw_only=True):
    id: PartId
    size: Positive
    sha256: Digest


class Receipt(Strict, frozen=True, kw_only=True):
    """What the platform signs when a bid is received; `received_at` is the only time of receipt."""

    type: Literal["receipt"] = "receipt"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    receipt_id: Id
    bidder_id: BidderId
    seq: Positive
    manifest_sha256: Digest
    parts: tuple[ReceiptPart, ...]
    received_at: Time
    leaf: Digest
    promise_by: Time


class Refusal(Strict, frozen=True, kw_only=True):
    type: Literal["refusal"] = "refusal"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    code: Code
    manifest_sha256: Digest
    at: Time


class NoBid(Strict, frozen=True, kw_only=True):
    """After the deadline: no bid of this bidder was received in the lot's round."""

    type: Literal["no-bid"] = "no-bid"
    tender_id: Id
    lot_id: Id
    round: Positive
    key_manifest_sha256: Digest
    bidder_id: BidderId
    deadline_at: Time
    at: Time


_Bound = (
    Schedule
    | BidManifest
    | BidWithdraw
    | ShareRelease
    | GateRelease
    | TechnicalResult
    | Receipt
    | Refusal
    | NoBid
)
Document = KeyManifest | Consortium | _Bound
_D = TypeVar("_D", bound=Document)


def _media_type(kind: type[Strict]) -> str:
    defaults = {field.name: field.default for field in msgspec.structs.fields(kind)}
    return MEDIA_TYPE.format(defaults["type"])


_MEDIA_TYPES: dict[type[Strict], str] = {kind: _media_type(kind) for kind in get_args(Document)}


def media_type(kind: type[Strict]) -> str:
    """Return the DSSE payload type of a kind of document."""
    return _MEDIA_TYPES[kind]


def parse(payload: bytes, kind: type[_D]) -> _D:
    """Return a document whose exact bytes are `payload` and which holds together; E_SCHEMA otherwise."""
    document = decode(payload, kind)
    if isinstance(document, KeyManifest):
        check_key_manifest(document)
    elif isinstance(document, BidManifest):
        _check_bid_manifest(document)
    elif isinstance(document, ShareRelease | GateRelease):
        _check_releases(document.releases)
    elif isinstance(document, Schedule):
        _check_schedule(document)
    elif isinstance(document, Consortium):
        check_consortium(document)
    return document


def check_key_manifest(manifest: KeyManifest) -> None:
    """Check all that a key manifest tells by itself; E_SCHEMA or E_DUP_RECIPIENT."""
    policy, custodians = manifest.policy, manifest.custodians
    stages = {rule.opens for rule in manifest.parts}
    ids = [rule.id for rule in manifest.parts]
    _need(policy.k <= policy.n <= 255, "k is larger than n")
    _need([one.index for one in custodians] == list(range(1, policy.n + 1)), "custodians are not 1 to n")
    _need(bool(ids) and len(set(ids)) == len(ids), "parts are missing or named twice")
    _need((manifest.gate is None) == (policy.gate == "none"), "the gate does not fit the policy")
    _need(all(set(one.recipients) == stages for one in custodians), "a custodian's stages are not the parts'")
    recipients = [recipient for one in custodians for recipient in one.recipients.values()]
    if manifest.gate is not None:
        _need(set(manifest.gate.recipients) - {ADVICE} == stages, "the gate's stages are not the parts'")
        recipients += manifest.gate.recipients.values()
    for recipient in recipients:
        _check_recipient(manifest.suite, recipient)
    if len(set(recipients)) != len(recipients):
        raise DuplicateRecipient()


def check_policy(
    manifest: KeyManifest, *, rule_set: str, custodian_organisations: Collection[str] = ()
) -> None:
    """Refuse (E_POLICY) what only the rule set `demo` may do.

    `custodian_organisations` are the organisations behind the custodians' certificates, spelt as `gate.operator`.
    """
    if rule_set == DEMO_RULE_SET:
        return
    if not any(one.required for one in manifest.witnesses):
        raise PolicyRefused(detail="no witness must cosign the log")
    if manifest.gate is None:
        raise PolicyRefused(detail="there is no time gate")
    if manifest.gate.operator in {*custodian_organisations, *(one.role for one in manifest.custodians)}:
        raise PolicyRefused(detail="the time gate is run by a custodian's organisation")
    apart = sum(one.client != "platform" for one in manifest.custodians)
    if apart < manifest.policy.n - manifest.policy.k + 1:
        raise PolicyRefused(detail="too few custodians use a client that the platform does not serve")


def holders(manifest: KeyManifest) -> list[str]:
    """Return the holders that every part of a bid must commit to, in the order of the manifest."""
    named = [f"custodian:{one.index}" for one in manifest.custodians]
    gate = ["gate"] if manifest.gate is not None else []
    bidder = ["bidder"] if manifest.policy.bidder == "required" else []
    return named + gate + bidder


def recipient_of_holder(manifest: KeyManifest, holder: str, opens: str) -> str:
    """Return the recipient of `gate` or `custodian:i` for one stage; E_SCHEMA when there is none."""
    named = {f"custodian:{one.index}": one.recipients for one in manifest.custodians}
    if manifest.gate is not None:
        named["gate"] = manifest.gate.recipients
    recipient = named.get(holder, {}).get(opens)
    if recipient is None:
        raise BadSchema(detail=Detail("{holder} has no key for {stage}", holder=holder, stage=opens))
    return recipient


def check_bound(document: _Bound, manifest: KeyManifest, manifest_sha256: str) -> None:
    """E_KEY_MANIFEST unless the document belongs to this tender, lot, round and key manifest."""
    for field in ("tender_id", "lot_id", "round"):
        if getattr(document, field) != getattr(manifest, field):
            raise WrongKeyManifest(field=field)
    if document.key_manifest_sha256 != manifest_sha256:
        raise WrongKeyManifest(field="key_manifest_sha256")


def check_follows(schedule: Schedule, last: Schedule | None, last_sha256: str | None) -> None:
    """E_SCHEMA unless this is the next schedule after `last`, and moves the deadline not to an earlier time."""
    wanted = (last.n + 1, last_sha256) if last else (1, None)
    _need((schedule.n, schedule.prev_sha256) == wanted, "the schedule does not follow the last one")
    earlier = last is not None and parse_time(schedule.deadline_at) < parse_time(last.deadline_at)
    _need(not earlier, "a deadline never moves earlier")


def check_bid(bid: BidManifest, manifest: KeyManifest, manifest_sha256: str) -> None:
    """Check a bid manifest against its key manifest; E_KEY_MANIFEST, E_SCHEMA or E_DUP_RECIPIENT."""
    check_bound(bid, manifest, manifest_sha256)
    if bid.suite != manifest.suite:
        raise WrongKeyManifest(field="suite")
    _need(
        [part.id for part in bid.parts] == [rule.id for rule in manifest.parts],
        "the parts are not the tender's",
    )
    wanted = holders(manifest)
    for part in bid.parts:
        _need(
            [one.holder for one in part.capsules] == wanted,
            f"the capsules of part {part.id} are not the holders'",
        )
    _need(
        all(one.size or one.holder == "bidder" for part in bid.parts for one in part.capsules),
        "a capsule is empty",
    )
    taken = {recipient for one in manifest.custodians for recipient in one.recipients.values()}
    taken.update(manifest.gate.recipients.values() if manifest.gate is not None else ())
    if taken & {part.recipient for part in bid.parts}:
        raise DuplicateRecipient()


def _check_bid_manifest(bid: BidManifest) -> None:
    recipients = [part.recipient for part in bid.parts]
    ids = [part.id for part in bid.parts]
    _need(bool(ids) and len(set(ids)) == len(ids), "parts are missing or named twice")
    _need((bid.seq == 1) == (bid.supersedes is None), "supersedes does not fit seq")
    _need(all(part.piece_size == PIECE_SIZE for part in bid.parts), "pieces are not 8 MiB long")
    for recipient in recipients:
        _check_recipient(bid.suite, recipient)
    if len(set(recipients)) != len(recipients):
        raise DuplicateRecipient()


def _check_releases(releases: Sequence[Release]) -> None:
    for item in releases:
        given = (item.share is not msgspec.UNSET) + (item.refused is not msgspec.UNSET)
        _need(given == 1, "a release has either a share or a reason")
    keys = {(item.manifest_sha256, item.part) for item in releases}
    _need(len(keys) == len(releases), "a part is released twice")


def _check_schedule(schedule: Schedule) -> None:
    _need(
        parse_time(schedule.opening_at) >= parse_time(schedule.deadline_at),
        "the opening is before the deadline",
    )
    _need((schedule.n == 1) == (schedule.prev_sha256 is None), "prev_sha256 does not fit n")


def _check_recipient(suite: SuiteId, recipient: str) -> None:
    try:
        suites.get(suite).check_recipient(recipient)
    except ValueError as error:
        raise BadSchema(detail=str(error)) from None


def _need(holds: bool, detail: str) -> None:
    if not holds:
        raise BadSchema(detail=detail)


def digest(payload: bytes) -> str:
    """Return the `*_sha256` of a document from its exact payload bytes."""
    return sha256_hex(payload)
