"""Where a site's processes come from: forks of one process that has loaded all modules, and nothing else, before.

A process starts three times as fast so, and is killed and started anew as often as a test likes; what it does from
its command line on is what it would do anyway. `test_demo.py` and `test_smoke.py` start theirs from nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from multiprocessing import get_context, set_start_method
from multiprocessing.process import BaseProcess
from pathlib import Path

_context = get_context("forkserver")
_context.set_forkserver_preload(["tests.e2e.crashing"])


def start(arguments: Sequence[str], *, environ: Mapping[str, str], log: Path) -> BaseProcess:
    """Run `trading …` with this environment, in a process group of its own, and let it talk to `log`."""
    process = _context.Process(target=_become, args=(tuple(arguments), dict(environ), str(log)))
    process.start()
    while process.pid is not None and os.getpgid(process.pid) != process.pid:
        time.sleep(0.002)
    return process


def _become(arguments: tuple[str, ...], environ: Mapping[str, str], log: str) -> None:
    os.setsid()
    set_start_method("fork", force=True)  # the web server makes its own processes as it does elsewhere
    sink = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(sink, stream)
    os.environ.clear()
    os.environ.update(environ)
    from tests.e2e import crashing

    crashing.main(arguments, prog_name="trading")
