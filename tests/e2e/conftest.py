"""The scene's modules, for tests that drive a running site."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "trading"))
