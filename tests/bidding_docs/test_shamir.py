"""Shares against slow arithmetic written another way: carry-less products and inverses by search."""

from __future__ import annotations

import os
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bidding_docs import shamir


def times(left: int, right: int) -> int:
    product = 0
    for bit in range(8):
        if right >> bit & 1:
            product ^= left << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << (bit - 8)
    return product


def inverse(value: int) -> int:
    return next(other for other in range(1, 256) if times(value, other) == 1)


def interpolate(shares: list[bytes]) -> bytes:
    out = bytearray(len(shares[0]) - 1)
    for share in shares:
        weight = 1
        for other in shares:
            if other is not share:
                weight = times(weight, times(other[-1], inverse(other[-1] ^ share[-1])))
        for place in range(len(out)):
            out[place] ^= times(share[place], weight)
    return bytes(out)


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=40), st.integers(1, 5), st.integers(0, 3))
def test_any_k_shares_give_the_secret_in_both_arithmetics(secret: bytes, k: int, spare: int) -> None:
    shares = shamir.split(secret, k=k, n=k + spare, token_bytes=os.urandom)

    assert len({share[-1] for share in shares} - {0}) == k + spare
    assert {len(share) for share in shares} == {len(secret) + 1}
    for chosen in combinations(shares, k):
        assert shamir.combine(chosen) == secret
        assert interpolate(list(chosen)) == secret


@settings(max_examples=30)
@given(st.binary(min_size=8, max_size=8), st.binary(min_size=8, max_size=8))
def test_fewer_than_k_shares_fit_every_other_secret_as_well(secret: bytes, other: bytes) -> None:
    share = shamir.split(secret, k=2, n=3, token_bytes=os.urandom)[0]
    x = share[-1]
    slope = bytes(times(a ^ b, inverse(x)) for a, b in zip(share[:-1], other, strict=True))
    far = x % 255 + 1

    second = bytes(times(a, far) ^ b for a, b in zip(slope, other, strict=True)) + bytes([far])

    assert shamir.combine([share, second]) == other


def test_the_secret_of_two_hundred_and_fifty_five_custodians_comes_back() -> None:
    shares = shamir.split(b"key", k=200, n=255, token_bytes=os.urandom)

    assert shamir.combine(shares[55:]) == b"key"


@pytest.mark.parametrize(
    "shares", [[], [b""], [b"ab\x00"], [b"ab\x01", b"cd\x01"], [b"ab\x01", b"cde\x02"], [b"\x01"]]
)
def test_shares_that_cannot_belong_together_are_refused(shares: list[bytes]) -> None:
    with pytest.raises(ValueError, match="shares differ"):
        shamir.combine(shares)


@pytest.mark.parametrize(("k", "n"), [(0, 3), (4, 3), (2, 256)])
def test_an_impossible_policy_is_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="k and n"):
        shamir.split(b"key", k=k, n=n, token_bytes=os.urandom)
