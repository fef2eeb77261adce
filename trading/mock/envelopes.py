"""Test envelopes: sealed as real bids are, by bidders made for one mock opening, and opened from released shares.

Here is the protocol itself (`bidding_docs`), and nothing of a tender: keys, bidders and certificates exist for one
mock opening only, so no share released here can open anything else.
"""

from __future__ import annotations

import base64
import io
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from bidding_docs import capsules, dsse, opening
from bidding_docs import manifests as m
from bidding_docs.codes import BadSchema
from bidding_docs.encoding import format_time
from bidding_docs.merkle import bids_root
from bidding_docs.sealing import SealedBid, seal_bid
from bidding_docs.signing import public_key
from bidding_docs.summary import SUMMARY_PART, Form, Value, write
from govcore.certificates import authority
from govcore.dsse import CertificateSigner
from trading.mock.policy import BIDDERS, LIFE

EVENT = "mock.closed"
PART_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class MockEnvelope:
    """A sealed test bid as it is kept."""

    envelope: bytes
    certificate: bytes
    capsules: dict[str, str]
    ciphertext: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What was sealed, under which rules, and what fixed it."""

    key_manifest: bytes
    authority: bytes
    closed_event: bytes
    bids: list[MockEnvelope]


def rules_of(
    mock_id: str,
    *,
    custodians: Sequence[m.Custodian],
    k: int,
    log: m.Log,
    anchor: x509.Certificate,
) -> m.KeyManifest:
    """The key manifest of a mock opening: the lot's custodians with their test keys, one part, no gate."""
    return m.KeyManifest(
        tender_id=mock_id,
        lot_id=mock_id,
        round=1,
        policy=m.Policy(k=k, n=len(custodians), gate="none", bidder="none"),
        custodians=tuple(custodians),
        gate=None,
        parts=(m.PartRule(id=SUMMARY_PART, opens=m.OPENING, public=True, max_size=PART_LIMIT),),
        windows=m.Windows(bidder_share=0, seal_check=0, release=int(LIFE.total_seconds())),
        trust_anchors=(authority.sha256_of(anchor),),
        log=log,
        witnesses=(),
    )


def seal(
    mock_id: str,
    *,
    custodians: Sequence[m.Custodian],
    k: int,
    log: m.Log,
    form: Form,
    answers: Sequence[Mapping[str, Value]],
    at: datetime,
) -> Sealed:
    """Make the test bidders, seal one bid of each and fix the set; their signing keys are forgotten at once."""
    anchor, anchor_key = authority.new_authority(name="模拟开标（仅供演练）", at=at)
    rules = rules_of(mock_id, custodians=custodians, k=k, log=log, anchor=anchor)
    signers = [_bidder(n, anchor=anchor, anchor_key=anchor_key, at=at) for n in range(1, len(answers) + 1)]
    raw = dsse.sign_document(rules, signers[:1])
    signed = dsse.open_document(raw, m.KeyManifest, {signers[0].keyid: public_key(signers[0].certificate)})
    with tempfile.TemporaryDirectory() as folder:
        bids = [
            _sealed(signed, signer, write(form, dict(said)), folder=Path(folder) / str(n))
            for n, (signer, said) in enumerate(zip(signers, answers, strict=True), 1)
        ]
    return Sealed(
        key_manifest=signed.payload,
        authority=anchor.public_bytes(Encoding.DER),
        closed_event=_closed(mock_id, signed.sha256, bids, at=at),
        bids=bids,
    )


def _bidder(n: int, *, anchor: x509.Certificate, anchor_key: bytes, at: datetime) -> CertificateSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    asked = authority.Issue(uscc=f"MOCK-{n}", name=BIDDERS[n - 1], at=at, until=at + LIFE + timedelta(days=1))
    return CertificateSigner(
        authority.issue(key.public_key(), asked, authority=anchor, key_der=anchor_key), key
    )


def _sealed(
    rules: dsse.Signed[m.KeyManifest], signer: CertificateSigner, said: bytes, *, folder: Path
) -> MockEnvelope:
    bid = seal_bid(
        key_manifest=rules,
        parts={SUMMARY_PART: [("summary.json", said)]},
        summary=None,
        bidder_id=authority.uscc_of(signer.certificate),
        cert=signer.certificate,
        signer=signer,
        seq=1,
        supersedes=None,
        out_dir=folder,
        # Nobody recovers a test bid: the recovery file goes with the folder.
        passphrase=secrets.token_urlsafe(24),
        work_factor=1,
    )
    return MockEnvelope(
        envelope=bid.envelope,
        certificate=signer.certificate.public_bytes(Encoding.DER),
        capsules=_capsules(bid),
        ciphertext=bid.parts[SUMMARY_PART].read_bytes(),
    )


def _capsules(bid: SealedBid) -> dict[str, str]:
    return {
        holder: base64.b64encode(file.read_bytes()).decode() for (_, holder), file in bid.capsules.items()
    }


def _closed(mock_id: str, manifest_sha256: str, bids: Sequence[MockEnvelope], *, at: datetime) -> bytes:
    digests = [m.digest(dsse.Envelope.decode(bid.envelope).payload) for bid in bids]
    data = {
        "lot_id": mock_id,
        "round": 1,
        "key_manifest_sha256": manifest_sha256,
        "bids_root": bids_root(digests),
        "eligible_count": len(bids),
    }
    return msgspec.json.encode({"type": EVENT, "at": format_time(at), "subject": mock_id, "data": data})


def check_release(
    release: m.ShareRelease, *, key_manifest: bytes, closed_event: bytes, bids: Sequence[bytes]
) -> None:
    """The release is this custodian's for exactly these bids, and each share fits its commitment; else its code."""
    rules = m.parse(key_manifest, m.KeyManifest)
    m.check_bound(release, rules, m.digest(key_manifest))
    answered = {item.manifest_sha256: item for item in release.releases}
    digests = {m.digest(dsse.Envelope.decode(raw).payload): raw for raw in bids}
    if release.tender_closed_sha256 != m.digest(closed_event) or set(answered) != set(digests):
        raise BadSchema(detail="the release is for another closing")
    holder = capsules.custodian(release.custodian)
    for digest, raw in digests.items():
        manifest, _ = dsse.read_unverified(raw, m.BidManifest)
        for part in manifest.parts:
            share = opening.shares_of([release], manifest_sha256=digest, part=part.id).get(release.custodian)
            if share is not None:
                context = capsules.context_of(manifest, part)
                capsules.check_share(context, holder, share, part.commits()[holder])


def open_all(
    bids: Sequence[tuple[bytes, bytes]], releases: Sequence[m.ShareRelease], *, form: Form, k: int
) -> list[dict[str, Value]]:
    """What each test bid says, opened from the custodians' shares alone; a `SealProblem` when they do not fit."""
    return [_opened(envelope, ciphertext, releases, form=form, k=k) for envelope, ciphertext in bids]


def _opened(
    envelope: bytes, ciphertext: bytes, releases: Sequence[m.ShareRelease], *, form: Form, k: int
) -> dict[str, Value]:
    manifest, payload = dsse.read_unverified(envelope, m.BidManifest)
    (part,) = manifest.parts
    context = capsules.context_of(manifest, part)
    shares = opening.shares_of(releases, manifest_sha256=m.digest(payload), part=part.id)
    key = opening.combine(shares, None, None, k=k, ctx=context, commits=part.commits())
    return opening.read_summary(io.BytesIO(ciphertext), key.identity, ctx=context, form=form)
