"""The witness over HTTP: one address to submit checkpoints to, one that names the witness."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from govcore.witness.protocol import BODY_MAX, Refused, Witness

_TIMEOUT = 15
_TEXT = "text/plain; charset=utf-8"
_SIZE = "text/x.tlog.size"


class Server(ThreadingHTTPServer):
    """Answers for one witness; TLS and limits belong to the proxy in front of it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, _Handler)
        self.witness = witness


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "trading-witness"
    sys_version = ""
    timeout = _TIMEOUT
    server: Server

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(200, f"{self.server.witness.key.vkey}\n")
        else:
            self._answer(404, "POST /add-checkpoint\n")

    def do_POST(self) -> None:
        if self.path != "/add-checkpoint":
            self._answer(404, "POST /add-checkpoint\n")
            return
        length = self.headers.get("content-length", "")
        if not length.isdecimal() or int(length) > BODY_MAX:
            self.close_connection = True  # what was not read cannot be skipped
            self._answer(413 if length.isdecimal() else 411, "send a small body with its length\n")
            return
        try:
            self._answer(200, self.server.witness.add_checkpoint(self.rfile.read(int(length))))
        except Refused as refused:
            self._note(refused)
            if refused.size is not None:
                self._answer(refused.status, f"{refused.size}\n", kind=_SIZE)
            else:
                self._answer(refused.status, f"{refused.reason}\n")

    def _answer(self, status: int, text: str, *, kind: str = _TEXT) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _note(self, refused: Refused) -> None:
        """One line for the operator; a fork is what a witness is there for."""
        line = {
            "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            "event": "witness.refused",
            "status": refused.status,
            "reason": refused.reason,
        }
        print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)  # noqa: T201

    def log_message(self, format: str, *args: object) -> None:
        """No line for what was cosigned: there is one every minute."""
