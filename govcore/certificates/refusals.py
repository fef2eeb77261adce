"""Why a certificate is not accepted: each reason with its own code, the same for signing in and for sealing."""

from __future__ import annotations

from govcore.errors import Problem


class CertificateRefused(Problem):
    """A certificate that proves nothing here."""

    status = 422


class Unreadable(CertificateRefused):
    code = "E_CERT"
    text = "This is no certificate in PEM with a key that can sign."


class SignatureWrong(CertificateRefused):
    """Said before anything else about a certificate: who has not its key learns nothing from us."""

    code = "E_CERT_SIGNATURE"
    text = "The signature was not made with the key of the certificate."


class LeafIsAuthority(CertificateRefused):
    code = "E_CERT_CA"
    text = "This is an authority's certificate, not one of a person or an organisation."


class NotForSigning(CertificateRefused):
    code = "E_CERT_USAGE"
    text = "The certificate was not issued for signing."


class ChainUnknown(CertificateRefused):
    code = "E_CERT_CHAIN"
    text = "The certificate was not issued by an authority that this site trusts for this."


class Early(CertificateRefused):
    code = "E_CERT_EARLY"
    text = "The certificate is not valid yet."


class Ended(CertificateRefused):
    code = "E_CERT_ENDED"
    text = "The certificate has ended. Have a new one issued."


class Revoked(CertificateRefused):
    code = "E_CERT_REVOKED"
    text = "The certificate was revoked."


class NameDiffers(CertificateRefused):
    code = "E_CERT_NAME"
    text = "The certificate does not name the organisation as it is written here, with its credit code."


class Reused(CertificateRefused):
    code = "E_CERT_REUSED"
    status = 409
    text = "This key is certified for somebody else already. Make a new one."


class NotBound(CertificateRefused):
    code = "E_CERT_UNBOUND"
    status = 403
    text = (
        "The certificate is good, but belongs to no account yet. Sign in with your password and add it first."
    )
