"""A platform that pushes its notices to one medium on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import platforms
import pytest
from receiver import SECRET, TOKEN, Receiver, receiver

from govcore.media import Medium
from govcore.module import Registry
from govcore.settings import Settings


@pytest.fixture(scope="session")
def running_medium() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def medium(running_medium: Receiver) -> Receiver:
    """The medium, good-tempered and empty."""
    url = running_medium.url
    running_medium.__init__(url=url)  # type: ignore[misc]
    return running_medium


@pytest.fixture
def settings(registry: Registry, database_url: str, tmp_path: Path, running_medium: Receiver) -> Settings:
    named = Medium(
        id="province",
        name="省招标投标公共服务平台",
        url=running_medium.url,
        token=TOKEN,
        secret=SECRET,
        since=date(2020, 1, 1),
    )
    return replace(platforms.settings_for(database_url, tmp_path / "data"), media=(named,))
