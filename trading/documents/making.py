"""Reads typed answers and gathers what is wrong with them, so that all of it can be told at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from govcore.errors import Detail

_WHOLE = re.compile(r"[0-9]{1,6}", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wrong:
    """An answer that does not fit: the step and field that ask for it, and what is wrong."""

    step: str
    field: str
    detail: Detail


class Maker:
    """Turns answers into values; what does not fit is kept in `wrong` and stands for nothing."""

    def __init__(self) -> None:
        self.wrong: list[Wrong] = []

    def add(self, step: str, field: str, detail: Detail) -> None:
        self.wrong.append(Wrong(step, field, detail))

    def need(self, step: str, name: str, text: str) -> str:
        if not text.strip():
            self.add(step, name, Detail("This is not answered yet."))
        return text.strip()

    def whole(self, step: str, name: str, text: str) -> int:
        given = self.need(step, name, text)
        if given and (not _WHOLE.fullmatch(given) or int(given) == 0):
            self.add(step, name, Detail("Give a whole number above nought."))
            return 0
        return int(given or 0)

    def fen(self, step: str, name: str, text: str) -> int:
        amount = self.money_of(self.need(step, name, text))
        if text.strip() and amount is None:
            self.add(step, name, Detail("Give an amount in yuan, as 1200000.00."))
        return amount or 0

    def decimal(self, step: str, name: str, text: str, *, signed: bool = False) -> str:
        """A decimal as it was typed."""
        given = self.need(step, name, text)
        if given and (not _DECIMAL.fullmatch(given) or (given[0] == "-" and not signed)):
            self.add(step, name, Detail("Give a number, as 0.5."))
            return "0"
        return given or "0"

    def percent(self, step: str, name: str, text: str) -> str:
        """A fraction of 1 that was typed in percent."""
        return f"{(Decimal(self.decimal(step, name, text.strip().rstrip('%％'))) / 100).normalize():f}"

    def percents(self, step: str, name: str, text: str) -> list[str]:
        """Fractions typed in percent, with commas between them."""
        given = [one for one in re.split(r"[,，、;；\s]+", self.need(step, name, text)) if one]
        return [self.percent(step, name, one) for one in given]

    @staticmethod
    def money_of(text: str) -> int | None:
        """An amount in yuan as fen; nothing for what is none."""
        try:
            amount = Decimal(text.strip().replace(",", "").replace("，", "")) * 100
        except InvalidOperation:
            return None
        fits = amount.is_finite() and amount == amount.to_integral_value() and 0 < amount <= 10**15
        return int(amount) if fits else None
