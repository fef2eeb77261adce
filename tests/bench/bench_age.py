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
TURNS = 7
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
        secret = age.encode_identity(identity)
        commands = {
            "seal": [*_ours("encrypt", recipient), str(plain), f"{folder}/ours"],
            "open": [*_ours("decrypt", secret), f"{folder}/ours", f"{folder}/back"],
        }
        if shutil.which("age") is not None:
            commands["age"] = ["age", "-r", recipient, "-o", f"{folder}/age", str(plain)]
            commands["age -d"] = [
                "age",
                "-d",
                "-i",
                f"{folder}/key",
                "-o",
                f"{folder}/back",
                f"{folder}/ours",
            ]
        taken: dict[str, list[float]] = {name: [] for name in (*commands, "cipher", "age", "age -d")}
        for turn in range(TURNS):
            # "open" needs what "seal" made in the first turn; from then on the order alternates.
            for name in list(commands) if turn % 2 == 0 else list(reversed(commands)):
                taken[name].append(_seconds(commands[name]))
                if turn == 0 and name in ("open", "age -d"):
                    _same(plain, folder / "back")
            taken["cipher"].append(_cipher_seconds())
        memory = _peak_memory(commands["seal"], commands["open"])
    return [
        _against("age seal, 1 GiB, against `age`", taken["seal"], taken["age"], least=1.0),
        _against("age open, 1 GiB, against `age -d`", taken["open"], taken["age -d"], least=1.0),
        _against("age seal, 1 GiB, against the cipher alone in memory", taken["seal"], taken["cipher"]),
        _against("age open, 1 GiB, against the cipher alone in memory", taken["open"], taken["cipher"]),
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
    target = Path(command[-1] if "-c" in command else command[-2])
    target.unlink(missing_ok=True)
    os.sync()  # what an earlier run left to be written must not slow this one
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


def _same(one: Path, other: Path) -> None:
    if subprocess.run(["cmp", "--silent", one, other], check=False).returncode != 0:
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
