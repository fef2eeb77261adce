"""What a check of documents finds."""

from __future__ import annotations

from dataclasses import dataclass

from govcore.errors import Detail
from trading.documents.forbidden import Severity

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong or doubtful: the rule and its article, the place and its words, how to mend it."""

    rule: str
    basis: str
    severity: Severity
    place: Place
    what: Detail
    mend: Detail
    words: str = ""
    verified: bool = True

    @property
    def key(self) -> str:
        """What a reason is given for; another text at the same place is another finding."""
        return "|".join((self.rule, ".".join(self.place), self.words))
