"""Real certificates, letters and advices of fictional organisations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from govcore.dsse import CertificateSigner
from guarantees.advice import Advice
from guarantees.checks import CashRequirement, GuarantorKind, LetterRequirement
from guarantees.letter import Guarantor, Letter, Party, standard_claim_documents, standard_wording

TENDERER = Party("临湖市水利工程建设中心", "12371500MB00000018")
BIDDER = Party("临湖安澜水利建设有限公司", "91371500MA00000011")
BANK = Guarantor("临湖市商业银行股份有限公司", "91371500MA0000009R", GuarantorKind.BANK)
DEADLINE = datetime(2025, 4, 10, 1, 0, tzinfo=UTC)
ISSUED_AT = datetime(2025, 4, 8, 2, 0, tzinfo=UTC)
ACCOUNT = "6222000011112222"


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def certify(self, *, name: str = BANK.name, uscc: str = BANK.uscc, ca: bool = False) -> CertificateSigner:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, uscc),
            ]
        )
        return CertificateSigner(
            _certificate(subject, self.certificate.subject, key.public_key(), self.key, ca=ca), key
        )


def authority(name: str = "Fictional registration CA") -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return Authority(_certificate(subject, subject, key.public_key(), key, ca=True), key)


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    ca: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(not ca, not ca, False, False, False, ca, ca, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(ISSUED_AT - timedelta(days=30))
        .not_valid_after(ISSUED_AT + timedelta(days=330))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(signer, hashes.SHA256())
    )


def letter(signer: CertificateSigner, **changes: object) -> Letter:
    content: dict[str, object] = {
        "v": 1,
        "guarantee_no": "BH-2025-000017",
        "guarantor": BANK,
        "beneficiary": TENDERER,
        "applicant": BIDDER,
        "tender_id": "tender-1",
        "lot_id": "lot-1",
        "project_name": "临湖市护城河综合治理工程",
        "lot_name": "一标段",
        "amount_fen": 60_000_000,
        "currency": "CNY",
        "effective_date": date(2025, 4, 8),
        "expiry_date": date(2025, 7, 9),
        "first_demand": True,
        "claim_documents": standard_claim_documents(),
        "issued_at": ISSUED_AT,
        "wording": standard_wording(
            beneficiary=TENDERER.name,
            applicant=BIDDER.name,
            project_name="临湖市护城河综合治理工程",
            lot_name="一标段",
            amount_fen=60_000_000,
            expiry_date=date(2025, 7, 9),
        ),
        "certificate": signer.certificate.public_bytes(Encoding.DER),
    }
    return Letter(**(content | changes))  # type: ignore[arg-type]


def letter_requirement(**changes: object) -> LetterRequirement:
    content: dict[str, object] = {
        "tenderer_name": TENDERER.name,
        "tenderer_uscc": TENDERER.uscc,
        "bidder_name": BIDDER.name,
        "bidder_uscc": BIDDER.uscc,
        "tender_id": "tender-1",
        "lot_id": "lot-1",
        "required_fen": 60_000_000,
        "deadline": date(2025, 4, 10),
        "validity_days": 90,
    }
    return LetterRequirement(**(content | changes))  # type: ignore[arg-type]


def advice(**changes: object) -> Advice:
    content: dict[str, object] = {
        "sub_account": "0000000000000001",
        "payer_name": BIDDER.name,
        "payer_account": ACCOUNT,
        "bank": BANK.name,
        "amount_fen": 60_000_000,
        "credited_at": DEADLINE - timedelta(days=1),
        "serial": "SN-20250409-000031",
    }
    return Advice(**(content | changes))  # type: ignore[arg-type]


def cash_requirement(**changes: object) -> CashRequirement:
    content: dict[str, object] = {
        "bidder_name": BIDDER.name,
        "basic_account": ACCOUNT,
        "required_fen": 60_000_000,
        "deadline": DEADLINE,
    }
    return CashRequirement(**(content | changes))  # type: ignore[arg-type]
