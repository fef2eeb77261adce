"""The guarantee letter as signed data: what it says, how it is issued, how it is verified."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from govcore import dsse
from govcore.errors import Problem
from govcore.pdf.capitals import rmb_capitals
from govcore.pdf.figures import day, money
from guarantees.checks import FIRST_DEMAND_WORDS, GuarantorKind, same_name

PAYLOAD_TYPE = "application/vnd.guarantee.letter+json"
SIGNED_NAME = "guarantee-letter.json"
PDF_NAME = "保函.pdf"
MAX_SIZE = 256 * 1024
"""A letter's signed JSON is refused above this many bytes."""


class LetterProblem(Problem):
    """The letter cannot be relied on at all; its content is not looked at."""

    status = 422


class LetterSchema(LetterProblem):
    code = "E_LETTER_SCHEMA"
    text = "The guarantee letter is not of the documented form."


class LetterCertificate(LetterProblem):
    code = "E_LETTER_CERT"
    text = "The guarantor's certificate is not one that this platform trusts for this guarantor."


class LetterSignature(LetterProblem):
    code = "E_LETTER_SIGNATURE"
    text = "The guarantor's signature does not fit the guarantee letter."


class Party(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    uscc: str


class Guarantor(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    uscc: str
    kind: GuarantorKind


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One letter: amounts in fen, days in China, `certificate` the guarantor's in DER."""

    v: int
    guarantee_no: str
    guarantor: Guarantor
    beneficiary: Party
    applicant: Party
    tender_id: str
    lot_id: str
    project_name: str
    lot_name: str
    amount_fen: int
    currency: str
    effective_date: date
    expiry_date: date
    first_demand: bool
    claim_documents: tuple[str, ...]
    issued_at: datetime
    wording: str
    certificate: bytes

    @property
    def guarantor_kind(self) -> str:
        return self.guarantor.kind


def standard_claim_documents() -> tuple[str, ...]:
    """What the beneficiary hands in with a claim under the standard wording."""
    return (
        "受益人签章的书面索赔通知，写明索赔金额和收款账户",
        "受益人出具的违约情形声明，写明申请人违反了本保函第二条中的哪一项",
    )


def standard_wording(
    *, beneficiary: str, applicant: str, project_name: str, lot_name: str, amount_fen: int, expiry_date: date
) -> str:
    """The text of an independent letter that pays on first demand, in Chinese, one clause a line."""
    return "\n".join(
        (
            f"{beneficiary}：鉴于{applicant}参加“{project_name}”{lot_name}的投标，我方应其申请，"
            "向贵方开立本投标保函，代替投标保证金。",
            f"一、本保函为独立保函，{FIRST_DEMAND_WORDS}，不可撤销，不得转让。"
            f"我方承担付款责任的最高金额为人民币（大写）{rmb_capitals(amount_fen)}（¥{money(amount_fen)}）。",
            "二、申请人有下列情形之一的，贵方可以索赔：（一）投标截止后在投标有效期内撤销投标文件；"
            "（二）中标后无正当理由不与贵方订立合同，或者在订立合同时提出附加条件；"
            "（三）中标后不按照招标文件要求提交履约保证金；（四）招标文件规定不予退还投标保证金的其他情形。",
            "三、贵方索赔时应当提交本保函所列的索赔单据。我方自收到单据之日起五个工作日内审查；单据表面相符的，"
            "我方即在最高金额以内付款，不要求贵方证明违约事实，也不以基础交易关系抗辩。",
            f"四、本保函自生效日起至{day(expiry_date)}止有效，索赔单据应当在该日二十四时以前送达我方。"
            "有效期届满、款项付清或者贵方书面解除的，本保函即行终止，无论原件是否退回。",
            "五、投标有效期延长的，须经我方书面同意，本保函的有效期方可随之延长。",
            "六、本保函适用中华人民共和国法律。",
        )
    )


def issue_letter(letter: Letter, signer: dsse.Signer) -> bytes:
    """The letter signed by its guarantor: the bytes of `guarantee-letter.json`."""
    return dsse.sign(PAYLOAD_TYPE, msgspec.json.encode(letter), [signer]).encode()


def read_letter(raw: bytes) -> Letter:
    """What the bytes say, *not* verified; `LetterSchema` when they are no letter."""
    if len(raw) > MAX_SIZE:
        raise LetterSchema
    try:
        envelope = dsse.Envelope.decode(raw)
        letter = msgspec.json.decode(envelope.payload, type=Letter)
    except (dsse.BadEnvelope, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise LetterSchema from error
    well_formed = (
        envelope.payload_type == PAYLOAD_TYPE
        and letter.v == 1
        and letter.amount_fen > 0
        and letter.issued_at.tzinfo is not None
        and letter.guarantee_no.strip()
        and letter.effective_date <= letter.expiry_date
    )
    if not well_formed:
        raise LetterSchema
    return letter


def verify_letter(
    raw: bytes, anchors: Sequence[x509.Certificate], *, revoked: Collection[str] = ()
) -> Letter:
    """The letter, when an anchor certified its guarantor and the guarantor signed exactly these bytes.

    Certificates are judged at the letter's day of issue; `revoked` holds the SHA-256 of those to refuse.
    Raises `LetterSchema`, `LetterCertificate` or `LetterSignature`.
    """
    letter = read_letter(raw)
    certificate = _certificate(letter)
    if certificate_sha256(certificate) in revoked:
        raise LetterCertificate
    if not any(_issued_by(certificate, anchor, letter.issued_at) for anchor in anchors):
        raise LetterCertificate
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not _speaks_for(certificate, letter):
        raise LetterCertificate
    try:
        dsse.verify(dsse.Envelope.decode(raw), PAYLOAD_TYPE, {certificate_sha256(certificate): key})
    except dsse.BadSignature as error:
        raise LetterSignature from error
    return letter


def certificate_sha256(certificate: x509.Certificate) -> str:
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def _certificate(letter: Letter) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(letter.certificate)
    except ValueError as error:
        raise LetterCertificate from error


def _issued_by(certificate: x509.Certificate, anchor: x509.Certificate, moment: datetime) -> bool:
    try:
        is_ca = anchor.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        certificate.verify_directly_issued_by(anchor)
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return is_ca and all(
        one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in (certificate, anchor)
    )


def _speaks_for(certificate: x509.Certificate, letter: Letter) -> bool:
    """Whether the certificate may sign and names the guarantor by credit code and name."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        is_ca = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound):
        return False
    codes = [
        str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_IDENTIFIER)
    ]
    names = [str(a.value) for a in certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)]
    return (
        not is_ca
        and (usage.digital_signature or usage.content_commitment)
        and codes == [letter.guarantor.uscc]
        and any(same_name(name, letter.guarantor.name) for name in names)
    )
