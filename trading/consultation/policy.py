"""When suppliers were heard alike, and who remains (财库〔2014〕214号)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

NOTES_MAX = 4000
CHANGES_MAX = 8000
REASON_MAX = 500


def remaining(passing: Iterable[str], gone: Collection[str]) -> list[str]:
    """The responses that meet what is asked and whose suppliers did not leave, in the order given."""
    return [one for one in passing if one not in gone]


def unheard(stay: Iterable[str], heard: Collection[str]) -> list[str]:
    """Those that the group has not talked with yet: all are given the same chance (214号 art. 19)."""
    return [one for one in stay if one not in heard]
