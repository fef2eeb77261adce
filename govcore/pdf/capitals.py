"""Amounts in Chinese capitals (中文大写金额), which prevail over figures."""

from __future__ import annotations

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("仟", "佰", "拾", "")
_LIMIT = 10**18  # fen: below 壹万万亿元, which has no agreed word


def rmb_capitals(fen: int) -> str:
    """Write an amount as `壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分`; raise `ValueError` when negative or too large."""
    if not 0 <= fen < _LIMIT:
        raise ValueError("an amount in capitals lies between 0 and 10^16 yuan")
    yuan, rest = divmod(fen, 100)
    jiao, points = divmod(rest, 10)
    text = f"{_integer(yuan)}元" if yuan or not rest else ""
    if not rest:
        return text + "整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return text + (f"{_DIGITS[points]}分" if points else "")


def _integer(number: int) -> str:
    return _joined(number, 10**8, "亿") if number else "零"


def _joined(number: int, unit: int, word: str) -> str:
    """Spell `number` below unit squared as so many `word` and the rest, with one 零 over a gap."""
    high, low = divmod(number, unit)
    inner = _under_wan if unit == 10**4 else _under_yi
    text = inner(high) + word if high else ""
    if high and 0 < low < unit // 10:
        text += "零"
    return text + inner(low)


def _under_yi(number: int) -> str:
    return _joined(number, 10**4, "万")


def _under_wan(number: int) -> str:
    text, gap = "", False
    for digit, place in zip(f"{number:04d}", _PLACES, strict=True):
        if digit == "0":
            gap = bool(text)
            continue
        text += ("零" if gap else "") + _DIGITS[int(digit)] + place
        gap = False
    return text
