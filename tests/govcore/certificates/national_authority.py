"""An authority that signs with SM2 and SM3, made by OpenSSL: a second implementation beside GmSSL."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509

IDENTITY = "distid:1234567812345678"
AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
LEAF = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n"
_CONFIG = """
[ca]
default_ca = one
[one]
database = {folder}/index
crlnumber = {folder}/number
default_crl_days = 30
default_md = sm3
"""


@dataclass(frozen=True)
class NationalAuthority:
    """A folder with a key and a certificate for each name; the root is `root`."""

    folder: Path

    def root(self, name: str = "root", extensions: str = AUTHORITY) -> x509.Certificate:
        request = self._request(name, f"/C=CN/O=Fictional National CA/CN={name}")
        return self._sign(name, request, extensions, "-signkey", self._file(name, "key"))

    def issue(
        self, name: str, subject: str, extensions: str = LEAF, *, by: str = "root", digest: str = "sm3"
    ) -> x509.Certificate:
        request = self._request(name, subject)
        above = "-CA", self._file(by, "pem"), "-CAkey", self._file(by, "key"), "-set_serial", "7"
        return self._sign(name, request, extensions, *above, digest=digest)

    def revoking(self, name: str, *, by: str = "root") -> bytes:
        """A revocation list with this certificate on it."""
        (self.folder / "index").write_text("")
        (self.folder / "number").write_text("01\n")
        (self.folder / "config").write_text(_CONFIG.format(folder=self.folder))
        common = "ca", "-config", self._file("config"), "-keyfile", self._file(by, "key")
        common = *common, "-cert", self._file(by, "pem")
        _openssl(*common, "-revoke", self._file(name, "pem"))
        _openssl(*common, "-gencrl", "-sigopt", IDENTITY, "-out", self._file("list"))
        return (self.folder / "list").read_bytes()

    def key(self, name: str) -> bytes:
        """The secret number of a key."""
        text = _openssl("ec", "-in", self._file(name, "key"), "-noout", "-text").decode()
        digits = text.partition("priv:")[2].partition("pub:")[0]
        return int("".join(digits.split()).replace(":", ""), 16).to_bytes(32, "big")

    def _request(self, name: str, subject: str) -> str:
        key, request = self._file(name, "key"), self._file(name, "csr")
        _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", key)
        made = "req", "-new", "-utf8", "-key", key, "-subj", subject
        _openssl(*made, "-sm3", "-sigopt", IDENTITY, "-out", request)
        return request

    def _sign(
        self, name: str, request: str, extensions: str, *signer: str, digest: str = "sm3"
    ) -> x509.Certificate:
        (self.folder / f"{name}.ext").write_text(extensions)
        made = "x509", "-req", "-in", request, "-days", "300", f"-{digest}", "-vfyopt", IDENTITY
        made = *made, "-sigopt", IDENTITY, "-extfile", self._file(name, "ext"), *signer
        _openssl(*made, "-out", self._file(name, "pem"))
        return x509.load_pem_x509_certificate((self.folder / f"{name}.pem").read_bytes())

    def _file(self, name: str, ending: str = "") -> str:
        return str(self.folder / (f"{name}.{ending}" if ending else name))


def _openssl(*words: str) -> bytes:
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout
