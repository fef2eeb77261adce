"""The demo's tender on PostgreSQL, Redis and S3, with separate processes: as `deploy/smoke.sh` runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_same_tender_runs_on_production_parts(tmp_path: Path) -> None:
    environ = {**os.environ, "SMOKE_BIN": str(Path(sys.executable).parent), "TMPDIR": str(tmp_path)}
    tmp_path.chmod(0o755)

    done = subprocess.run(
        ["bash", "deploy/smoke.sh"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=600
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "checks hold on PostgreSQL, Redis and S3" in done.stdout
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []
