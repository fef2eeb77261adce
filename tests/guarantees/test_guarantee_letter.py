import base64
import json
from datetime import timedelta

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from guarantee_factories import BANK, ISSUED_AT, authority, letter

from govcore.certificates.authority import Issue, issue, new_authority, requested_key
from govcore.dsse import CertificateSigner
from guarantees.letter import (
    MAX_SIZE,
    LetterCertificate,
    LetterSchema,
    LetterSignature,
    certificate_sha256,
    issue_letter,
    verify_letter,
)

CA = authority()
SIGNER = CA.certify()


def test_an_issued_letter_verifies_to_the_same_content() -> None:
    issued = letter(SIGNER)

    assert verify_letter(issue_letter(issued, SIGNER), [authority().certificate, CA.certificate]) == issued


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"%PDF-1.4",
        b"{}",
        b'{"payload":"e30=","payloadType":"x","signatures":[]}',
        b"\xff",
        b" " * (MAX_SIZE + 1),
    ],
)
def test_bytes_that_are_no_letter_are_refused(raw: bytes) -> None:
    with pytest.raises(LetterSchema):
        verify_letter(raw, [CA.certificate])


@pytest.mark.parametrize("changes", [{"v": 2}, {"amount_fen": 0}, {"guarantee_no": " "}])
def test_a_letter_with_impossible_content_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(LetterSchema):
        verify_letter(issue_letter(letter(SIGNER, **changes), SIGNER), [CA.certificate])


def test_a_changed_amount_breaks_the_signature() -> None:
    envelope = json.loads(issue_letter(letter(SIGNER), SIGNER))
    body = base64.b64decode(envelope["payload"]).replace(b"60000000", b"90000000")
    envelope["payload"] = base64.b64encode(body).decode()

    with pytest.raises(LetterSignature):
        verify_letter(json.dumps(envelope).encode(), [CA.certificate])


def test_an_unknown_member_is_refused() -> None:
    body = json.loads(msgspec.json.encode(letter(SIGNER))) | {"note": "conditions apply"}
    payload = base64.b64encode(json.dumps(body).encode()).decode()
    envelope = json.loads(issue_letter(letter(SIGNER), SIGNER)) | {"payload": payload}

    with pytest.raises(LetterSchema):
        verify_letter(json.dumps(envelope).encode(), [CA.certificate])


def test_another_key_under_the_guarantors_certificate_is_refused() -> None:
    forger = CertificateSigner(SIGNER.certificate, CA.certify()._key)

    with pytest.raises(LetterSignature):
        verify_letter(issue_letter(letter(SIGNER), forger), [CA.certificate])


def test_a_letter_signed_by_somebody_else_only_is_refused() -> None:
    with pytest.raises(LetterSignature):
        verify_letter(issue_letter(letter(SIGNER), CA.certify()), [CA.certificate])


@pytest.mark.parametrize(
    "stranger",
    [
        authority().certify(),
        CA.certify(uscc="91371500MA00000011"),
        CA.certify(name="临湖市另一家银行"),
        CA.certify(ca=True),
    ],
    ids=["other authority", "other credit code", "other name", "a CA"],
)
def test_a_certificate_that_does_not_speak_for_the_guarantor_is_refused(stranger: CertificateSigner) -> None:
    with pytest.raises(LetterCertificate):
        verify_letter(issue_letter(letter(stranger), stranger), [CA.certificate])


def test_a_leaf_certificate_is_no_trust_anchor() -> None:
    with pytest.raises(LetterCertificate):
        verify_letter(issue_letter(letter(SIGNER), SIGNER), [SIGNER.certificate])


def test_a_revoked_certificate_is_refused() -> None:
    with pytest.raises(LetterCertificate):
        verify_letter(
            issue_letter(letter(SIGNER), SIGNER),
            [CA.certificate],
            revoked={certificate_sha256(SIGNER.certificate)},
        )


@pytest.mark.parametrize("days", [-31, 331])
def test_a_letter_issued_outside_the_certificates_life_is_refused(days: int) -> None:
    outside = letter(SIGNER, issued_at=ISSUED_AT + timedelta(days=days))

    with pytest.raises(LetterCertificate):
        verify_letter(issue_letter(outside, SIGNER), [CA.certificate])


def test_a_certificate_of_the_platforms_own_registration_ca_is_accepted() -> None:
    ca, ca_key = new_authority(name="Fictional registration CA", at=ISSUED_AT)
    key = ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, SHA256())
    certificate = issue(
        requested_key(request.public_bytes(Encoding.PEM)),
        Issue(uscc=BANK.uscc, name=BANK.name, at=ISSUED_AT, until=ISSUED_AT + timedelta(days=365)),
        authority=ca,
        key_der=ca_key,
    )
    signer = CertificateSigner(certificate, key)

    assert verify_letter(issue_letter(letter(signer), signer), [ca]) == letter(signer)
