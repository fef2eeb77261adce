"""The gate as a process of its own: one address that takes signed requests, and what it needs to judge them."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from msgspec.structs import replace

from bidding_docs import age
from bidding_docs.codes import BadSchema, ClockSkew
from govcore import dsse
from govcore.db import Database, Tx
from govcore.errors import Problem
from govcore.keys import KeyWrapper
from govcore.vault import Ed25519Signer
from trading.gate import schemas
from trading.gate.following import LogSource
from trading.gate.policy import REQUEST_TOLERANCE
from trading.gate.schemas import ANSWER_TYPE, REQUEST_TYPE, Answer, Request
from trading.gate.service import Gate, Trust, make_keys

BODY_MAX = 256 << 20
_TIMEOUT = 60
_DECODER: msgspec.json.Decoder[Request] = msgspec.json.Decoder(Request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Everything a request is judged with; the gate's clock is its own."""

    db: Database
    source: LogSource
    trust: Trust
    wrapper: KeyWrapper
    signer: Ed25519Signer
    platform_key: bytes
    keep: timedelta
    clock: Callable[[], datetime]

    def answer(self, body: bytes) -> bytes:
        """The signed answer to a signed request; `Problem` when it is not the platform that asks."""
        request = self._read(body)
        at = self.clock()
        answer = Answer(request_id=request.request_id, at=at)
        try:
            answer = self._judged(request, answer)
        except Problem as problem:
            data = problem.plain()
            answer = replace(answer, code=problem.code, data=data)
        return dsse.sign(ANSWER_TYPE, msgspec.json.encode(answer), [self.signer]).encode()

    def _read(self, body: bytes) -> Request:
        keyid = hashlib.sha256(self.platform_key).hexdigest()
        keys = {keyid: Ed25519PublicKey.from_public_bytes(self.platform_key)}
        payload = dsse.verify(dsse.Envelope.decode(body), REQUEST_TYPE, keys)
        try:
            return _DECODER.decode(payload)
        except msgspec.MsgspecError as error:
            raise BadSchema(detail="not a request to the gate") from error

    def _judged(self, request: Request, answer: Answer) -> Answer:
        if isinstance(request, schemas.AskTime):
            return answer
        apart = abs(request.at - answer.at)
        if apart > REQUEST_TOLERANCE:
            raise ClockSkew(seconds=int(apart.total_seconds()))
        with self.db.transaction() as tx:
            if isinstance(request, schemas.MakeKeys):
                return replace(answer, recipients=self._make_keys(tx, request, at=answer.at))
            return _asked(self._gate(tx), request, answer)

    def _make_keys(self, tx: Tx, request: schemas.MakeKeys, *, at: datetime) -> dict[str, str]:
        return make_keys(
            tx,
            self.wrapper,
            self.source,
            request.scope,
            request.stages,
            suite=request.suite,
            log=self.trust.log,
            at=at,
        )

    def _gate(self, tx: Tx) -> Gate:
        return Gate(
            tx=tx,
            source=self.source,
            trust=self.trust,
            wrapper=self.wrapper,
            signer=self.signer,
            keep=self.keep,
        )


def _asked(
    gate: Gate, request: schemas.ReleaseKeys | schemas.OpenAdvices | schemas.AskDestroyed, answer: Answer
) -> Answer:
    match request:
        case schemas.ReleaseKeys(scope=scope, opens=opens, evidence=evidence):
            return replace(answer, document=gate.release(scope, opens, evidence, at=answer.at).decode())
        case schemas.OpenAdvices(scope=scope, recipient=recipient):
            return replace(answer, sealed=age.encrypt_bytes(gate.advice_identity(scope), [recipient]))
        case schemas.AskDestroyed(scope=scope, opens=opens):
            return replace(answer, destroyed_at=gate.destroyed_at(scope, opens, at=answer.at))


class Server(ThreadingHTTPServer):
    """One request after the other judges; TLS and limits belong to the proxy in front of it."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], service: Service) -> None:
        super().__init__(address, _Handler)
        self.service = service
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "trading-gate"
    sys_version = ""
    timeout = _TIMEOUT
    server: Server

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(200, f"{self.server.service.signer.public_bytes.hex()}\n".encode())
        else:
            self._answer(404, b"POST /gate\n")

    def do_POST(self) -> None:
        length = self.headers.get("content-length", "")
        if self.path != "/gate" or not length.isdecimal() or int(length) > BODY_MAX:
            self.close_connection = True  # what was not read cannot be skipped
            self._answer(404 if self.path != "/gate" else 413, b"POST /gate\n")
            return
        body = self.rfile.read(int(length))
        try:
            with self.server.lock:
                answer = self.server.service.answer(body)
        except Problem as problem:
            _note("gate.not_answered", code=problem.code)
            self._answer(problem.status, f"{problem.code}\n".encode())
        else:
            self._answer(200, answer)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json" if status == 200 else "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """No line for every request: the platform asks twice a second."""


def _note(event: str, **more: object) -> None:
    line = {"timestamp": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, **more}
    print(json.dumps(line, ensure_ascii=False), file=sys.stderr, flush=True)  # noqa: T201
