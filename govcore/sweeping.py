"""One step for each thing that a sweep finds due; what one cannot do keeps no other waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import structlog

from govcore.errors import Problem
from govcore.platform import Platform

T = TypeVar("T")
_log = structlog.get_logger()


def each(platform: Platform, due: Iterable[T], step: Callable[[Platform, T], object]) -> None:
    """Take the step for everything due; a refusal or fault is logged, and the next sweep tries that one again."""
    for one in due:
        named = {"step": f"{step.__module__}.{step.__qualname__}", "id": str(one)}
        try:
            step(platform, one)
        except Problem as problem:
            _log.error("sweep.refused", **named, code=problem.code, problem=str(problem))
        except Exception:
            _log.exception("sweep.failed", **named)
