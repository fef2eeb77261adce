"""The log as files: what is published, and for auditors the events with their nonces."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import msgspec

from govcore.audit import queries
from govcore.audit.note import parse_vkey
from govcore.audit.schemas import EventOut
from govcore.audit.tiles import tiles_of
from govcore.audit.tlog_policy import policy_text
from govcore.db import Tx
from govcore.errors import Problem


class EmptyLog(Problem):
    """No checkpoint was published yet."""

    code = "E_LOG_EMPTY"
    text = "The log has no checkpoint yet."


def export(tx: Tx, folder: Path, *, vkey: str, with_events: bool = True, newest: bool = False) -> int:
    """Write the log into a folder and return its size; `with_events` adds what only auditors may read.

    `checkpoint` and `tile/` are the published tree as tlog-tiles (the newest one, cosigned or not, if asked for),
    `checkpoints.jsonl` every tree head up to it, `policy` the log and its witnesses, `events.jsonl` every preimage
    or tombstone. Raises `EmptyLog`.
    """
    latest = queries.latest_checkpoint(tx) if newest else queries.published_checkpoint(tx)
    if latest is None:
        raise EmptyLog
    heads = [head for head in queries.checkpoints(tx) if head.size <= latest.size]
    folder.mkdir(parents=True, exist_ok=True)
    policy = policy_text(parse_vkey(vkey), queries.witnesses(tx))
    (folder / "policy").write_text(policy, encoding="utf-8")
    (folder / "vkey").write_text(f"{vkey}\n", encoding="utf-8")
    (folder / "checkpoint").write_text(latest.note, encoding="utf-8")
    _write_lines(folder / "checkpoints.jsonl", (_head_line(head) for head in heads))
    for ref in tiles_of(latest.size):
        path = folder / ref.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(queries.tile_bytes(tx, ref.path))
    events = folder / "events.jsonl"
    if with_events:
        events.touch(mode=0o600)
        _write_lines(events, (_event_line(logged) for logged in queries.all_events(tx, below=latest.size)))
    else:
        events.unlink(missing_ok=True)
    return latest.size


def _head_line(head: queries.Checkpoint) -> str:
    return json.dumps({"size": head.size, "note": head.note}, ensure_ascii=False)


def _event_line(logged: queries.LoggedEvent) -> str:
    return msgspec.json.encode(EventOut.of(logged)).decode()


def _write_lines(path: Path, lines: Iterable[str]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for line in lines:
            file.write(f"{line}\n")
