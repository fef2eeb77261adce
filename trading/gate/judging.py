"""Whether a key may be released: signed documents held against what the gate itself read in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509

from bidding_docs import capsules, dsse
from bidding_docs import manifests as m
from bidding_docs import opening as bs1
from bidding_docs.codes import (
    BadCertificate,
    BadSchema,
    BidsRoot,
    GateTime,
    LotGivenUp,
    LotSuspended,
    ManifestSignature,
    NoQuorum,
    SealObjection,
    TooEarly,
    TooFewBids,
    WrongKeyManifest,
)
from bidding_docs.encoding import b64decode, format_time, parse_time
from bidding_docs.merkle import bids_root
from bidding_docs.signing import certificate_sha256, check_certificate, keys_by_id
from govcore.certificates.authority import uscc_of
from trading.gate.policy import release_closes_at, release_opens_at
from trading.gate.record import Closing, Record
from trading.gate.schemas import BidGiven, Evidence, Scope
from trading.procedure.spans import Span

_D = TypeVar("_D", bound=m.Document)


@dataclass(frozen=True, slots=True)
class Case:
    """One stage of a lot whose documents were verified: nothing in it is the platform's word."""

    opens: str
    evidence: Evidence
    record: Record
    certificates: Mapping[str, x509.Certificate]
    manifest: dsse.Signed[m.KeyManifest]
    closing: Closing
    bodies: Mapping[str, m.BidManifest]
    begun_at: datetime
    passed: tuple[str, ...] | None

    @property
    def rules(self) -> m.KeyManifest:
        return self.manifest.document

    def opened(self, raw: str, kind: type[_D]) -> dsse.Signed[_D]:
        return _opened(raw, kind, self.certificates)

    def organisations(self, keyids: Sequence[str]) -> set[str]:
        return {uscc_of(self.certificates[keyid]) for keyid in keyids}


def case_of(
    scope: Scope, opens: str, evidence: Evidence, record: Record, *, authority: x509.Certificate
) -> Case:
    """The case, when these are the closing's bids and its key manifest is the published one, signed by all who must."""
    closing = record.closing(scope)
    certificates = _certified(evidence.certificates, authority, at=closing.at)
    manifest = _opened(evidence.key_manifest, m.KeyManifest, certificates)
    for field in ("tender_id", "lot_id", "round"):
        if getattr(manifest.document, field) != getattr(scope, field):
            raise WrongKeyManifest(field=field)
    if closing.data.eligible_count < manifest.document.policy.opens_from:
        raise TooFewBids(count=closing.data.eligible_count)
    if not record.published_manifest(scope.round) == closing.data.key_manifest_sha256 == manifest.sha256:
        raise WrongKeyManifest(field="key_manifest_sha256")
    bodies = dict(_body(bid) for bid in evidence.bids)
    if len(bodies) != len(evidence.bids) or bids_root(bodies) != closing.data.bids_root:
        raise BidsRoot
    begun_at, passed = _stage(evidence, record, manifest, closing, opens, authority)
    case = Case(opens, evidence, record, certificates, manifest, closing, bodies, begun_at, passed)
    custodians = [one.cert_sha256 for one in manifest.document.custodians]
    if not set(custodians) < set(manifest.keyids):
        raise ManifestSignature(detail="not all custodians and the tenderer signed the key manifest")
    if len(case.organisations(custodians)) != len(custodians):
        raise BadCertificate(detail="two custodians are of one organisation")
    return case


def _stage(
    evidence: Evidence,
    record: Record,
    manifest: dsse.Signed[m.KeyManifest],
    closing: Closing,
    opens: str,
    authority: x509.Certificate,
) -> tuple[datetime, tuple[str, ...] | None]:
    """When the stage began and which bids it covers: all at the opening, later those that the committee let pass.

    Its result must be signed, and be the one that the log fixed.
    """
    if opens == m.OPENING:
        return closing.at, None
    at, event, digest = record.technical_fixed(closing)
    if evidence.technical_result is None:
        raise ManifestSignature(detail="the committee's signed result is missing")
    committee = _certified(evidence.committee, authority, at=at)
    result = _opened(evidence.technical_result, m.TechnicalResult, committee)
    m.check_bound(result.document, manifest.document, manifest.sha256)
    passed = bs1.bids_that_passed(event, manifest.document, tender_closed_sha256=closing.sha256)
    if (result.sha256, set(result.document.passed)) != (digest, set(passed)):
        raise BadSchema(detail="the technical result is not the one of the log")
    return at, passed


def judge(case: Case, *, authority: x509.Certificate, identity: bytes, now: datetime) -> m.GateRelease:
    """The release, unsigned, when everything holds; else the problem that names the first thing that does not."""
    _check_hour(case, now=now)
    if case.record.objection_stands():
        raise SealObjection
    if case.record.given_up():
        raise LotGivenUp
    frozen, suspended = case.record.suspensions(now)
    if suspended:
        raise LotSuspended
    _check_windows(case, frozen, now=now)
    _check_releases(case, frozen, now=now)
    closing = bs1.Closing(
        key_manifest=case.manifest,
        tender_closed_sha256=case.closing.sha256,
        bids_root=case.closing.data.bids_root,
        authorities=[authority],
        closed_at=case.closing.at,
        passed=case.passed,
    )
    bids = [
        bs1.ClosedBid(
            one.envelope.encode(),
            x509.load_der_x509_certificate(one.certificate),
            {capsule.part: capsule.data for capsule in one.capsules},
        )
        for one in case.evidence.bids
    ]
    _check_bids(case, bids)
    return bs1.open_gate_capsules(closing, bids, opens=case.opens, identity=identity)


def _check_bids(case: Case, bids: Sequence[bs1.ClosedBid]) -> None:
    """A bid's certificate may have ended since it was received, but not before there was anything to bid for."""
    published_at = case.record.published_at(case.rules.round)
    for bid in bids:
        if published_at is None or bid.certificate.not_valid_after_utc < published_at:
            raise BadCertificate(detail="a bidder's had ended before the bidding began")


def _certified(
    given: Sequence[bytes], authority: x509.Certificate, *, at: datetime
) -> dict[str, x509.Certificate]:
    """Certificates by digest, each issued by the pinned authority for a time at `at`, since then or before.

    What ended between a signature and the closing was right when it signed; `_check_bound` and `_check_bids` say
    where that is not enough.
    """
    found = {}
    for der in given:
        try:
            certificate = x509.load_der_x509_certificate(der)
        except ValueError as error:
            raise BadCertificate(detail="it cannot be read") from error
        anchors = [certificate_sha256(authority)]
        during = max(certificate.not_valid_before_utc, min(at, certificate.not_valid_after_utc))
        check_certificate(certificate, authorities=[authority], trust_anchors=anchors, at=during)
        found[certificate_sha256(certificate)] = certificate
    return found


def _opened(raw: str, kind: type[_D], certificates: Mapping[str, x509.Certificate]) -> dsse.Signed[_D]:
    """A document all of whose signatures are by certificates that were checked."""
    keyids = dsse.keyids_of(raw.encode())
    if not keyids or not set(keyids) <= set(certificates):
        raise BadCertificate(detail="a signer's certificate is missing")
    return dsse.open_document(raw.encode(), kind, keys_by_id([certificates[one] for one in keyids]))


def _body(bid: BidGiven) -> tuple[str, m.BidManifest]:
    body, payload = dsse.read_unverified(bid.envelope.encode(), m.BidManifest)
    return m.digest(payload), body


def _check_hour(case: Case, *, now: datetime) -> None:
    """The highest schedule that was logged before the closing binds, and its hour must have come."""
    custodians = {one.cert_sha256 for one in case.rules.custodians}
    tenderers = case.organisations([one for one in case.manifest.keyids if one not in custodians])
    last: dsse.Signed[m.Schedule] | None = None
    for raw in case.evidence.schedules:
        signed = case.opened(raw, m.Schedule)
        m.check_bound(signed.document, case.rules, case.manifest.sha256)
        m.check_follows(signed.document, last.document if last else None, last.sha256 if last else None)
        if not case.organisations(signed.keyids) <= tenderers:
            raise BadCertificate(detail="a schedule is not signed by the tenderer")
        if last is not None and len(set(signed.keyids)) < 2:
            raise ManifestSignature(detail="two people must sign a change of the deadline")
        last = signed
    highest = case.record.highest_schedule(case.closing.index)
    if last is None or not highest == case.closing.data.schedule_sha256 == last.sha256:
        raise BadSchema(detail="the schedule is not the highest one of the log")
    if now < parse_time(last.document.opening_at) or case.closing.at < parse_time(last.document.deadline_at):
        raise GateTime(opening_at=last.document.opening_at)


def _check_windows(case: Case, frozen: Sequence[Span], *, now: datetime) -> None:
    windows = case.rules.windows
    until = release_opens_at(
        case.begun_at,
        seal_check=windows.seal_check if case.opens == m.OPENING else 0,
        bidder_share=windows.bidder_share,
        bidder_shares_missing=_bidder_shares_missing(case),
        frozen=frozen,
    )
    if now < until:
        raise TooEarly(opening_at=format_time(until))


def _bidder_shares_missing(case: Case) -> bool:
    """Whether a bidder of this stage may still decide to give no share, after a look at what the others offer."""
    if case.rules.policy.bidder != "required":
        return False
    given = {(_body(bid)[0], one.part): one.share for bid in case.evidence.bids for one in bid.bidder_shares}
    return not all(
        (digest, part.id) in given
        and capsules.fits(
            capsules.context_of(body, part),
            capsules.BIDDER,
            given[digest, part.id],
            part.commits()[capsules.BIDDER],
        )
        for digest, body, part in _parts(case)
    )


def _parts(case: Case) -> list[tuple[str, m.BidManifest, m.Part]]:
    """Every part that opens at this stage, with its bid."""
    stage = {rule.id for rule in case.rules.parts if rule.opens == case.opens}
    return [
        (digest, body, part)
        for digest, body in case.bodies.items()
        if case.passed is None or digest in case.passed
        for part in body.parts
        if part.id in stage
    ]


def _check_releases(case: Case, frozen: Sequence[Span], *, now: datetime) -> None:
    """k custodians' releases, signed, logged, with shares that fit; where a part lacks k, further ones are waited for.

    One custodian's refusal alone must not cost a bid its opening.
    """
    logged = case.record.releases()
    valid: dict[int, m.ShareRelease] = {}
    for raw in case.evidence.releases:
        signed = case.opened(raw, m.ShareRelease)
        _check_bound(case, signed)
        if signed.sha256 in logged:
            _check_shares(case, signed.document)
            valid[signed.document.custodian] = signed.document
    policy, windows = case.rules.policy, case.rules.windows
    if len(valid) < policy.k:
        raise NoQuorum(have=len(valid), need=policy.k)
    given = Counter(
        (item.manifest_sha256, item.part)
        for release in valid.values()
        for item in release.releases
        if isinstance(item.share, str)
    )
    fewest = min((given[digest, part.id] for digest, _, part in _parts(case)), default=policy.n)
    closes_at = release_closes_at(
        case.begun_at,
        seal_check=windows.seal_check if case.opens == m.OPENING else 0,
        bidder_share=windows.bidder_share,
        release=windows.release,
        frozen=frozen,
    )
    if fewest < policy.k and len(valid) < policy.n and now < closes_at:
        raise NoQuorum(have=fewest, need=policy.k)


def _check_bound(case: Case, signed: dsse.Signed[m.ShareRelease]) -> None:
    release = signed.document
    m.check_bound(release, case.rules, case.manifest.sha256)
    if not _is_its_custodians(case, signed):
        raise ManifestSignature(detail="a release is not signed by its custodian")
    if (release.opens, release.tender_closed_sha256) != (case.opens, case.closing.sha256):
        raise BadSchema(detail="a release is for another stage or closing")
    if any(case.certificates[one].not_valid_after_utc < case.closing.at for one in signed.keyids):
        raise BadCertificate(detail="a custodian's had ended before the closing")


def _is_its_custodians(case: Case, signed: dsse.Signed[m.ShareRelease]) -> bool:
    """By the certificate of the key manifest, or, where only shares are given, by another one of that organisation.

    Who lost that machine still has the keys under the passphrase; reasons for keeping a share back prove nothing.
    """
    seat = {one.index: one.cert_sha256 for one in case.rules.custodians}.get(signed.document.custodian)
    if seat is None or signed.keyids == (seat,):
        return seat is not None
    return signed.document.holds_only_shares() and case.organisations(signed.keyids) == case.organisations(
        [seat]
    )


def _check_shares(case: Case, release: m.ShareRelease) -> None:
    """Every part of the stage is answered, and each share is the one its bidder committed to (E_SHARE_COMMIT)."""
    holder = capsules.custodian(release.custodian)
    answered = {(item.manifest_sha256, item.part): item for item in release.releases}
    parts = _parts(case)
    if set(answered) != {(digest, part.id) for digest, _, part in parts}:
        raise BadSchema(detail="a release leaves out a bid, or names one that is not of this stage")
    for digest, body, part in parts:
        share = answered[digest, part.id].share
        if isinstance(share, str):
            context = capsules.context_of(body, part)
            capsules.check_share(context, holder, b64decode(share), part.commits().get(holder, ""))
