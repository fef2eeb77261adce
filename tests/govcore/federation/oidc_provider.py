"""A small OpenID provider on loopback: it signs real tokens, and can be told what to do wrong."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

CLIENT, SECRET = "trading-site", "a secret of 32 bytes, for the tests"


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


@dataclass
class Desk:
    """The provider's state: who is signed in there, its keys, and what is wrong with the next token."""

    now: datetime
    issuer: str = ""
    signed_in_at: datetime | None = None
    sub: str = "370000-0001"
    claims: dict[str, Any] = field(default_factory=lambda: {"name": "李明", "email": "wang"})
    signing: ECKey = field(default_factory=lambda: new_key("one"))
    published: list[ECKey] = field(default_factory=list)
    wrong: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    token: str | None = None
    oversized: bool = False
    keys_asked: int = 0
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.published = self.published or [self.signing]

    def described(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.description,
        }

    def code_for(self, asked: dict[str, str]) -> str:
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return code

    def id_token(self, nonce: str, *, asked: dict[str, str] | None = None) -> str:
        """Tells when the person proved it here: now where that was asked for, else when it signed in here."""
        at = int(self.now.timestamp())
        proved_at = self.now if (asked or {}).get("prompt") == "login" else self.signed_in_at or self.now
        claims = {
            "iss": self.issuer,
            "sub": self.sub,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 300,
            "nonce": nonce,
            "auth_time": int(proved_at.timestamp()),
            **self.claims,
            **self.wrong,
        }
        header = {"alg": "ES256", "kid": self.signing.kid, **self.header}
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(header, claims, self.signing)

    def redeem(self, form: dict[str, str], authorization: str) -> dict[str, str] | None:
        """Tokens for a code, once, to the client that has the secret and the verifier."""
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or authorization != f"Basic {basic}":
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if proof != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        return {
            "id_token": self.token or self.id_token(asked["nonce"], asked=asked),
            "access_token": "unused",
        }


@contextmanager
def provider(now: datetime) -> Iterator[Desk]:
    """The provider's HTTP server; it ends with the block."""
    desk = Desk(now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
            asked = {name: values[0] for name, values in query.items()}
            if path == "/.well-known/openid-configuration":
                self._answer(200, desk.described())
            elif path == "/keys":
                desk.keys_asked += 1
                self._answer(200, KeySet(list(desk.published)).as_dict(private=False))
            elif path == "/authorize":
                back = {"code": desk.code_for(asked), "state": asked["state"], "iss": desk.issuer}
                self.send_response(302)
                self.send_header("location", f"{asked['redirect_uri']}?{urlencode(back)}")
                self.end_headers()
            else:
                self._answer(404, {})

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"])).decode()
            form = {name: values[0] for name, values in parse_qs(raw).items()}
            tokens = desk.redeem(form, self.headers.get("authorization", ""))
            if desk.oversized and tokens:
                tokens["padding"] = "x" * (300 << 10)
            self._answer(200 if tokens else 400, tokens or {"error": "invalid_grant"})

        def _answer(self, status: int, body: object) -> None:
            raw = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    desk.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield desk
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
