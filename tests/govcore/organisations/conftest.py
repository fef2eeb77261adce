"""The town of the organisations' tests, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from apps import app_for
from litestar.testing import TestClient
from town import Town, found

from govcore.platform import Platform


@pytest.fixture
def town(platform: Platform) -> Iterator[Town]:
    with TestClient(app_for(platform), base_url="http://site.example", raise_server_exceptions=False) as http:
        yield found(platform, http)
