"""A time stamp authority on loopback: real RFC 3161 answers, made by `openssl ts`."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIGURATION = """
[tsa]
dir = {folder}
serial = $dir/serial
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
accuracy = secs:1
[req]
distinguished_name = name
[name]
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""


@dataclass(frozen=True, slots=True)
class StampAuthority:
    """Where it answers, and the certificate its stamps are believed by; `silent` takes requests and says nothing."""

    url: str
    certificate: Path


@contextmanager
def stamp_authority(folder: Path, *, silent: bool = False) -> Iterator[StampAuthority]:
    """Serve until the block ends."""
    configuration = folder / "tsa.cnf"
    configuration.write_text(_CONFIGURATION.format(folder=folder))
    (folder / "serial").write_text("01\n")
    certificate = folder / "tsa.pem"
    # fmt: off
    _openssl(
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", "/CN=Time stamps", "-config", configuration, "-extensions", "stamping",
        "-keyout", folder / "tsa.key", "-out", certificate,
    )
    # fmt: on
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = folder / "query.tsq"
            query.write_bytes(self.rfile.read(int(self.headers["content-length"])))
            if silent:
                ended.wait()
                return
            reply = folder / "reply.tsr"
            _openssl(
                "ts",
                "-reply",
                "-config",
                configuration,
                "-section",
                "tsa",
                "-queryfile",
                query,
                "-out",
                reply,
            )
            body = reply.read_bytes()
            self.send_response(200)
            self.send_header("content-type", "application/timestamp-reply")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield StampAuthority(f"http://127.0.0.1:{server.server_port}/tsa", certificate)
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)
