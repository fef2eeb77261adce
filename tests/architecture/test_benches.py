"""Measurements are run by hand: that they still fit the code is seen here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCHES = sorted(path.stem for path in (ROOT / "tests" / "bench").glob("bench_*.py"))


def test_measurements_still_find_what_they_measure() -> None:
    """In a process of their own: some bring tables that are no part of the platform."""
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(f'tests.bench.{name}').measure"

    ended = subprocess.run(
        [sys.executable, "-c", program, *BENCHES], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(BENCHES) > 15
