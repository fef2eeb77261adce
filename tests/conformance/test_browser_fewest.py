"""From how many bids a lot opens, as a custodian's browser reads it in the key manifest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from bid_factories import World


@pytest.mark.parametrize(("fewest", "kept"), [(2, 2), (1, "E_SCHEMA"), (3, "E_SCHEMA")])
def test_only_a_key_manifest_that_says_so_opens_from_two_bids(
    js: Callable[..., Any], fewest: int, kept: object
) -> None:
    manifest = msgspec.json.decode(msgspec.json.encode(World().manifest()))
    manifest["policy"] |= {"fewest_bids": fewest}

    found = js(
        "try { return bs1.parseKeyManifest(bs1.encode(given)).policy.fewest_bids } catch (error) { return error.code }",
        manifest,
    )

    assert found == kept
