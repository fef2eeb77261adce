"""A sweep's loop: what one cannot do is logged by name and keeps no other waiting."""

from __future__ import annotations

from structlog.testing import capture_logs

from govcore.errors import NotFound
from govcore.platform import Platform
from govcore.sweeping import each


def test_what_one_cannot_do_is_logged_and_the_others_are_done(platform: Platform) -> None:
    done = []

    def step(_: Platform, one: str) -> None:
        if one == "refused":
            raise NotFound
        if one == "broken":
            raise ZeroDivisionError
        done.append(one)

    with capture_logs() as logged:
        each(platform, ["first", "refused", "broken", "last"], step)

    name = f"{__name__}.{step.__qualname__}"
    assert done == ["first", "last"]
    assert [(one["event"], one["step"], one["id"]) for one in logged] == [
        ("sweep.refused", name, "refused"),
        ("sweep.failed", name, "broken"),
    ]
