"""A load generator in a process of its own: prepared requests over keep-alive connections.

`python -m tests.bench.load PORT CONNECTIONS FILE` sends every request of FILE (a JSON list of texts) once and
prints the seconds it took; it fails when an answer is not 201.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path


async def send_all(port: int, connections: int, requests: list[bytes]) -> float:
    """Seconds from the first byte sent to the last answer; connecting is not counted."""
    waiting = iter(requests)
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    start = time.perf_counter()
    await asyncio.gather(*(_send(reader, writer, waiting) for reader, writer in streams))
    seconds = time.perf_counter() - start
    for _, writer in streams:
        writer.close()
    return seconds


async def _send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waiting: Iterator[bytes]) -> None:
    for request in waiting:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b" 201 " not in head.split(b"\r\n")[0]:
            raise AssertionError(head.decode() + body.decode())


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[3]).read_text())
    print(asyncio.run(send_all(int(sys.argv[1]), int(sys.argv[2]), [one.encode() for one in given])))
