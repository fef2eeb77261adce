"""Bech32 (BIP 173) without its length limit, as age writes recipients and identities."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import xor

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    """Return the lower-case Bech32 string of `data` under a lower-case `prefix`."""
    values = _regroup(data, 8, 5, pad=True)
    check = _polymod([*_expand(prefix), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    tail = [(check >> 5 * (5 - place)) & 31 for place in range(6)]
    return prefix + "1" + "".join(_ALPHABET[value] for value in [*values, *tail])


def decode(text: str) -> tuple[str, bytes]:
    """Return the prefix in the case it was written and the data; ValueError for anything not canonical."""
    if text.lower() != text and text.upper() != text:
        raise ValueError("mixed case")
    prefix, mark, rest = text.rpartition("1")
    if not mark or not prefix or len(rest) < 6 or not all(33 <= ord(sign) <= 126 for sign in text):
        raise ValueError("not a Bech32 string")
    values = [_ALPHABET.find(sign) for sign in rest.lower()]
    if -1 in values or _polymod([*_expand(prefix.lower()), *values]) != 1:
        raise ValueError("wrong Bech32 checksum")
    return prefix, bytes(_regroup(values[:-6], 5, 8, pad=False))


def _expand(prefix: str) -> list[int]:
    return [ord(sign) >> 5 for sign in prefix] + [0] + [ord(sign) & 31 for sign in prefix]


def _polymod(values: Iterable[int]) -> int:
    check = 1
    for value in values:
        check = (check & 0x1FFFFFF) << 5 ^ value ^ _REDUCED[check >> 25]
    return check


def _reduced(top: int) -> int:
    """What the generator adds for the five bits that a step pushes out."""
    return reduce(xor, (term for place, term in enumerate(_GENERATOR) if top >> place & 1), 0)


_REDUCED = [_reduced(top) for top in range(32)]


def _regroup(data: Iterable[int], width: int, target: int, *, pad: bool) -> list[int]:
    held, bits, groups = 0, 0, []
    for value in data:
        held = held << width | value
        bits += width
        while bits >= target:
            bits -= target
            groups.append(held >> bits & ((1 << target) - 1))
        held &= (1 << bits) - 1
    if pad and bits:
        groups.append(held << (target - bits))
    elif not pad and (bits >= width or held):
        raise ValueError("padding is not canonical")
    return groups
