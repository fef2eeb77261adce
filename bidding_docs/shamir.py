"""Shamir's secret sharing, bytewise over GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (0x11B).

A share is the points' values followed by their common x, one byte, so a 32-byte secret gives 33-byte shares. Shares
carry no check of their own: whoever combines them must compare commitments and the public key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_ORDER = 255


def _tables() -> tuple[bytes, bytes]:
    exponents, logarithms = bytearray(2 * _ORDER), bytearray(256)
    value = 1
    for power in range(_ORDER):
        exponents[power] = exponents[power + _ORDER] = value
        logarithms[value] = power
        doubled = value << 1 ^ (0x11B if value & 0x80 else 0)
        value = doubled ^ value
    return bytes(exponents), bytes(logarithms)


_EXP, _LOG = _tables()


def split(secret: bytes, *, k: int, n: int, token_bytes: Callable[[int], bytes]) -> list[bytes]:
    """Return n shares of which any k give the secret back and fewer tell nothing; 1 <= k <= n <= 255."""
    if not 1 <= k <= n <= _ORDER or not secret:
        raise ValueError("k and n must satisfy 1 <= k <= n <= 255 and the secret must not be empty")
    # Rows of coefficients, constant term first: row 0 is the secret itself.
    rows = [secret, *(token_bytes(len(secret)) for _ in range(k - 1))]
    return [_evaluate(rows, x) + bytes([x]) for x in _abscissae(n, token_bytes)]


def combine(shares: Sequence[bytes]) -> bytes:
    """Return the secret from at least k shares; ValueError when they cannot belong together."""
    points = [share[-1] for share in shares if share]
    lengths = {len(share) for share in shares}
    if not points or len(lengths) != 1 or lengths == {1} or 0 in points or len(set(points)) != len(shares):
        raise ValueError("shares differ in length, or their x is zero or repeated")
    secret, size = 0, lengths.pop() - 1
    for share, weight in zip(shares, _weights(points), strict=True):
        secret ^= int.from_bytes(share[:-1].translate(_times(weight)))
    return secret.to_bytes(size)


def _abscissae(n: int, token_bytes: Callable[[int], bytes]) -> list[int]:
    """Draw a shuffle of 1 to 255 without bias, so that x does not tell a custodian's index."""
    pool = list(range(1, _ORDER + 1))
    chosen: list[int] = []
    while len(chosen) < n:
        drawn = token_bytes(1)[0]
        if drawn < 256 - 256 % len(pool):
            chosen.append(pool.pop(drawn % len(pool)))
    return chosen


def _evaluate(rows: Sequence[bytes], x: int) -> bytes:
    out, size, times = 0, len(rows[0]), _times(x)
    for row in reversed(rows):
        out = int.from_bytes(out.to_bytes(size).translate(times)) ^ int.from_bytes(row)
    return out.to_bytes(size)


def _weights(points: Sequence[int]) -> list[int]:
    """Return Lagrange's weights for the value at zero."""
    weights = []
    for one in points:
        weight = 1
        for other in points:
            if other != one:
                weight = _product(weight, _quotient(other, other ^ one))
        weights.append(weight)
    return weights


def _product(left: int, right: int) -> int:
    return _EXP[_LOG[left] + _LOG[right]] if left and right else 0


def _times(weight: int) -> bytes:
    """Every value's product with a weight that is not zero, as a table for `bytes.translate`."""
    start = _LOG[weight]
    return b"\0" + _LOG[1:].translate(_EXP[start : start + 256])


def _quotient(left: int, right: int) -> int:
    return _EXP[_LOG[left] + _ORDER - _LOG[right]]
