"""Reading what a paper carries; whoever only reads needs none of what sets papers."""

from __future__ import annotations

import re

_CARRIED = re.compile(rb"/Keywords \((\{[^()\\]*\})\)")


def carried_by(pdf: bytes) -> bytes | None:
    """The message that one of our PDFs carries in its keywords; nothing when it carries none."""
    found = _CARRIED.search(pdf)
    return found.group(1) if found else None
