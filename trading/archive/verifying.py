"""Check a package offline: nothing here needs a server, and nothing is trusted but the pinned key of the log."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.x509 import Certificate

from bidding_docs import manifests as m
from bidding_docs import suites
from bidding_docs.signing import public_key
from govcore import dsse
from govcore.audit.entries import parse_event
from govcore.audit.note import NoteError, VerifierKey
from govcore.audit.proof import Proof, ProofRefused
from govcore.certificates.authority import is_issued_by
from govcore.errors import Problem
from trading.archive.policy import FORMAT, MADE_EVENT, MANIFEST, PROOF, SUMS, bid_paths, sums
from trading.archive.zipping import Member, archive

PIECE = 1 << 20


class PackageRefused(ValueError):
    """The package is not what the log says, or is damaged."""


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: str
    tender_id: str
    code: str
    title: str
    rule_set: str
    rule_set_version: str
    retention_years: int
    made_at: str
    files: list[Listed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was checked."""

    manifest: Manifest
    files: int
    signatures: int
    bids: int
    entries: int


def verify(path: Path, key: VerifierKey) -> Verified:
    """Raise `PackageRefused`, in one sentence, unless every byte of the package is what the log names.

    The log's entry names the manifest, the manifest every file, and the ZIP follows from its files.
    """
    try:
        with zipfile.ZipFile(path) as file:
            manifest = _manifest(file, key)
            _check_files(file, manifest)
            _check_bytes(path, file)
            signatures = _check_signatures(file, manifest)
            bids = _check_bids(file, manifest)
            entries = _check_entries(file, manifest, key)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise PackageRefused(f"the package cannot be read: {error}") from error
    return Verified(
        manifest=manifest, files=len(manifest.files), signatures=signatures, bids=bids, entries=entries
    )


def _manifest(file: zipfile.ZipFile, key: VerifierKey) -> Manifest:
    raw = file.read(MANIFEST)
    event = _proven(file.read(PROOF), key, PROOF)
    if event["type"] != MADE_EVENT or event["data"].get("manifest_sha256") != hashlib.sha256(raw).hexdigest():
        raise PackageRefused("the log's entry names another manifest")
    try:
        manifest = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise PackageRefused(f"the manifest cannot be read: {error}") from error
    if manifest.format != FORMAT or manifest.tender_id != event["data"].get("tender_id"):
        raise PackageRefused("the manifest is of another format or tender")
    return manifest


def _proven(raw: bytes, key: VerifierKey, name: str) -> dict[str, Any]:
    """The event that the pinned log holds by this proof."""
    try:
        proof = Proof.parse(raw.decode())
        leaf = proof.preimage_leaf
        if leaf is None or proof.extra is None:
            raise PackageRefused(f"{name} carries no event")
        if not proof.note.signed_by(key):
            raise PackageRefused(f"{name} is not signed by the pinned key of the log")
        proof.check_path(leaf)
    except (ProofRefused, NoteError, UnicodeDecodeError) as error:
        raise PackageRefused(f"{name}: {error}") from error
    return parse_event(proof.extra)


def _check_files(file: zipfile.ZipFile, manifest: Manifest) -> None:
    names = [MANIFEST, PROOF, SUMS, *(one.path for one in manifest.files)]
    if file.namelist() != names:
        raise PackageRefused("the package has other files than its manifest lists")
    if file.read(SUMS) != sums([(one.path, one.sha256) for one in manifest.files]):
        raise PackageRefused(f"{SUMS} differs from the manifest")
    for one in manifest.files:
        digest, size = hashlib.sha256(), 0
        for piece in _pieces(file, one.path):
            digest.update(piece)
            size += len(piece)
        if (digest.hexdigest(), size) != (one.sha256, one.size):
            raise PackageRefused(f"{one.path} is not the file that the manifest names")


def _check_bytes(path: Path, file: zipfile.ZipFile) -> None:
    """The file is exactly the ZIP of its members: nothing before, between or after them was changed."""
    members = [Member(one.filename, one.file_size, one.CRC) for one in file.infolist()]
    with path.open("rb") as given:
        for piece in archive(members, lambda member: _pieces(file, member.path)):
            if given.read(len(piece)) != piece:
                raise PackageRefused("the package's bytes are not the ZIP of its files")
        if given.read(1):
            raise PackageRefused("something follows the end of the package")


def _check_signatures(file: zipfile.ZipFile, manifest: Manifest) -> int:
    """Every signature of every envelope, by certificates of the authority in the package; how many."""
    paths = {one.path for one in manifest.files}
    authority = x509.load_der_x509_certificate(file.read("certificates/authority.der"))
    done = 0
    for path in sorted(one for one in paths if one.endswith(".dsse.json")):
        try:
            envelope = dsse.Envelope.decode(file.read(path))
            keys = {
                one.keyid: public_key(_certificate(file, one.keyid, authority)) for one in envelope.signatures
            }
            dsse.verify(envelope, envelope.payload_type, keys)
        except Problem as error:
            raise PackageRefused(f"{path}: {error}") from error
        done += len(envelope.signatures)
    return done


def _check_bids(file: zipfile.ZipFile, manifest: Manifest) -> int:
    """Every opened part is the ciphertext that its bidder signed, and the key beside it is that part's; how many."""
    hashes = {one.path: one.sha256 for one in manifest.files}
    done = 0
    for path in sorted(hashes):
        stem = path.removesuffix(".dsse.json")
        if stem == path or not any(one.startswith(f"{stem}-") for one in hashes):
            continue
        try:
            body = m.parse(dsse.Envelope.decode(file.read(path)).payload, m.BidManifest)
            done += sum(_check_part(file, hashes, stem, suites.get(body.suite), part) for part in body.parts)
        except Problem as error:
            raise PackageRefused(f"{path}: {error}") from error
    return done


def _check_part(
    file: zipfile.ZipFile, hashes: dict[str, str], stem: str, suite: suites.Suite, part: m.Part
) -> bool:
    """Whether the package holds the part."""
    sealed, key = bid_paths(stem, part.id, suite.extension)
    if sealed not in hashes:
        return False
    if hashes[sealed] != part.sha256:
        raise PackageRefused(f"{sealed} is not what its bidder signed")
    if suite.recipient_of(suite.parse_identity(file.read(key).decode().strip())) != part.recipient:
        raise PackageRefused(f"{key} does not open {sealed}")
    return True


def _certificate(file: zipfile.ZipFile, keyid: str, authority: Certificate) -> Certificate:
    der = file.read(f"certificates/{keyid}.der")
    certificate = x509.load_der_x509_certificate(der)
    if hashlib.sha256(der).hexdigest() != keyid or not is_issued_by(certificate, authority):
        raise PackageRefused(f"the certificate {keyid} is not of the authority in the package")
    return certificate


def _check_entries(file: zipfile.ZipFile, manifest: Manifest, key: VerifierKey) -> int:
    paths = [one.path for one in manifest.files if one.path.endswith(".tlog-proof")]
    for path in paths:
        _proven(file.read(path), key, path)
    return len(paths)


def _pieces(file: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    with file.open(path) as member:
        while piece := member.read(PIECE):
            yield piece
