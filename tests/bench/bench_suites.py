"""Sealing and opening 256 MiB with the national suite, file to file, against the bare cipher in memory.

The peer puts every chunk through SM4-GCM of the same library, without files and threads. SM2 and SM3 take part once a
file and do not show at this size.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from bidding_docs import suites
from bidding_docs.sm import CHUNK
from tests.bench.results import Result

SIZE = 256 << 20
TURNS = 5
_MB = 1e6

_OURS = """
import os, sys
from bidding_docs import suites
verb, key, source, target = sys.argv[1:]
suite = suites.get("bs1-sm")
with open(source, "rb", buffering=0) as src, open(target, "wb", buffering=0) as dst:
    if verb == "seal":
        suite.seal_payload(src, dst, key, context=b"bench", token_bytes=os.urandom)
    else:
        suite.open_payload(src, dst, suite.parse_identity(key), context=b"bench")
"""


def measure() -> list[Result]:
    """Both directions and the bare cipher, in turns."""
    suite = suites.get("bs1-sm")
    identity, recipient = suite.generate()
    with tempfile.TemporaryDirectory(prefix="bench-suites-") as name:
        folder = Path(name)
        with (folder / "plain").open("wb") as out:
            for _ in range(SIZE >> 20):
                out.write(os.urandom(1 << 20))
        commands = {
            "seal": ["seal", recipient, f"{folder}/plain", f"{folder}/sealed"],
            "open": ["open", suite.encode_identity(identity), f"{folder}/sealed", f"{folder}/back"],
        }
        taken: dict[str, list[float]] = {"seal": [], "open": [], "cipher": []}
        for turn in range(TURNS):
            for verb, arguments in commands.items():
                os.sync()
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", _OURS, *arguments], check=True)
                taken[verb].append(time.perf_counter() - start)
            if turn == 0:
                subprocess.run(["cmp", "--silent", f"{folder}/plain", f"{folder}/back"], check=True)
            taken["cipher"].append(_cipher_seconds())
    peer = SIZE / _MB / median(taken["cipher"])
    return [
        Result(
            name=f"bs1-sm {verb}, 256 MiB, against SM4-GCM alone in memory",
            unit="MB/s",
            ours=SIZE / _MB / median(taken[verb]),
            peer=peer,
            least=0.8,
        )
        for verb in commands
    ]


def _cipher_seconds() -> float:
    key, chunk = os.urandom(16), os.urandom(CHUNK)
    start = time.perf_counter()
    for counter in range(SIZE // CHUNK):
        encryptor = Cipher(SM4(key), GCM(counter.to_bytes(12, "big"))).encryptor()
        encryptor.update(chunk)
        encryptor.finalize()
    return time.perf_counter() - start
