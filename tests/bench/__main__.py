"""`make bench`: run every measurement and write `docs/benchmarks.md`."""

from __future__ import annotations

import importlib
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.results import Result

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"
_SOURCES = sorted(Path(__file__).parent.glob("bench_*.py"))

_INTRODUCTION = """# Benchmarks

`make bench` writes this page. Every line compares two things in one run, in turns, by their medians; only the ratio
means anything on another machine. The bars come from the design. A missed bar is shown as such.

"""


def main() -> None:
    """Run the measurements named on the command line (`age submit`), or all, which alone writes the page."""
    names = sys.argv[1:] or [file.stem.removeprefix("bench_") for file in _SOURCES]
    results: list[Result] = []
    for name in names:
        module = importlib.import_module(f"tests.bench.bench_{name}")
        notes = (module.__doc__ or "").strip()
        print(f"measuring {name}: {notes.splitlines()[0]}", flush=True)
        measured: list[Result] = module.measure()
        results += measured
        print(_table(measured), flush=True)
    if not sys.argv[1:]:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(_INTRODUCTION + _machine() + "\n" + _table(results) + _remarks(), encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")


def _table(results: list[Result]) -> str:
    lines = ["| measurement | ours | peer | ratio | bar | verdict |", "|---|---:|---:|---:|---|---|"]
    for one in results:
        peer = "-" if one.peer is None else _figure(one.peer, one.unit)
        ratio = "-" if one.ratio is None else f"{one.ratio:.2f}x"
        verdict = f"{one.verdict}, {one.note}" if one.note else one.verdict
        ours = _figure(one.ours, one.unit)
        lines.append(f"| {one.name} | {ours} | {peer} | {ratio} | {one.bar} | {verdict} |")
    return "\n".join(lines) + "\n"


def _figure(value: float, unit: str) -> str:
    return f"{value:,.2f} {unit}" if value < 10 else f"{value:,.0f} {unit}"


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "unknown")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    busy = os.getloadavg()[0]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    rows = {
        "Processor": f"{model}, {os.cpu_count()} cores",
        "Memory": f"{memory:.0f} GiB",
        "System": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        "Date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "Commit": commit.stdout.strip() or "unknown",
        "Load at the end": f"{busy:.1f} (a load above 1 a core means that others worked on the machine)",
    }
    return "".join(f"* {name}: {value}\n" for name, value in rows.items())


def _remarks() -> str:
    """What each measurement does, in the words of its own file."""
    remarks = ["\n## What is measured\n"]
    for file in _SOURCES:
        notes = importlib.import_module(f"tests.bench.{file.stem}").__doc__ or ""
        remarks.append(f"**{file.stem.removeprefix('bench_')}** - {' '.join(notes.split())}\n")
    return "\n".join(remarks)


if __name__ == "__main__":
    main()
