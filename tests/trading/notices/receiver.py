"""A statutory medium on loopback that behaves as it is told: published, received, down, cut off, nonsense and more."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from trading.notices.media import signature

TOKEN, SECRET = "token-of-the-platform", "s" * 32


@dataclass
class Receiver:
    """What it got, in order, and what it holds; `mood` is how it answers next."""

    url: str = ""
    mood: str = "publish"
    got: list[tuple[str, str]] = field(default_factory=list)
    held: dict[str, str] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    forged: int = 0


@contextmanager
def receiver() -> Iterator[Receiver]:
    medium = Receiver()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            medium.got.append(("GET", parts.path))
            if parts.path.endswith("/notices"):
                return self._list(parse_qs(parts.query, keep_blank_values=True))
            return self._answer(parts.path.rpartition("/")[2])

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            medium.got.append(("PUT", self.headers["idempotency-key"]))
            said = self.headers["x-timestamp"]
            own = signature(SECRET, "PUT", f"http://{self.headers['host']}{self.path}", said, body)
            if self.headers["authorization"] != f"Bearer {TOKEN}" or self.headers["x-signature"] != own:
                medium.forged += 1
                return self._say(401, {"state": "refused", "reason": "signature"})
            message = json.loads(body)
            medium.messages.append(message)
            if medium.mood in ("publish", "receive", "cut off"):
                medium.held[message["id"]] = sha256(message["content"].encode()).hexdigest()
            return self._answer(message["id"])

        def _answer(self, notice_id: str) -> None:
            known = {"sha256": medium.held.get(notice_id, ""), "receipt": f"R-{notice_id}"}
            match medium.mood:
                case "publish":
                    self._say(200, {"state": "published", **known})
                case "receive":
                    self._say(202, {"state": "received", **known})
                case "refuse":
                    self._say(422, {"state": "refused", "reason": "项目编号重复"})
                case "other hash":
                    self._say(200, {"state": "published", "sha256": "0" * 64})
                case "nonsense":
                    self._say(200, b"<html>login</html>")
                case "wrong form":
                    self._say(200, {"state": "maybe", "sha256": 5})
                case "contradiction":
                    self._say(400, {"state": "published", **known})
                case "down":
                    self._say(503, b"")
                case "elsewhere":
                    self.send_response(302)
                    self.send_header("location", f"{medium.url}/notices/stolen")
                    self.send_header("content-length", "0")
                    self.end_headers()
                case "cut off":
                    self.close_connection = True
                case "endless":
                    self._say(200, b" " * (5 << 20))

        def _list(self, asked: dict[str, list[str]]) -> None:
            if medium.mood == "down":
                return self._say(503, b"")
            names = sorted(name for name in medium.held if name > asked["after"][0])[:2]
            page = [{"id": name, "sha256": medium.held[name]} for name in names]
            return self._say(200, {"notices": page, "next": names[-1] if len(names) == 2 else None})

        def _say(self, status: int, body: object) -> None:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    medium.url = f"http://127.0.0.1:{server.server_port}/medium"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield medium
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
