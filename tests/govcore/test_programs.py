"""The programs that pages load stand in the log, in clear, once for every set of them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from hashlib import sha256

from apps import app_for
from litestar.testing import TestClient
from msgspec.structs import replace

from govcore import clock
from govcore.audit import queries as audit
from govcore.audit.entries import parse_event
from govcore.audit.service import integrate
from govcore.platform import Platform
from govcore.web.bundles import APP, BUNDLES, Bundle
from govcore.web.queries import PUBLISHED, hashes
from govcore.web.service import publish_programs

PATH = {"PATH": os.environ["PATH"]}
OLDER = {**BUNDLES, "seal.js": replace(BUNDLES["seal.js"], sha256="0" * 64)}


def publish(platform: Platform, bundles: Mapping[str, Bundle]) -> bool:
    with platform.db.transaction() as tx:
        return publish_programs(tx, bundles, version="1", at=clock.now(tx))


def grow(platform: Platform) -> None:
    """An instant of the log, at which everything said so far gets into the tree."""
    key, settings = platform.keys.log_signer, platform.settings
    with platform.db.transaction() as tx:
        integrate(
            tx,
            signer=key,
            origin=settings.log_origin,
            bucket=settings.log_bucket,
            at=clock.now(tx),
            forced=True,
        )


def logged(platform: Platform) -> list[dict[str, object]]:
    """The entries about programs that the public log holds in clear, oldest first."""
    with platform.db.transaction() as tx:
        found = [one for one in audit.all_events(tx, below=10**6) if one.type == PUBLISHED]
    assert all(one.public for one in found)
    return [parse_event(one.event or b"") for one in found]


def test_a_set_of_programs_is_logged_once_in_clear_and_again_when_it_changes(platform: Platform) -> None:
    said = [publish(platform, OLDER), publish(platform, OLDER)]
    grow(platform)
    said += [publish(platform, OLDER), publish(platform, BUNDLES), publish(platform, BUNDLES)]
    grow(platform)

    first, second = logged(platform)
    assert said == [True, False, False, True, False]
    assert first["data"] == {"version": "1", "programs": hashes(OLDER)}
    assert second["data"] == {"version": "1", "programs": hashes(BUNDLES)}


def test_the_entry_names_the_very_files_that_are_served_as_sha256sum_lists_them(platform: Platform) -> None:
    publish(platform, BUNDLES)
    grow(platform)

    (entry,) = logged(platform)
    command = ["sh", "-c", "sha256sum *.js"]
    listing = subprocess.run(command, cwd=APP, env={"LC_ALL": "C"} | PATH, capture_output=True, check=True)
    assert entry["subject"] == sha256(listing.stdout).hexdigest()
    with TestClient(app_for(platform)) as http:
        served = {file: sha256(http.get(one.url).content).hexdigest() for file, one in BUNDLES.items()}
    assert entry["data"] == {"version": "1", "programs": served}


def test_the_log_s_page_says_which_of_the_served_programs_the_log_names(platform: Platform) -> None:
    shown = []
    for step in (None, OLDER, BUNDLES):
        if step:
            publish(platform, step)
        with TestClient(app_for(platform), cookies={"lang": "en"}) as http:
            page = http.get("/verify/log").text
        rows = re.findall(
            r'download="([a-z-]+\.js)".*?(not in the log yet|in the log)</span>', page, re.DOTALL
        )
        shown.append({file for file, state in rows if state == "in the log"})

    assert shown == [set(), set(BUNDLES) - {"seal.js"}, set(BUNDLES)]
