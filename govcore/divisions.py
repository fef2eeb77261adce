"""Divisions of GB/T 2260 by their six digits, as the data of python-stdnum has them."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum import numdb

from govcore.errors import Problem

_CODE = re.compile(r"[0-9]{6}")
_IN_FORCE = re.compile(r"(?:^|,)(?:\[\d{4}-\])?([^\[\],]+)")
"""A name without years, or with a year from which it holds and none in which it ended."""


class DivisionUnknown(Problem):
    code = "E_DIVISION"
    status = 422
    text = "GB/T 2260 has no division {division} now; give the six digits of a province, city, district or county."


@lru_cache(maxsize=4096)
def division_name(code: str) -> str:
    """The name of a division that exists now, with its province; empty for any other code."""
    if not _CODE.fullmatch(code):
        return ""
    found: dict[str, str] = {}
    for _, said in numdb.get("cn/loc").info(code):
        found |= said
    held = _IN_FORCE.search(found.get("county", ""))
    if held is None:
        return ""
    province, name = found.get("province", ""), held[1]
    return name if name == province else f"{province}{name}"


def division_text(code: str) -> str:
    """The six digits with the division's name behind them, where it has one."""
    return f"{code} {division_name(code)}".strip()


def check_division(code: str) -> str:
    """Return the six digits of a division that exists now; raise `DivisionUnknown`."""
    if not division_name(code):
        raise DivisionUnknown(division=code)
    return code
