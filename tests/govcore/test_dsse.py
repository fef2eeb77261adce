import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from govcore.dsse import BadEnvelope, BadSignature, Envelope, Signature, pae, sign, verify
from govcore.vault import Ed25519Signer

TYPE = "application/vnd.test+json"
KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
SIGNER = Ed25519Signer(PUBLIC, KEY)
KEYS = {SIGNER.keyid: KEY.public_key()}


def test_the_signed_bytes_are_those_of_the_dsse_specification() -> None:
    encoded = pae("http://example.com/HelloWorld", b"hello world")

    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(body=st.binary(max_size=200))
def test_what_was_signed_is_what_comes_back(body: bytes) -> None:
    raw = sign(TYPE, body, [SIGNER]).encode()

    assert verify(Envelope.decode(raw), TYPE, KEYS) == body


def test_the_envelope_has_the_members_of_the_specification() -> None:
    envelope = json.loads(sign(TYPE, b"{}", [SIGNER]).encode())

    signature = base64.b64encode(KEY.sign(pae(TYPE, b"{}"))).decode()
    assert envelope == {
        "payload": "e30=",
        "payloadType": TYPE,
        "signatures": [{"keyid": hashlib.sha256(PUBLIC).hexdigest(), "sig": signature}],
    }


def test_another_type_is_refused_though_the_signature_fits() -> None:
    with pytest.raises(BadEnvelope):
        verify(sign(TYPE, b"{}", [SIGNER]), "application/vnd.other+json", KEYS)


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"\xff\xfe", b'{"payload":"e30=","payloadType":"x","extra":1}']
)
def test_bytes_that_are_no_envelope_are_refused(raw: bytes) -> None:
    with pytest.raises(BadEnvelope):
        Envelope.decode(raw)


def test_a_changed_body_a_missing_a_doubled_and_an_empty_set_of_signatures_are_refused() -> None:
    good = sign(TYPE, b"{}", [SIGNER])
    changed = Envelope(b"[]", TYPE, good.signatures)
    unsigned = Envelope(b"{}", TYPE, ())
    doubled = Envelope(b"{}", TYPE, good.signatures * 2)

    for envelope, keys in [(changed, KEYS), (unsigned, KEYS), (doubled, KEYS), (good, {})]:
        with pytest.raises(BadSignature):
            verify(envelope, TYPE, keys)


def test_every_named_key_must_have_signed() -> None:
    other = Ed25519PrivateKey.generate()

    with pytest.raises(BadSignature):
        verify(sign(TYPE, b"{}", [SIGNER]), TYPE, KEYS | {"other": other.public_key()})


def test_a_curve_other_than_p256_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    envelope = Envelope(b"{}", TYPE, (Signature("k", key.sign(pae(TYPE, b"{}"), ec.ECDSA(SHA256()))),))

    with pytest.raises(BadSignature):
        verify(envelope, TYPE, {"k": key.public_key()})
