"""Bech32 (BIP 173) without its length limit, as age writes recipients and identities."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import reduce
from operator import xor

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_PRINTABLE = frozenset(map(chr, range(0x21, 0x7F)))
_NONE = 255
_BASE32 = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_VALUES = bytes(_ALPHABET.find(chr(sign)) & _NONE for sign in range(256))
_FIVE_BITS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bytes(range(32)))
_SIGNS = _ALPHABET.encode().ljust(256, b"?")
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def encode(prefix: str, data: bytes) -> str:
    """Return the lower-case Bech32 string of `data` under a lower-case `prefix`."""
    values = base64.b32encode(data).rstrip(b"=").translate(_FIVE_BITS)
    check = _polymod([*_expand(prefix), *values, 0, 0, 0, 0, 0, 0]) ^ 1
    digits = bytes(check >> 5 * place & 31 for place in reversed(range(6)))
    return prefix + "1" + (values + digits).translate(_SIGNS).decode()


def decode(text: str) -> tuple[str, bytes]:
    """Return the prefix in the case it was written and the data; ValueError for anything not canonical."""
    if text.lower() != text and text.upper() != text:
        raise ValueError("mixed case")
    prefix, mark, rest = text.rpartition("1")
    if not mark or not prefix or len(rest) < 6 or not _PRINTABLE.issuperset(text):
        raise ValueError("not a Bech32 string")
    values = rest.lower().encode().translate(_VALUES)
    if _NONE in values or _polymod([*_expand(prefix.lower()), *values]) != 1:
        raise ValueError("wrong Bech32 checksum")
    size, spare = divmod(5 * (len(values) - 6), 8)
    number = int("0" + rest[:-6].lower().translate(_BASE32), 32)
    if spare >= 5 or number & (1 << spare) - 1:
        raise ValueError("padding is not canonical")
    return prefix, (number >> spare).to_bytes(size)


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
