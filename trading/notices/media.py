"""The port to statutory media: signed messages over HTTP to the addresses of the settings and to no others.

What a medium answers is somebody else's word: it is read up to a limit, must have the agreed form, and counts only
with the hash of exactly what was sent.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Protocol, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from govcore.audit.entries import time_text
from govcore.media import Medium

PATIENCE = 15.0
ANSWER_MAX = 4 << 20
PAGES_MAX = 500
_TRY_AGAIN = frozenset({408, 409, 425, 429})

T = TypeVar("T")
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
Short = Annotated[str, msgspec.Meta(max_length=200)]


class NoAnswer(RuntimeError):
    """The medium did not answer as agreed, so it is asked again; the sentence is a key of the catalogue."""


class Answer(msgspec.Struct, frozen=True):
    """What a medium says of a notice; other members of its answer are its own business."""

    state: Literal["received", "published", "refused"]
    sha256: Short = ""
    receipt: Short = ""
    reason: Short = ""


class Held(msgspec.Struct, frozen=True):
    """A notice that a medium has."""

    id: Annotated[str, msgspec.Meta(max_length=64)]
    sha256: Digest


class _Page(msgspec.Struct, frozen=True):
    notices: list[Held]
    next: Annotated[str, msgspec.Meta(max_length=200)] | None = None


class Port(Protocol):
    """A medium; every method raises `NoAnswer`."""

    def push(self, notice_id: str, body: bytes, *, at: datetime) -> Answer:
        """Hand a notice over; the same one as often as need be."""
        ...

    def ask(self, notice_id: str, *, at: datetime) -> Answer:
        """What became of a notice that was received."""
        ...

    def held_on(self, day: date, *, at: datetime) -> Mapping[str, str]:
        """The hashes of the notices that the medium has of a day in Beijing, by id."""
        ...


@dataclass(frozen=True, slots=True)
class HttpMedium:
    """A medium that speaks the form in docs/guide/notices.md."""

    medium: Medium

    def push(self, notice_id: str, body: bytes, *, at: datetime) -> Answer:
        return self._call("PUT", f"/notices/{quote(notice_id, safe='')}", body, key=notice_id, at=at)

    def ask(self, notice_id: str, *, at: datetime) -> Answer:
        return self._call("GET", f"/notices/{quote(notice_id, safe='')}", b"", key=notice_id, at=at)

    def held_on(self, day: date, *, at: datetime) -> Mapping[str, str]:
        found: dict[str, str] = {}
        after = ""
        for _ in range(PAGES_MAX):
            path = f"/notices?day={day.isoformat()}&after={quote(after, safe='')}"
            page = _read(self._send("GET", path, b"", key=f"day/{day.isoformat()}", at=at)[1], _Page)
            found |= {one.id: one.sha256 for one in page.notices}
            if not page.next:
                return found
            after = page.next
        raise NoAnswer("the medium's list has no end")

    def _call(self, method: str, path: str, body: bytes, *, key: str, at: datetime) -> Answer:
        status, content = self._send(method, path, body, key=key, at=at)
        answer = _read(content, Answer)
        if 400 <= status < 500 and answer.state != "refused":
            raise NoAnswer("the medium's answer contradicts itself")
        return answer

    def _send(self, method: str, path: str, body: bytes, *, key: str, at: datetime) -> tuple[int, bytes]:
        said, address = time_text(at), self.medium.url.rstrip("/") + path
        headers = {
            "authorization": f"Bearer {self.medium.token}",
            "content-type": "application/json",
            "idempotency-key": key,
            "x-timestamp": said,
            "x-signature": signature(self.medium.secret, method, address, said, body),
        }
        try:
            with (
                httpx.Client(timeout=PATIENCE, follow_redirects=False) as client,
                client.stream(method, address, content=body, headers=headers) as answer,
            ):
                content = b""
                for piece in answer.iter_bytes():
                    content += piece
                    if len(content) > ANSWER_MAX:
                        raise NoAnswer("the medium's answer is too long")
        except httpx.HTTPError as error:
            raise NoAnswer("the medium did not answer") from error
        if answer.status_code in _TRY_AGAIN or not (
            200 <= answer.status_code < 300 or 400 <= answer.status_code < 500
        ):
            raise NoAnswer("the medium cannot take anything now")
        return answer.status_code, content


def signature(secret: str, method: str, address: str, said: str, body: bytes) -> str:
    """HMAC-SHA256, in hex, of method, whole address, time and the body's hash, a line each."""
    lines = "\n".join((method, address, said, hashlib.sha256(body).hexdigest()))
    return hmac.new(secret.encode(), lines.encode(), hashlib.sha256).hexdigest()


def _read(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as error:
        raise NoAnswer("the medium's answer cannot be understood") from error
