"""A scanner for harmful files on loopback: clamd's INSTREAM protocol to the letter, with one signature."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file that every scanner knows; in two pieces, so that none takes this module for it."""
FOUND = "Eicar-Test-Signature"


@dataclass
class Heard:
    """What the scanner was sent, and how many bytes it takes of one file."""

    url: str = ""
    files: list[bytes] = field(default_factory=list)
    limit: int = 1 << 30


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        heard: Heard = self.server.heard  # type: ignore[attr-defined]
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
        elif command == b"zINSTREAM\0":
            self._scan(heard)
        else:
            self.wfile.write(b"UNKNOWN COMMAND\0")

    def _scan(self, heard: Heard) -> None:
        content = b""
        while size := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(size)
            if len(content) > heard.limit:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        heard.files.append(content)
        self.wfile.write(f"stream: {FOUND} FOUND\0".encode() if EICAR in content else b"stream: OK\0")


@contextmanager
def scanner(address: tuple[str, int] | str = ("127.0.0.1", 0)) -> Iterator[Heard]:
    """A scanner at a TCP address, or at the path of a socket."""
    unix = isinstance(address, str)
    kind = socketserver.ThreadingUnixStreamServer if unix else socketserver.ThreadingTCPServer
    with kind(address, _Talk) as server:
        server.daemon_threads = True
        heard = Heard(f"unix://{address}" if unix else f"tcp://127.0.0.1:{server.server_address[1]}")
        server.heard = heard  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield heard
        finally:
            server.shutdown()
            thread.join()
