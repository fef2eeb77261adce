"""A step of a computation, for those who want to see how a value came about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from trading.evaluation.scoring.exact import ratio


@dataclass(frozen=True, slots=True)
class Step:
    """What was done (`name`), to what (`of`: an id), from which values, and the exact value that came out."""

    name: str
    value: Fraction | str | None
    of: str | None = None
    inputs: tuple[tuple[str, Fraction], ...] = ()

    def document(self) -> dict[str, object]:
        """The step as JSON; numbers are exact fractions."""
        return {
            "step": self.name,
            "of": self.of,
            "value": ratio(self.value) if isinstance(self.value, Fraction) else self.value,
            "inputs": [{"id": name, "value": ratio(value)} for name, value in self.inputs],
        }


def step(
    name: str,
    value: Fraction | str | None,
    *,
    of: str | None = None,
    inputs: Iterable[tuple[str, Fraction]] = (),
) -> Step:
    """A step with its inputs in order."""
    return Step(name, value, of, tuple(inputs))
