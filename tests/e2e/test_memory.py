"""Whoever reads the memory of the platform's processes before the opening finds no bid in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from running import running_site

CANARY = "只有本单位知道的施工秘诀"
PRICE = 8_274_163_59
MAP = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r")


def memory_of(pid: int) -> Iterator[bytes]:
    """What the process holds, region by region; the kernel's own pages cannot be read."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            if found := MAP.match(line):
                start, end = (int(one, 16) for one in found.groups())
                try:
                    memory.seek(start)
                    yield memory.read(end - start)
                except (OSError, OverflowError):
                    continue


def test_no_process_of_the_platform_holds_a_bid_before_the_opening(tmp_path: Path) -> None:
    plan = tmp_path / "plan.txt"
    plan.write_text(CANARY, encoding="utf-8")
    with running_site(tmp_path) as shown:
        scene, site = shown.scene, shown.site
        site.start("worker", "beat")
        mine = scene.seal("bidder-1", price_fen=PRICE, files=[("plan.txt", plan)])
        scene.submit("bidder-1", mine)
        scene.submit_all("bidder-2", "bidder-3")
        pids = site.process_ids()
        memory = [region for pid in pids for region in memory_of(pid)]

        def holding(*needles: bytes) -> list[bytes]:
            return [needle for needle in needles if any(needle in region for region in memory)]

        ciphertext = mine.manifest.parts[0].sha256.encode()
        assert len(pids) >= 3
        assert holding(ciphertext) == [ciphertext]  # what the platform may know is found this way
        secrets = [CANARY.encode(), CANARY.encode("utf-16-le"), str(PRICE).encode()]
        assert holding(*secrets) == []
