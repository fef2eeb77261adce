"""SM2 keys (GB/T 32918) with SM3 and the identity that everybody uses by default; needs the extra `sm`.

GmSSL does all that a secret takes part in. What is computed here is on public values only.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from govcore.errors import Problem

# GB/T 32918.5, the recommended curve.
_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
# SubjectPublicKeyInfo up to the point: id-ecPublicKey on 1.2.156.10197.1.301, uncompressed.
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
_SM2_WITH_SM3 = bytes.fromhex("300a06082a811ccf55018375")
_ECDSA_WITH_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")

_Point = tuple[int, int, int]


class SmMissing(Problem):
    """The national algorithms are not installed here."""

    code = "E_SUITE"
    status = 501
    text = "This needs the national algorithms: install the extra, pip install 'public-resource-trading[sm]'."


def require() -> None:
    """Raise `SmMissing` unless GmSSL is installed."""
    if not _installed():
        raise SmMissing


@cache
def _installed() -> bool:
    return find_spec("gmssl_pyx") is not None


@dataclass(frozen=True, slots=True)
class Sm2PublicKey:
    """A point of the curve, 64 bytes x || y; ValueError for anything else."""

    point: bytes

    def __post_init__(self) -> None:
        x, y = int.from_bytes(self.point[:32], "big"), int.from_bytes(self.point[32:], "big")
        if len(self.point) != 64 or max(x, y) >= _P or (y * y - _square(x)) % _P:
            raise ValueError("not a point of the SM2 curve")

    @classmethod
    def from_compressed(cls, data: bytes) -> Sm2PublicKey:
        """Read 33 bytes: 2 or 3, and x."""
        x = int.from_bytes(data[1:], "big")
        y = pow(_square(x), (_P + 1) // 4, _P)
        if len(data) != 33 or data[0] not in (2, 3):
            raise ValueError("not a compressed point")
        return cls(data[1:] + (y if y % 2 == data[0] % 2 else _P - y).to_bytes(32, "big"))

    def compressed(self) -> bytes:
        return bytes([2 + self.point[-1] % 2]) + self.point[:32]

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise `InvalidSignature` unless it is over this message."""
        import gmssl_pyx

        try:
            fits = gmssl_pyx.sm2_verify(self.point, message, signature)
        except gmssl_pyx.GmsslInnerError:
            fits = False
        if not fits:
            raise InvalidSignature

    def encrypt(self, secret: bytes) -> bytes:
        """Encrypt 1 to 255 bytes; DER in the order C1 C3 C2 of GB/T 35276."""
        import gmssl_pyx

        return bytes(gmssl_pyx.sm2_encrypt(self.point, secret))


@dataclass(frozen=True, slots=True)
class Sm2PrivateKey:
    """A secret number of the curve, 32 bytes, and its point."""

    public_key: Sm2PublicKey
    _secret: bytes = field(repr=False)

    @classmethod
    def generate(cls, token_bytes: Callable[[int], bytes]) -> Sm2PrivateKey:
        while True:
            secret = token_bytes(32)
            if _in_range(secret):
                return cls.from_bytes(secret)

    @classmethod
    def from_bytes(cls, secret: bytes) -> Sm2PrivateKey:
        """The key of a secret; ValueError unless it is 32 bytes between 1 and n - 2."""
        require()
        if not _in_range(secret):
            raise ValueError("not a secret of the SM2 curve")
        return cls(_public_key_of(secret), secret)

    @property
    def secret(self) -> bytes:
        return self._secret

    def sign(self, message: bytes) -> bytes:
        """A signature in DER, with the default identity 1234567812345678 hashed before the message."""
        import gmssl_pyx

        return bytes(gmssl_pyx.sm2_sign(self._secret, self.public_key.point, message))

    def decrypt(self, sealed: bytes) -> bytes:
        """The secret that was encrypted to this key; ValueError for anything else."""
        import gmssl_pyx

        try:
            return bytes(gmssl_pyx.sm2_decrypt(self._secret, sealed))
        except gmssl_pyx.GmsslInnerError:
            raise ValueError("not encrypted to this key") from None


def request(key: Sm2PrivateKey) -> bytes:
    """A PKCS#10 request for this key with an empty subject, in PEM, as `openssl req -sm3` makes it."""
    body = _der(0x30, b"\x02\x01\x00", b"\x30\x00", _SPKI + key.public_key.point, b"\xa0\x00")
    der = _der(0x30, body, _SM2_WITH_SM3, _der(0x03, b"\x00", key.sign(body)))
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{text}-----END CERTIFICATE REQUEST-----\n".encode()


def requested_key(csr: x509.CertificateSigningRequest) -> Sm2PublicKey | None:
    """The SM2 key of a request that it signed itself; None for any other request."""
    key = _key_in(_members(csr.tbs_certrequest_bytes)[2])
    if key is None:
        return None
    require()
    try:
        key.verify(csr.signature, csr.tbs_certrequest_bytes)
    except InvalidSignature:
        return None
    return key


def key_of(certificate: x509.Certificate) -> Sm2PublicKey | None:
    """The SM2 key of a certificate; None for a key of another kind."""
    members = _members(certificate.tbs_certificate_bytes)
    versioned = members[0][0] == 0xA0
    return _key_in(members[5 + versioned])


def certified(
    template: x509.Certificate, key: Sm2PublicKey, *, authority: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    """A certificate like the template, which holds the authority's own key, with the SM2 key in its place."""
    stand_in = authority.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    members = _members(template.tbs_certificate_bytes)
    body = _der(0x30, *(_SPKI + key.point if one == stand_in else one for one in members))
    signature = authority.sign(body, ec.ECDSA(SHA256()))
    return x509.load_der_x509_certificate(
        _der(0x30, body, _ECDSA_WITH_SHA256, _der(0x03, b"\x00", signature))
    )


def _key_in(spki: bytes) -> Sm2PublicKey | None:
    try:
        return Sm2PublicKey(spki[len(_SPKI) :]) if spki.startswith(_SPKI) else None
    except ValueError:
        return None


def _der(tag: int, *parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def _members(der: bytes) -> list[bytes]:
    """The members of a SEQUENCE in DER, which was parsed strictly before."""
    found, (at, end) = [], _content(der, 0)
    while at < end:
        _, after = _content(der, at)
        found.append(der[at:after])
        at = after
    return found


def _content(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends."""
    size, at = der[at + 1], at + 2
    if size & 0x80:
        at, size = at + (size & 0x7F), int.from_bytes(der[at : at + (size & 0x7F)], "big")
    return at, at + size


def _in_range(secret: bytes) -> bool:
    return len(secret) == 32 and 1 <= int.from_bytes(secret, "big") <= _N - 2


def _public_key_of(secret: bytes) -> Sm2PublicKey:
    """Recover the point from two signatures: the secret itself meets GmSSL's code only, which takes constant time."""
    import gmssl_pyx

    digest = bytes(32)
    r, s = decode_dss_signature(gmssl_pyx.sm2_sign_sm3_digest(secret, digest))
    other = decode_dss_signature(gmssl_pyx.sm2_sign_sm3_digest(secret, digest))
    # Of a digest of zero, s G + t P has the x-coordinate r, with t = r + s. Two points have it, one fits the other
    # signature too. That r is not the coordinate but n less happens once in 2^32; then neither does.
    y = pow(_square(r), (_P + 1) // 4, _P)
    t = pow(r + s, -1, _N)
    left, right = _times(-s * t % _N, (*_G, 1)), _times(t, (r, y, 1))
    for found in (_add(left, right), _add(left, (right[0], -right[1] % _P, right[2]))):
        if (r * r * r - 3 * r + _B - y * y) % _P == 0 and _fits(found, *other):
            x, y = _affine(found)
            return Sm2PublicKey(x.to_bytes(32, "big") + y.to_bytes(32, "big"))
    return _public_key_of(secret)


def _fits(point: _Point, r: int, s: int) -> bool:
    """True when (r, s) is a signature of the point over a digest of zero."""
    return _affine(_add(_times(s, (*_G, 1)), _times((r + s) % _N, point)))[0] % _N == r


def _square(x: int) -> int:
    """y squared of the point with this x."""
    return (x * x * x - 3 * x + _B) % _P


def _affine(point: _Point) -> tuple[int, int]:
    inverse = pow(point[2], -1, _P)
    return point[0] * inverse**2 % _P, point[1] * inverse**3 % _P


def _add(one: _Point, other: _Point) -> _Point:
    """Add in Jacobian coordinates; z = 0 is the point at infinity."""
    (x1, y1, z1), (x2, y2, z2) = one, other
    if not z1 or not z2:
        return one if z1 else other
    u1, u2 = x1 * z2 * z2 % _P, x2 * z1 * z1 % _P
    s1, s2 = y1 * z2**3 % _P, y2 * z1**3 % _P
    if u1 == u2:
        return _double(one) if s1 == s2 else (1, 1, 0)
    h, slope = u2 - u1, s2 - s1
    hh = h * h % _P
    hhh, v = h * hh % _P, u1 * hh % _P
    x = (slope * slope - hhh - 2 * v) % _P
    return x, (slope * (v - x) - s1 * hhh) % _P, z1 * z2 * h % _P


def _double(point: _Point) -> _Point:
    x, y, z = point
    zz, yy = z * z % _P, y * y % _P
    v, slope = 4 * x * yy % _P, 3 * (x - zz) * (x + zz) % _P
    doubled = (slope * slope - 2 * v) % _P
    return doubled, (slope * (v - doubled) - 8 * yy * yy) % _P, 2 * y * z % _P


def _times(scalar: int, point: _Point) -> _Point:
    found: _Point = (1, 1, 0)
    for bit in f"{scalar:b}":
        found = _double(found)
        if bit == "1":
            found = _add(found, point)
    return found
