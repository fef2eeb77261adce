"""The scene's modules, for attacks on a whole city."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "trading"))
