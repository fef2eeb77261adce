"""The command line's side of the API: one session, refusals as plain sentences."""

from __future__ import annotations

import base64
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from bidding_docs import age, suites
from bidding_docs.signing import public_key
from bidding_docs.suites import SuiteId
from govcore import sm2
from govcore.dsse import CertificateSigner, pae

KEY, CERTIFICATE, AUTHORITY = "signing.key.pem", "signing.cert.pem", "authority.pem"
SM2_KEY = "signing.key.age"


class Refused(click.ClickException):
    """The server said no: its sentence, its code, and the problem's members for whoever wants them."""

    def __init__(self, problem: dict[str, Any], *, asked: str) -> None:
        reason = problem.get("code", problem.get("status"))
        super().__init__(f"{problem.get('title', 'refused')} [{reason}, {asked}]")
        self.problem = problem


class Client:
    """A signed-in session with a trading site; raises `Refused` for every problem+json."""

    def __init__(self, url: str, *, language: str = "zh_CN") -> None:
        self._http = httpx.Client(base_url=url, timeout=120, cookies={"lang": language})

    def close(self) -> None:
        self._http.close()

    def sign_in(self, username: str, password: str) -> None:
        response = self.call("POST", "/api/session", json={"username": username, "password": password})
        self.use_session("; ".join(one.split(";")[0] for one in response.headers.get_list("set-cookie")))

    def sign_in_by_key(self, holder: Holder) -> str:
        """Open a session by signing the site's question; the person's name. `Refused` says why not."""
        response = self.call("POST", "/api/session/certificate", json=self._proof(holder, "sign-in"))
        self.use_session("; ".join(one.split(";")[0] for one in response.headers.get_list("set-cookie")))
        name: str = response.json()["name"]
        return name

    def add_certificate(self, holder: Holder) -> str:
        """Add a certificate to the account that is signed in; its fingerprint."""
        sha256: str = self.post("/api/outside-certificates", self._proof(holder, "bind"))["sha256"]
        return sha256

    def claim_by_certificate(self, claim_id: str, holder: Holder) -> None:
        """Prove one's own claim on an organisation by a certificate that names it."""
        self.post(f"/api/claims/{claim_id}/certificate", self._proof(holder, "claim"))

    def _proof(self, holder: Holder, purpose: str) -> dict[str, str]:
        asked = self.post("/api/challenges", {"purpose": purpose})
        if asked["origin"] != str(self._http.base_url).rstrip("/"):
            raise click.ClickException(
                f"the question is of another site, {asked['origin']}: nothing was signed"
            )
        signed = holder.sign(pae(asked["payload_type"], asked["challenge"].encode()))
        return {
            "challenge": asked["challenge"],
            "certificate": holder.chain.decode(),
            "signature": base64.b64encode(signed).decode(),
        }

    @property
    def cookie(self) -> str:
        """The session as a cookie, for a file that only its owner reads."""
        return str(self._http.headers["cookie"]).split(";")[0]

    def use_session(self, cookie: str) -> None:
        # Sent by hand: a cookie marked Secure would not be returned over the plain loopback of a demo.
        self._http.headers["cookie"] = f"{cookie}; {self._http.headers.get('cookie', 'lang=zh_CN')}"

    def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; a refusal becomes `Refused`, a site that is not there a plain sentence."""
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise click.ClickException(f"{self._http.base_url} does not answer: {error}") from error
        if response.is_error:
            raise Refused(_problem(response), asked=f"{method} {path}")
        return response

    def put(self, url: str, data: bytes, *, headers: dict[str, str]) -> None:
        """Send bytes to this site, or to another one that it named: without our session there."""
        if url.startswith("/"):
            self.call("PUT", url, content=data, headers=headers)
            return
        try:
            response = httpx.put(url, content=data, headers=headers, timeout=120)
        except httpx.TransportError as error:
            raise click.ClickException(f"the object store does not answer: {error}") from error
        if response.is_error:
            raise Refused(
                {"title": "the object store refused a piece", "status": response.status_code}, asked="PUT"
            )

    def get(self, path: str) -> Any:
        return self.call("GET", path).json()

    def post(self, path: str, body: object) -> Any:
        response = self.call("POST", path, json=body)
        return response.json() if response.content else None


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        problem: dict[str, Any] = response.json()
    except ValueError:
        problem = {"title": response.reason_phrase, "status": response.status_code}
    return problem


def connect(url: str, user: str, password_file: Path) -> Client:
    """A session for a user whose password stands alone in a file, or the one that `certificate sign-in` wrote there.

    Its connection is closed with the command that runs.
    """
    client = Client(url)
    if command := click.get_current_context(silent=True):
        command.call_on_close(client.close)
    kept = password_file.read_text().strip()
    if kept.startswith(("session=", "__Host-session=")):
        client.use_session(kept)
    else:
        client.sign_in(user, kept)
    return client


def keep_session(client: Client, path: Path) -> None:
    """Write the session to a new file that only its owner reads; `connect` takes it in place of a password."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{client.cookie}\n")


def enrol(
    client: Client,
    folder: Path,
    passphrase: str,
    *,
    suite: SuiteId = "bs1",
    key: ec.EllipticCurvePrivateKey | None = None,
    path: str = "/api/certificates",
) -> None:
    """Make a signing key of the suite in `folder`, encrypted, and have the site's registration CA certify it.

    A P-256 `key` that the organisation has already, from a PKCS#12 file, is certified in place of a new one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    name, kept, request = _sm2_key(passphrase) if suite == "bs1-sm" else _p256_key(passphrase, key)
    answer = client.post(path, {"csr": request.decode()})
    (folder / name).touch(mode=0o600)
    (folder / name).write_bytes(kept)
    (folder / CERTIFICATE).write_text(answer["pem"])
    (folder / AUTHORITY).write_text(answer["authority_pem"])


def key_of_pkcs12(raw: bytes, password: str) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in a PKCS#12 file (.p12, .pfx); a plain sentence for anything else."""
    try:
        key, _, _ = load_key_and_certificates(raw, password.encode())
    except ValueError as error:
        raise click.ClickException("the password does not open the PKCS#12 file") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise click.ClickException("the PKCS#12 file holds no P-256 key")
    return key


@dataclass(frozen=True, slots=True)
class Holder:
    """A key with its certificate and what is above it, in PEM."""

    chain: bytes
    _key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | sm2.Sm2PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        if isinstance(self._key, sm2.Sm2PrivateKey):
            return self._key.sign(message)
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(message, padding.PKCS1v15(), hashes.SHA256())
        return self._key.sign(message, ec.ECDSA(hashes.SHA256()))


def holder_of_pkcs12(raw: bytes, password: str) -> Holder:
    """Key and certificates of a PKCS#12 file (.p12, .pfx); a plain sentence for anything else."""
    try:
        key, own, above = load_key_and_certificates(raw, password.encode())
    except ValueError as error:
        raise click.ClickException("the password does not open the PKCS#12 file") from error
    if own is None or not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise click.ClickException("the PKCS#12 file holds no certificate with a P-256 or RSA key")
    return Holder(b"".join(one.public_bytes(Encoding.PEM) for one in (own, *above)), key)


def holder_of_folder(folder: Path, passphrase: str) -> Holder:
    """The signing key that `enrol` made."""
    made = signer(folder, passphrase)
    return Holder(made.certificate.public_bytes(Encoding.PEM), made._key)


def _p256_key(passphrase: str, key: ec.EllipticCurvePrivateKey | None) -> tuple[str, bytes, bytes]:
    """File name, encrypted key and request of a key, a new one unless it is given."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    request = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    encryption = BestAvailableEncryption(passphrase.encode())
    kept = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return KEY, kept, request.public_bytes(Encoding.PEM)


def _sm2_key(passphrase: str) -> tuple[str, bytes, bytes]:
    suite = suites.get("bs1-sm")
    secret, _ = suite.generate()
    kept = age.encrypt_bytes_with_passphrase(suite.encode_identity(secret).encode(), passphrase)
    return SM2_KEY, kept, sm2.request(sm2.Sm2PrivateKey.from_bytes(secret))


def signer(folder: Path, passphrase: str) -> CertificateSigner:
    """The signing key that `enrol` made."""
    certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    if isinstance(public_key(certificate), sm2.Sm2PublicKey):
        return CertificateSigner(certificate, _kept_sm2_key(folder / SM2_KEY, passphrase))
    try:
        key = load_pem_private_key((folder / KEY).read_bytes(), passphrase.encode())
    except ValueError as error:
        raise click.ClickException(f"the passphrase does not open {folder / KEY}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise click.ClickException(f"{folder / KEY} holds no P-256 key")
    return CertificateSigner(certificate, key)


def _kept_sm2_key(path: Path, passphrase: str) -> sm2.Sm2PrivateKey:
    try:
        kept = age.decrypt_bytes_with_passphrase(path.read_bytes(), passphrase)
    except age.AgeError as error:
        raise click.ClickException(f"the passphrase does not open {path}") from error
    return sm2.Sm2PrivateKey.from_bytes(suites.get("bs1-sm").parse_identity(kept.decode()))


def pinned_authority(folder: Path) -> x509.Certificate:
    """The registration CA as it was when the key was certified; a site cannot exchange it later."""
    return x509.load_pem_x509_certificate((folder / AUTHORITY).read_bytes())


def wait_for(client: Client, path: str, *, seconds: float, pause: float = 0.2) -> Any:
    """Ask again until the answer is there; the last refusal is raised when the time is over."""
    until = time.monotonic() + seconds
    while True:
        try:
            return client.get(path)
        except Refused:
            if time.monotonic() > until:
                raise
        time.sleep(pause)
