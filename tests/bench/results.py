"""What a measurement reports: two numbers of one run and the limit of their ratio."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One line of the table; `peer` is None when the peer could not be run, which `note` then explains."""

    name: str
    unit: str
    ours: float
    peer: float | None
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return None if self.peer is None else self.ours / self.peer

    @property
    def bar(self) -> str:
        """The limit in words; a dash for a line that is only for comparison."""
        if self.least is not None:
            return f"at least {self.least:.1f}x"
        return "-" if self.most is None else f"at most {self.most:.1f}x"

    @property
    def verdict(self) -> str:
        if self.ratio is None:
            return "not measured"
        if self.least is None and self.most is None:
            return "for comparison"
        kept = (self.least is None or self.ratio >= self.least) and (
            self.most is None or self.ratio <= self.most
        )
        return "met" if kept else "MISSED"
