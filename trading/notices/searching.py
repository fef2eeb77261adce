"""What an address asks the list of notices for: the same for its page, its tables, its Atom feed and its JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from trading.notices.policy import CONTENTS
from trading.notices.queries import NoticeFilter
from trading.project.policy import CATEGORY_NAMES

NAMES = ("category", "kind", "region", "words", "start", "end")
PAGES_MAX = 10**6


@dataclass(frozen=True, slots=True)
class Search:
    """A filter as it was understood, what was typed, and the dates that could not be read."""

    wanted: NoticeFilter
    typed: Mapping[str, str]
    page: int
    wrong: tuple[str, ...]

    def address(self, path: str) -> str:
        """The same search at another path, without the page."""
        kept = urlencode({name: value for name, value in self.typed.items() if value})
        return f"{path}?{kept}" if kept else path

    def page_address(self, path: str, page: int) -> str:
        kept = self.address(path)
        return f"{kept}{'&' if '?' in kept else '?'}page={page}"


def search(asked: Mapping[str, str]) -> Search:
    """Read an address; what cannot be understood is left out, and of dates that is said."""
    typed = {name: asked.get(name, "").strip()[:100] for name in NAMES}
    if typed["category"] not in CATEGORY_NAMES:
        typed["category"] = ""
    if typed["kind"] not in CONTENTS:
        typed["kind"] = ""
    if not (typed["region"].isascii() and typed["region"].isdigit()):
        typed["region"] = ""
    days = {name: _day(typed[name]) for name in ("start", "end")}
    wanted = NoticeFilter(**{name: typed[name] for name in NAMES[:4]}, **days)  # type: ignore[arg-type]
    wrong = tuple(name for name, day in days.items() if typed[name] and day is None)
    return Search(wanted, typed, _page(asked.get("page", "")), wrong)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < PAGES_MAX else 1
