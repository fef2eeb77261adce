"""Sealing and opening 1 GiB, file to file, against Debian's `age` and against the bare cipher in memory.

Both programs are measured as whole processes, start-up included; their output is compared once.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from bidding_docs import age
from bidding_docs.age_stream import CHUNK, TAG
from tests.bench.results import Result

SIZE = 1 << 30
TURNS = 5
MEMORY_LIMIT = 96.0
_MB = 1e6

_OURS = """
import sys
from bidding_docs import age
verb, key, source, target = sys.argv[1:]
with open(source, "rb", buffering=0) as src, open(target, "wb", buffering=0) as dst:
    {"encrypt": age.encrypt, "decrypt": age.decrypt}[verb](src, dst, [key])
"""


def measure() -> list[Result]:
    """Both directions, in turns, with files in the system's folder for temporary files."""
    with tempfile.TemporaryDirectory(prefix="bench-age-") as name:
        folder = Path(name)
        plain = folder / "plain"
        _fill(plain)
        identity, recipient = age.generate()
        (folder / "key").write_text(age.encode_identity(identity) + "\n")
        age_there = shutil.which("age") is not None
        seal_ours, seal_age, open_ours, open_age = [], [], [], []
        cipher = []
        for turn in range(TURNS):
            seal_ours.append(_seconds([*_ours("encrypt", recipient), str(plain), f"{folder}/ours"]))
            if age_there:
                seal_age.append(_seconds(["age", "-r", recipient, "-o", f"{folder}/age", str(plain)]))
            cipher.append(_cipher_seconds())
            secret = age.encode_identity(identity)
            open_ours.append(_seconds([*_ours("decrypt", secret), f"{folder}/ours", f"{folder}/back"]))
            _same(turn, plain, folder / "back")
            if age_there:
                open_age.append(
                    _seconds(["age", "-d", "-i", f"{folder}/key", "-o", f"{folder}/back", f"{folder}/ours"])
                )
                _same(turn, plain, folder / "back")
        memory = _peak_memory(
            [*_ours("encrypt", recipient), str(plain), f"{folder}/ours"],
            [*_ours("decrypt", secret), f"{folder}/ours", f"{folder}/back"],
        )
    return [
        _against("age seal, 1 GiB, against `age`", seal_ours, seal_age, least=1.0),
        _against("age open, 1 GiB, against `age -d`", open_ours, open_age, least=1.0),
        _against("age seal, 1 GiB, against the cipher alone in memory", seal_ours, cipher),
        _against("age open, 1 GiB, against the cipher alone in memory", open_ours, cipher),
        Result(
            name="age, largest resident size of the process",
            unit="MB",
            ours=memory,
            peer=MEMORY_LIMIT,
            most=1.0,
            note="against the limit of 96 MB",
        ),
    ]


def _against(name: str, ours: list[float], peer: list[float], *, least: float | None = None) -> Result:
    speed = SIZE / _MB / median(peer) if peer else None
    note = "" if peer else "the command `age` is not installed"
    return Result(name=name, unit="MB/s", ours=SIZE / _MB / median(ours), peer=speed, least=least, note=note)


def _fill(path: Path) -> None:
    """Random bytes: nothing on the way can be faster by compressing them."""
    with path.open("wb") as out:
        for _ in range(SIZE >> 20):
            out.write(os.urandom(1 << 20))


def _ours(verb: str, key: str) -> list[str]:
    return [sys.executable, "-c", _OURS, verb, key]


def _seconds(command: Sequence[str]) -> float:
    target = Path(command[-1] if "-c" in command else command[command.index("-o") + 1])
    target.unlink(missing_ok=True)
    return _timed(lambda: subprocess.run(command, check=True))


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _cipher_seconds() -> float:
    """As many chunks as 1 GiB has through the AEAD, from one buffer into another."""
    aead, chunk, out = ChaCha20Poly1305(os.urandom(32)), os.urandom(CHUNK), bytearray(CHUNK + TAG)

    def work() -> None:
        for counter in range(SIZE // CHUNK):
            aead.encrypt_into(counter.to_bytes(12, "big"), chunk, None, out)

    return _timed(work)


def _same(turn: int, one: Path, other: Path) -> None:
    if turn == 0 and subprocess.run(["cmp", "--silent", one, other], check=False).returncode != 0:
        raise AssertionError("what was opened is not what was sealed")


def _peak_memory(*commands: Sequence[str]) -> float:
    """Megabytes of the largest child; run in a fresh process so that no other child counts."""
    code = (
        "import resource, subprocess, sys, json\n"
        "for command in json.loads(sys.argv[1]):\n"
        "    subprocess.run(command, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, json.dumps(commands)], check=True, capture_output=True, text=True
    )
    return int(done.stdout) * 1024 / _MB
