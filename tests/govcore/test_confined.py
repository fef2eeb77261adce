"""What reads a stranger's file has nothing of ours and takes no more than it may."""

from __future__ import annotations

import os
import zlib

import pytest

from govcore.confined import Limits, TooMuch, value_of

SMALL = Limits(memory=256 << 20, seconds=10, answer=1 << 20)


def test_a_child_has_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_KEY", "of-the-platform")

    assert os.getenvb(b"MASTER_KEY") == b"of-the-platform"
    assert value_of(os.getenvb, b"MASTER_KEY", kind=type(None), limits=SMALL) is None


def test_a_child_that_wants_more_memory_or_says_more_than_it_may_is_ended() -> None:
    packed = {size: zlib.compress(bytes(size)) for size in (1 << 10, 2 << 20, 300 << 20)}

    assert value_of(zlib.decompress, packed[1 << 10], kind=bytes, limits=SMALL) == bytes(1 << 10)
    for too_large in (2 << 20, 300 << 20):
        with pytest.raises(TooMuch):
            value_of(zlib.decompress, packed[too_large], kind=bytes, limits=SMALL)
