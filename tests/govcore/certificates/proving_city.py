"""A site with a company, its people and an outside authority, and programs that prove certificates to it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from certificate_factories import (
    USCC,
    OutsideAuthority,
    actor_named,
    add_user,
    outside_authority,
    request_for,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from govcore import clock
from govcore.certificates import outside
from govcore.certificates.outside import Trusted
from govcore.certificates.trust import CodeField
from govcore.dsse import pae
from govcore.identity.policy import Actor, Role
from govcore.identity.service import register_organisation
from govcore.identity.sessions import open_session
from govcore.platform import Platform
from govcore.sm2 import Sm2PrivateKey

SITE = "http://site.example"
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | Sm2PrivateKey


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@dataclass
class City:
    platform: Platform
    http: httpx.Client
    authority: OutsideAuthority
    tokens: dict[str, str] = field(default_factory=dict)

    def now(self) -> datetime:
        with self.platform.db.read() as tx:
            return clock.now(tx)

    def actor(self, name: str) -> Actor:
        return actor_named(self.platform.db, name)

    def call(self, method: str, path: str, user: str = "", **options: object) -> httpx.Response:
        """A request of somebody's, or of a visitor."""
        headers = {"cookie": f"session={self.tokens[user]}; lang=en"} if user else {"cookie": "lang=en"}
        answer = self.http.request(method, path, headers=headers, follow_redirects=False, **options)  # type: ignore[arg-type]
        self.http.cookies.clear()  # whoever calls next says who it is
        return answer

    def trust(self, authority: OutsideAuthority, *, sign_in: bool = True, seal: bool = True) -> str:
        asked = Trusted(
            may_sign_in=sign_in,
            may_seal=seal,
            code_field=CodeField.SERIAL_NUMBER,
            until=authority.certificate.not_valid_after_utc,
        )
        with self.platform.db.transaction() as tx:
            return outside.add(tx, authority.pem, asked, actor=self.actor("keeper"), at=clock.now(tx))

    def give_list(self, authority: OutsideAuthority, sha256: str, *revoked: x509.Certificate) -> None:
        raw = authority.revoking(*revoked, at=self.now().replace(microsecond=0))
        with self.platform.db.transaction() as tx:
            keeper = self.actor("keeper")
            outside.give_list(tx, self.platform.wrapper, sha256, raw, actor=keeper, at=clock.now(tx))

    def challenge(self, purpose: str, user: str = "") -> str:
        asked = self.call("POST", "/api/challenges", user, json={"purpose": purpose}).json()
        assert asked["origin"] == SITE
        return str(asked["challenge"])

    def proof(self, chain: list[x509.Certificate], key: Key, challenge: str) -> dict[str, str]:
        message = pae("application/vnd.trading.challenge", challenge.encode())
        if isinstance(key, rsa.RSAPrivateKey):
            signed = key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(key, Sm2PrivateKey):
            signed = key.sign(message)
        else:
            signed = key.sign(message, ec.ECDSA(hashes.SHA256()))
        pem = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
        return {
            "challenge": challenge,
            "certificate": pem.decode(),
            "signature": base64.b64encode(signed).decode(),
        }

    def sign_in(self, chain: list[x509.Certificate], key: Key) -> httpx.Response:
        return self.call(
            "POST", "/api/session/certificate", json=self.proof(chain, key, self.challenge("sign-in"))
        )

    def bind(self, chain: list[x509.Certificate], key: Key, user: str = "wang") -> httpx.Response:
        proof = self.proof(chain, key, self.challenge("bind", user))
        return self.call("POST", "/api/outside-certificates", user, json=proof)

    def seal(self, sha256: str, key: ec.EllipticCurvePrivateKey, user: str = "wang") -> httpx.Response:
        """Ask for our authority's certificate of the key, on the proof of the outside one."""
        path = f"/api/outside-certificates/{sha256}/registration"
        return self.call("POST", path, user, json={"csr": request_for(key).decode()})

    def enrol(self, key: ec.EllipticCurvePrivateKey, user: str = "wang") -> x509.Certificate:
        made = self.call("POST", "/api/certificates", user, json={"csr": request_for(key).decode()}).json()
        return x509.load_pem_x509_certificate(made["pem"].encode())


def found(platform: Platform, http: httpx.Client) -> City:
    """wang and li of the company, a rival of another, nobody of none, and the keeper of the trust list."""
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        ours = register_organisation(tx, uscc=USCC, name="晨光水务（集团）", actor="system", at=at)
        other = register_organisation(tx, uscc="91371500MA00000011", name="别家", actor="system", at=at)
        people = {
            "wang": add_user(tx, "wang", ours.id),
            "li": add_user(tx, "li", ours.id),
            "rival": add_user(tx, "rival", other.id),
            "nobody": add_user(tx, "nobody", None, Role.CITIZEN),
            "keeper": add_user(tx, "keeper", other.id, Role.SECURITY_ADMIN),
        }
        tokens = {name: open_session(tx, user_id=user_id, at=at) for name, user_id in people.items()}
    city = City(platform, http, outside_authority("Fictional Commercial CA", at=at), tokens)
    city.trust(city.authority)
    return city
