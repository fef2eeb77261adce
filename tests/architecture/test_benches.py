"""Measurements are run by hand: that they still fit the code is seen here."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

BENCHES = sorted(path.stem for path in (Path(__file__).parents[1] / "bench").glob("bench_*.py"))


@pytest.mark.parametrize("name", BENCHES)
def test_a_measurement_still_finds_what_it_measures(name: str) -> None:
    assert callable(importlib.import_module(f"tests.bench.{name}").measure)
