"""What bidders, custodians and experts run on their own machines starts at once: it loads nothing of the platform."""

from __future__ import annotations

import subprocess
import sys

OWN_SIDE = (
    "bidding_docs.openers",
    "trading.bidding.sealing",
    "trading.bidding.sending",
    "trading.evaluation.signature_checks",
    "trading.evaluation.signing",
    "trading.opening.custody",
    "trading.tender.signing",
)
PLATFORM = ("celery", "litestar", "pyhanko", "reportlab", "sqlalchemy")
PROGRAM = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(name)
print(*sorted(set(sys.argv[2].split()) & set(sys.modules)))
"""


def test_commands_of_the_own_side_load_neither_database_nor_server() -> None:
    command = [sys.executable, "-c", PROGRAM, " ".join(OWN_SIDE), " ".join(PLATFORM)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
