"""The embedded broker: kombu's messages in files, made to appear and to be taken in one step each.

kombu 5.7 creates a message's file before it writes it, and its table of queues likewise: a reader in between meets
an empty file and its process dies. Here both are written under another name and renamed.
"""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any

from kombu.transport import filesystem


class Channel(filesystem.Channel):
    """Puts, takes and binds by renaming; everything else is kombu's."""

    def _put(self, queue: str, message: Any, **_: Any) -> None:  # type: ignore[override]  # kombu names it twice
        name = f"{round(monotonic() * 1000):015d}_{uuid.uuid4()}"
        _write(Path(self.data_folder_out), f"{name}.{queue}.msg", message)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name}.taken"
            try:
                os.rename(folder / name, taken)
            except FileNotFoundError:
                continue  # another worker was quicker
            payload = json.loads(taken.read_bytes())
            taken.unlink()
            return payload
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        bound = filesystem.exchange_queue_t(routing_key or "", pattern or "", queue or "")
        table = self.get_table(exchange)
        if bound not in table:
            folder = Path(self.control_folder)
            folder.mkdir(exist_ok=True)
            _write(folder, self._exchange_file(exchange).name, [bound, *table])


class Transport(filesystem.Transport):
    Channel = Channel


def _write(folder: Path, name: str, content: Any) -> None:
    unfinished = folder / f"{uuid.uuid4()}.part"
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    os.replace(unfinished, folder / name)
