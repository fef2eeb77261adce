"""What states and kinds are called, as keys of the catalogue, and the colour their tag has."""

from __future__ import annotations

from trading.tender import policy

CLOSING = "closing"
"""The deadline is over and the set of bids not yet committed to: known by the clock alone."""

LOT_WORDS: dict[str, str] = {CLOSING: "Closing now"} | {
    str(state): text for state, text in policy.LOT_WORDS.items()
}

_KINDS = {
    "open": "info",
    "closing": "warning",
    "closed": "warning",
    "failed": "danger",
    "terminated": "danger",
    "cancelled": "danger",
    "awarded": "success",
    "contracted": "success",
}

SEAT_WORDS = {
    "centre": "Trading centre",
    "tenderer": "Tenderer's representative",
    "regulator": "Supervising department",
}


def lot_kind(state: str) -> str:
    """The tag's colour for a lot's state; never the only sign of it."""
    return _KINDS.get(state, "neutral")
