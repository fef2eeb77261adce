"""The port to a scanner for harmful files, in the protocol of clamd (`INSTREAM`); a site names one or has none.

Where one is named and does not answer, nothing is shown and nothing is taken: what was not scanned is not clean.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from govcore.errors import Problem

PORT = 3310
CONNECT, ANSWER = 5.0, 120.0
"""Seconds that a connection, and each step of a scan, may take."""
PIECE = 1 << 20
_LONGEST_ANSWER = 4096


class ScannerSilent(Problem):
    code = "E_SCANNER"
    status = 503
    text = (
        "The scanner for harmful files does not answer, so nothing is shown or taken. Try again in a minute."
    )


class ScannerRefused(Problem):
    """Usually a file that is larger than the scanner was set up for (`StreamMaxLength`)."""

    code = "E_SCANNER_REFUSED"
    status = 503
    text = (
        "The scanner for harmful files could not scan a file, so it is not shown or taken. It says: {answer}"
    )


class HarmfulFile(Problem):
    code = "E_HARMFUL_FILE"
    status = 422
    text = "{name} was not taken: the scanner for harmful files found {found} in it."


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where a scanner listens: `tcp://host[:port]` or `unix:///path`."""

    url: str

    def scan(self, chunks: Iterable[bytes]) -> str | None:
        """The name of what was found in a file, or nothing; raise `ScannerSilent` or `ScannerRefused`."""
        try:
            with self._connected() as link:
                link.sendall(b"zINSTREAM\0")
                for chunk in chunks:
                    for at in range(0, len(chunk), PIECE):
                        piece = chunk[at : at + PIECE]
                        link.sendall(len(piece).to_bytes(4) + piece)
                link.sendall(bytes(4))
                answer = _answer(link)
        except (BrokenPipeError, ConnectionResetError):
            raise ScannerRefused(answer="connection closed") from None
        except OSError as error:
            raise ScannerSilent from error
        return _verdict(answer)

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            with self._connected() as link:
                link.sendall(b"zPING\0")
                return _answer(link) == "PONG"
        except OSError:
            return False

    def _connected(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            link.settimeout(CONNECT)
            try:
                link.connect(parts.path)
            except OSError:
                link.close()
                raise
        else:
            link = socket.create_connection((parts.hostname or "", parts.port or PORT), timeout=CONNECT)
        link.settimeout(ANSWER)
        return link


def _answer(link: socket.socket) -> str:
    """What the scanner says, up to its null byte; raise `OSError` when it says nothing whole."""
    said = b""
    while not said.endswith(b"\0"):
        more = link.recv(_LONGEST_ANSWER)
        if not more or len(said) > _LONGEST_ANSWER:
            raise ConnectionAbortedError("no whole answer")
        said += more
    return said[:-1].decode("utf-8", "replace")


def _verdict(answer: str) -> str | None:
    _, _, verdict = answer.partition("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ScannerRefused(answer=answer[:200])
