"""The last minute before a deadline, from a process of its own: prepared requests, each at its moment.

`python -m tests.bench.rush PORT FILE START` sends every request of FILE (a JSON list of [seconds, text]) that many
seconds after START (a monotonic moment), each over a connection of its own that was opened before, and prints a JSON
list of [status, seconds] in the same order.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path


async def send_all(port: int, start: float, requests: list[tuple[float, str]]) -> list[tuple[int, float]]:
    return await asyncio.gather(*(_send(port, start + after, text.encode()) for after, text in requests))


async def _send(port: int, moment: float, request: bytes) -> tuple[int, float]:
    """Status and time of one answer; the browser that waits for its minute is connected already."""
    await asyncio.sleep(max(0.0, moment - 2 - time.monotonic()))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
    begun = time.monotonic()
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    seconds = time.monotonic() - begun
    writer.close()
    return int(head.split(b" ")[1]), seconds


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[2]).read_text())
    print(json.dumps(asyncio.run(send_all(int(sys.argv[1]), float(sys.argv[3]), given))))
