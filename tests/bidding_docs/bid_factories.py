"""A tender's keys, certificates and sealed bids as the tests of the sealing protocol need them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bidding_docs import age, dsse, manifests, summary
from bidding_docs.encoding import sha256_hex
from bidding_docs.merkle import bids_root
from bidding_docs.opening import ClosedBid, Closing
from bidding_docs.sealing import SealedBid, seal_bid
from bidding_docs.signing import SoftwareSigner, certificate_sha256, keys_by_id

NOW = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
STAGE = "opening"
PASSPHRASE = "correct horse battery staple"
FORM = summary.Form(
    fields=(
        summary.Field(id="price", label="投标总价", kind="money"),
        summary.Field(id="days", label="工期", kind="integer", max=3650),
        summary.Field(id="manager", label="项目经理", kind="text", required=False, max=40),
        summary.Field(id="start", label="开工日期", kind="date", required=False),
    )
)


def certificate(name: str, authority: SoftwareSigner | None = None) -> SoftwareSigner:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = authority.certificate.subject if authority else subject
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=30))
        .not_valid_after(NOW + timedelta(days=365))
        .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
        .add_extension(usage(ca=authority is None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if authority is not None:
        issued = authority.certificate.public_key()
        assert isinstance(issued, ec.EllipticCurvePublicKey)
        link = x509.AuthorityKeyIdentifier.from_issuer_public_key(issued)
        builder = builder.add_extension(link, critical=False)
    signing = authority._key if authority else key
    return SoftwareSigner(builder.sign(signing, hashes.SHA256()), key)


def usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


@dataclass
class World:
    """One lot: its authority, its custodians' and gate's identities, and its signed key manifest."""

    k: int = 2
    n: int = 3
    gate: bool = True
    bidder_share: bool = False
    tender_id: str = "tender-1"
    lot_id: str = "lot-1"
    round: int = 1
    authority: SoftwareSigner = field(default_factory=lambda: certificate("Register"))

    def __post_init__(self) -> None:
        self.custodians = {index: age.generate() for index in range(1, self.n + 1)}
        self.gate_identity, self.gate_recipient = age.generate()
        self.tenderer = certificate("Tenderer", self.authority)
        raw = dsse.sign_document(self.manifest(), [self.tenderer])
        self.key_manifest = dsse.open_document(
            raw, manifests.KeyManifest, keys_by_id([self.tenderer.certificate])
        )

    def manifest(self) -> manifests.KeyManifest:
        gate = manifests.Gate(operator="regulator-it", recipients={STAGE: self.gate_recipient})
        return manifests.KeyManifest(
            tender_id=self.tender_id,
            lot_id=self.lot_id,
            round=self.round,
            policy=manifests.Policy(
                k=self.k,
                n=self.n,
                gate="remote" if self.gate else "none",
                bidder="required" if self.bidder_share else "none",
            ),
            custodians=tuple(
                manifests.Custodian(
                    index=index,
                    role=f"role-{index}",
                    cert_sha256=f"{index:064x}",
                    client="cli",
                    recipients={STAGE: recipient},
                )
                for index, (_, recipient) in self.custodians.items()
            ),
            gate=gate if self.gate else None,
            parts=(
                manifests.PartRule(id="summary", opens=STAGE, public=True, max_size=1 << 20),
                manifests.PartRule(id="technical", opens=STAGE, public=False, max_size=1 << 26),
            ),
            windows=manifests.Windows(bidder_share=0, seal_check=0, release=60),
            trust_anchors=(certificate_sha256(self.authority.certificate),),
            log=manifests.Log(origin="example.test/log", vkey="example.test/log+1+key"),
            witnesses=(manifests.Witness(vkey="witness+1+key", required=True),),
        )

    def seal(
        self,
        folder: Path,
        *,
        bidder: str = "91330000MA00000001",
        price: int = 123_456_700,
        files: Sequence[tuple[str, Path]] = (),
        signer: SoftwareSigner | None = None,
        self_test: bool = False,
    ) -> SealedBid:
        signer = signer or certificate(bidder, self.authority)
        plan = folder.parent / f"{folder.name}-plan.txt"
        plan.write_text("施工组织设计", encoding="utf-8")
        self.signers = getattr(self, "signers", {}) | {folder: signer}
        return seal_bid(
            key_manifest=self.key_manifest,
            parts={"technical": files or [("技术标/施工组织设计.txt", plan)]},
            summary=summary.write(FORM, {"price": price, "days": 180}),
            bidder_id=bidder,
            cert=signer.certificate,
            signer=signer,
            seq=1,
            supersedes=None,
            out_dir=folder,
            passphrase=PASSPHRASE,
            self_test=self_test,
            work_factor=1,
        )

    def closed(self, bid: SealedBid, holder: str) -> ClosedBid:
        return ClosedBid(
            envelope=bid.envelope,
            certificate=self.signers[bid.folder].certificate,
            capsules={part: bid.capsules[part, holder].read_bytes() for part in bid.parts},
        )

    def closing(self, envelopes: Sequence[bytes]) -> Closing:
        digests = [sha256_hex(dsse.Envelope.decode(raw).payload) for raw in envelopes]
        return Closing(
            key_manifest=self.key_manifest,
            tender_closed_sha256="c" * 64,
            bids_root=bids_root(digests),
            authorities=[self.authority.certificate],
            closed_at=NOW,
        )
