"""The whole tender as a newcomer runs it: embedded, on one machine."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from trading.demo.processes import free_port

LIMIT = 600
EXPECTED_CHECKS = {
    "sealed.opening-record",
    "sealed.award-notice",
    "sealed.circulated-notice",
    "sealed.letter-to-supervisor",
    "foreign_envelope",
    "late_bid",
    "too_few_bids",
    "seals_checked",
    "opened",
    "letters_verified",
    "evaluated",
    "evaluation_recomputed",
    "draw_replayed",
    "awarded",
    "letter_acknowledged",
    "refunded",
    "log_verified",
    "log.policy",
    "receipts_in_log",
}


def _check_summary(data: Path) -> None:
    summary: dict[str, Any] = json.loads((data / "demo" / "summary.json").read_text(encoding="utf-8"))
    states = [{bid["id"]: (bid["state"], bid["code"]) for bid in lot["bids"]} for lot in summary["lots"]]

    assert summary["schema"] == 1
    assert summary["rule_set"] == "demo"
    assert [check for check in summary["checks"] if not check["ok"]] == []
    assert {check["id"] for check in summary["checks"]} >= EXPECTED_CHECKS
    assert [(lot["state"], lot["eligible"]) for lot in summary["lots"]] == [("awarded", 4), ("failed", 2)]
    assert states[0] == {
        "bidder-1": ("replaced", None),
        "bidder-1-replaced": ("opened", None),
        "bidder-2-foreign": ("refused", "E_KEY_MANIFEST"),
        "bidder-2": ("opened", None),
        "bidder-3": ("awarded", None),
        "bidder-4": ("opened", None),
        "bidder-5": ("withdrawn", None),
        "bidder-6-late": ("refused", "E_LATE"),
    }
    assert states[1] == {"bidder-1-lot2": ("sealed", None), "bidder-2-lot2": ("sealed", None)}
    for artefact in summary["artefacts"]:
        content = (data / "demo" / artefact["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == artefact["sha256"]


def test_one_whole_tender_runs_on_the_embedded_default(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TRADING_")}

    done = subprocess.run(
        [sys.executable, "-m", "govcore", "demo", "--once", "--port", str(free_port())],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    _check_summary(tmp_path / "data")
    verified = subprocess.run(
        [sys.executable, "-m", "govcore", "audit", "verify"],
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr
