"""Sealing on the bidder's device: parts, capsules, signed manifest and recovery file into one folder.

Plaintext is read once and never written anywhere; the keys exist in memory and in the recovery file only.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography import x509

from bidding_docs import age, capsules, dsse, opening, recovery, suites
from bidding_docs.capsules import NO_KEY, Context
from bidding_docs.codes import BadCertificate, BadPayload, BadSchema, OverLimit
from bidding_docs.content import PartArchive
from bidding_docs.encoding import b64encode, encode, sha256_hex
from bidding_docs.manifests import (
    PIECE_SIZE,
    BidManifest,
    CapsuleRef,
    KeyManifest,
    Part,
    PartRule,
    check_bid,
    holders,
    recipient_of_holder,
)
from bidding_docs.pieces import Digester, Digests
from bidding_docs.signing import certificate_sha256, public_key
from bidding_docs.summary import SUMMARY_FILE, SUMMARY_PART
from govcore.errors import Detail

MANIFEST_FILE = "manifest.dsse.json"
RECOVERY_FILE = "bid-recovery.age"

Files = Sequence[tuple[str, bytes | Path]]
Random = Callable[[int], bytes]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class SealedBid:
    """What was written; it holds no secret."""

    manifest: BidManifest
    manifest_sha256: str
    envelope: bytes
    folder: Path
    parts: Mapping[str, Path]
    capsules: Mapping[tuple[str, str], Path]
    recovery: Path


@dataclass(frozen=True, slots=True, repr=False)
class _Keys:
    """The secrets of one part: its identity, the gate's and the bidder's shares, the custodians' shares."""

    identity: bytes
    gate: bytes
    bidder: bytes
    shares: list[bytes]

    def by_holder(self, wanted: Sequence[str]) -> dict[str, bytes]:
        held = {capsules.custodian(place): share for place, share in enumerate(self.shares, 1)}
        held |= {capsules.GATE: self.gate, capsules.BIDDER: self.bidder}
        return {holder: held[holder] for holder in wanted}


class _Watched:
    """Reads through, tells how much was read, and hashes it when a self-test will compare."""

    def __init__(self, archive: PartArchive, progress: Progress, *, hashed: bool) -> None:
        self._archive, self._progress = archive, progress
        self.digest = hashlib.sha256() if hashed else None

    def read(self, size: int, /) -> bytes:
        data = self._archive.read(size)
        self._seen(memoryview(data))
        return data

    def readinto(self, target: memoryview) -> int:
        used = self._archive.readinto(target)
        self._seen(target[:used])
        return used

    def _seen(self, data: memoryview) -> None:
        if self.digest is not None:
            self.digest.update(data)
        self._progress(len(data))


class _Sink:
    """Writes to a file, when there is one, and digests on the way."""

    def __init__(self, out: BinaryIO | None) -> None:
        self._out = out
        self.digester = Digester()

    def write(self, data: bytes | memoryview, /) -> int:
        view = memoryview(data)
        while self._out is not None and view:
            view = view[self._out.write(view) :]
        self.digester.update(data)
        return len(data)


def seal_bid(
    *,
    key_manifest: dsse.Signed[KeyManifest],
    parts: Mapping[str, Files],
    summary: bytes | None,
    bidder_id: str,
    cert: x509.Certificate,
    signer: dsse.Signer,
    seq: int,
    supersedes: str | None,
    out_dir: Path,
    passphrase: str,
    token_bytes: Random = os.urandom,
    progress: Progress = lambda _: None,
    self_test: bool = False,
    work_factor: int = age.WORK_FACTOR,
) -> SealedBid:
    """Seal every part of the tender into the new or empty `out_dir`.

    `key_manifest` comes from `dsse.open_document`, so its signatures were verified. `progress` gets the plaintext
    bytes done since its last call. Raises E_SCHEMA, E_LIMIT, E_CERT, E_CONTENT, E_DUP_RECIPIENT, and E_PAYLOAD
    when the self-test does not read back what was sealed.
    """
    rules = key_manifest.document
    if certificate_sha256(cert) != signer.keyid:
        raise BadCertificate(detail="the signing key is not the certificate's")
    suites.check_key(rules.suite, public_key(cert))
    files = _files(rules, parts, summary)
    _empty(out_dir)
    job = _Job(key_manifest, bidder_id, out_dir, token_bytes, progress, self_test)
    sealed = [job.seal(rule, files[rule.id]) for rule in rules.parts]
    manifest = BidManifest(
        tender_id=rules.tender_id,
        lot_id=rules.lot_id,
        round=rules.round,
        key_manifest_sha256=key_manifest.sha256,
        suite=rules.suite,
        bidder_id=bidder_id,
        cert_sha256=signer.keyid,
        seq=seq,
        supersedes=supersedes,
        parts=tuple(part for part, _ in sealed),
    )
    check_bid(manifest, rules, key_manifest.sha256)
    envelope = dsse.sign_document(manifest, [signer])
    digest = sha256_hex(dsse.Envelope.decode(envelope).payload)
    secrets = tuple(secret for _, secret in sealed)
    kept = recovery.write(
        manifest,
        manifest_sha256=digest,
        parts=secrets,
        passphrase=passphrase,
        work_factor=work_factor,
        token_bytes=token_bytes,
    )
    _create(out_dir / RECOVERY_FILE, kept)
    _create(out_dir / MANIFEST_FILE, envelope)
    return _sealed_bid(manifest, digest, envelope, out_dir)


def part_file(suite: suites.SuiteId, part: str) -> str:
    """Return the name of a part's sealed file."""
    return f"{part}.{suites.get(suite).extension}"


def capsule_file(suite: suites.SuiteId, part: str, holder: str) -> str:
    """Return the name of a capsule's file; holders' colons become hyphens, which every system allows."""
    return f"{part}.{holder.replace(':', '-')}.capsule.{suites.get(suite).extension}"


def _sealed_bid(manifest: BidManifest, digest: str, envelope: bytes, folder: Path) -> SealedBid:
    return SealedBid(
        manifest=manifest,
        manifest_sha256=digest,
        envelope=envelope,
        folder=folder,
        parts={part.id: folder / part_file(manifest.suite, part.id) for part in manifest.parts},
        capsules={
            (part.id, one.holder): folder / capsule_file(manifest.suite, part.id, one.holder)
            for part in manifest.parts
            for one in part.capsules
            if one.holder != capsules.BIDDER
        },
        recovery=folder / RECOVERY_FILE,
    )


def _files(
    rules: KeyManifest, parts: Mapping[str, Files], summary: bytes | None
) -> dict[str, list[tuple[str, bytes | Path]]]:
    for part in parts:
        rules.part(part)
    if summary is not None:
        rules.part(SUMMARY_PART)
    files: dict[str, list[tuple[str, bytes | Path]]] = {}
    for rule in rules.parts:
        given: list[tuple[str, bytes | Path]] = list(parts.get(rule.id, ()))
        if rule.id == SUMMARY_PART and summary is not None:
            given.insert(0, (SUMMARY_FILE, summary))
        if not given:
            raise BadSchema(detail=Detail("part {part} has no file", part=rule.id))
        files[rule.id] = given
    return files


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(folder)


def _create(path: Path, data: bytes) -> None:
    with path.open("xb") as out:
        out.write(data)


@dataclass(frozen=True, slots=True)
class _Job:
    key_manifest: dsse.Signed[KeyManifest]
    bidder_id: str
    folder: Path
    token_bytes: Random
    progress: Progress
    self_test: bool

    @property
    def suite(self) -> suites.Suite:
        return suites.get(self.key_manifest.document.suite)

    def seal(
        self, rule: PartRule, files: Sequence[tuple[str, bytes | Path]]
    ) -> tuple[Part, recovery.RecoveryPart]:
        keys = self._deal()
        rules = self.key_manifest.document
        ctx = Context(
            tender_id=rules.tender_id,
            lot_id=rules.lot_id,
            round=rules.round,
            key_manifest_sha256=self.key_manifest.sha256,
            bidder_id=self.bidder_id,
            part_id=rule.id,
            recipient=self.suite.recipient_of(keys.identity),
        )
        digests = self._payload(rule, ctx, keys, files)
        part = Part(
            id=rule.id,
            recipient=ctx.recipient,
            size=digests.size,
            sha256=digests.sha256,
            piece_size=PIECE_SIZE,
            pieces_root=digests.pieces_root,
            capsules=tuple(self._capsules(rule, ctx, keys)),
        )
        share = b64encode(keys.bidder) if rules.policy.bidder == "required" else None
        secret = recovery.RecoveryPart(
            id=rule.id,
            recipient=ctx.recipient,
            identity=self.suite.encode_identity(keys.identity),
            bidder_share=share,
        )
        return part, secret

    def _deal(self) -> _Keys:
        policy = self.key_manifest.document.policy
        identity, _ = self.suite.generate(self.token_bytes)
        gate = NO_KEY if policy.gate == "none" else self.token_bytes(32)
        bidder = self.token_bytes(32) if policy.bidder == "required" else NO_KEY
        secret = capsules.xor(identity, gate, bidder)
        return _Keys(
            identity,
            gate,
            bidder,
            self.suite.share_field.split(secret, k=policy.k, n=policy.n, token_bytes=self.token_bytes),
        )

    def _payload(
        self, rule: PartRule, ctx: Context, keys: _Keys, files: Sequence[tuple[str, bytes | Path]]
    ) -> Digests:
        archive = PartArchive(ctx, files)
        if archive.length > rule.max_size:
            raise OverLimit(what=rule.id, limit=rule.max_size)
        source = _Watched(archive, self.progress, hashed=self.self_test)
        path = self.folder / part_file(self.suite.id, rule.id)
        with path.open("xb", buffering=0) as out:
            sink = _Sink(out)
            self.suite.seal_payload(
                source, sink, ctx.recipient, context=encode(ctx), token_bytes=self.token_bytes
            )
            digests = sink.digester.finish()
        if digests.size > rule.max_size:
            raise OverLimit(what=rule.id, limit=rule.max_size)
        if source.digest is not None:
            _read_back(path, keys.identity, ctx, source.digest.hexdigest())
        return digests

    def _capsules(self, rule: PartRule, ctx: Context, keys: _Keys) -> list[CapsuleRef]:
        rules = self.key_manifest.document
        refs = []
        for holder, share in keys.by_holder(holders(rules)).items():
            sealed = b""
            if holder != capsules.BIDDER:
                recipient = recipient_of_holder(rules, holder, rule.opens)
                sealed = capsules.build(ctx, holder, share, recipient, token_bytes=self.token_bytes)
                _create(self.folder / capsule_file(rules.suite, rule.id, holder), sealed)
            refs.append(
                CapsuleRef(
                    holder=holder,
                    size=len(sealed),
                    sha256=sha256_hex(sealed),
                    commit=capsules.commit(ctx, holder, share),
                )
            )
        return refs


def _read_back(path: Path, identity: bytes, ctx: Context, expected: str) -> None:
    sink = _Sink(None)
    with path.open("rb", buffering=0) as sealed:
        opening.decrypt(sealed, sink, identity, ctx=ctx)
    if sink.digester.finish().sha256 != expected:
        raise BadPayload(part=ctx.part_id, detail="it does not read back as it was sealed")
