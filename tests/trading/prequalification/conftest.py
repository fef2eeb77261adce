"""A lawful tender whose gate and witness run apart, as the gate's tests have them."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "gate"))
