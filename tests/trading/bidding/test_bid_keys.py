"""Signing keys that an organisation has already, in a PKCS#12 file."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from scene import PASSPHRASE, Scene

from trading import client


def p12(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return serialize_key_and_certificates(b"bid", key, None, None, BestAvailableEncryption(b"its password"))


def test_the_key_of_a_pkcs12_file_is_certified_and_signs_a_bid(scene: Scene, tmp_path: Path):
    key = ec.generate_private_key(ec.SECP256R1())

    given = client.key_of_pkcs12(p12(key), "its password")
    client.enrol(scene.person("bidder-1"), tmp_path, PASSPHRASE, key=given)
    signer = client.signer(tmp_path, PASSPHRASE)
    scene.submit("bidder-1", scene.seal("bidder-1", signer=signer))

    assert signer.certificate.public_key() == key.public_key()
    assert scene.person("bidder-1").get(f"/api/lots/{scene.lot}/my-bid")["cert_sha256"] == signer.keyid


@pytest.mark.parametrize(
    ("key", "password", "sentence"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "another", "the password does not open the PKCS#12 file"),
        (ec.generate_private_key(ec.SECP384R1()), "its password", "the PKCS#12 file holds no P-256 key"),
        (rsa.generate_private_key(65537, 2048), "its password", "the PKCS#12 file holds no P-256 key"),
    ],
    ids=["wrong password", "another curve", "RSA"],
)
def test_a_file_that_cannot_be_used_is_refused_plainly(
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, password: str, sentence: str
):
    with pytest.raises(click.ClickException) as refused:
        client.key_of_pkcs12(p12(key), password)

    assert refused.value.message == sentence
