"""What states and kinds are called, as keys of the catalogue, and the colour their tag has."""

from __future__ import annotations

LOT_WORDS = {
    "draft": "Draft",
    "open": "Open for bids",
    "closing": "Closing now",
    "closed": "Being opened",
    "failed": "Failed: too few bids",
    "opened": "Opened, under evaluation",
    "prequalified": "Prequalification ended",
    "evaluated": "Evaluated",
    "publicity": "Candidates published",
    "awarded": "Awarded",
    "contracted": "Contract signed",
    "terminated": "Terminated",
    "cancelled": "Cancelled by order",
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
