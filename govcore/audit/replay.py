"""What an auditor checks in the events themselves: preimages, covers, instants, promises, closings."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from govcore.audit.entries import (
    CLOCK_SET_BACK,
    COVER,
    ERASED,
    EntryError,
    entry_bytes,
    parse_event,
    parse_time,
)
from govcore.audit.policy import PROMISE, instant_before
from govcore.audit.tree import leaf_hash

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_SECOND = timedelta(seconds=1)
"""Times in the log are rounded down to seconds."""


class Fault(Exception):
    """Something in the log is not as it must be; the text names it."""


@dataclass(frozen=True, slots=True)
class Preimage:
    """An entry's event; only the leaf is left after an erasure."""

    index: int
    leaf: bytes
    erased: bool
    type: str = ""
    at: datetime = _BEGINNING
    data: Mapping[str, object] | None = None

    def text(self, name: str) -> str:
        return str((self.data or {}).get(name))


@dataclass(frozen=True, slots=True)
class _Batch:
    """The entries between two checkpoints, with what their covers say about them."""

    instant: datetime
    interval: timedelta
    forced: bool
    events: Sequence[Preimage]


def check_preimages(lines: Sequence[bytes], entries: Sequence[bytes]) -> list[Preimage]:
    """Every entry has its event and nonce, or a tombstone that a logged `audit.erased` names."""
    found = [_preimage(index, line, entries) for index, line in enumerate(lines)]
    if len(found) != len(entries):
        raise Fault(f"entry {min(len(found), len(entries))}: {len(found)} events for {len(entries)} entries")
    named = {event.text("leaf") for event in found if event.type == ERASED}
    for event in found:
        if event.erased and event.leaf.hex() not in named:
            raise Fault(f"entry {event.index} has no event, and no {ERASED} names it")
    return found


def _preimage(index: int, line: bytes, entries: Sequence[bytes]) -> Preimage:
    if index >= len(entries):
        raise Fault(f"entry {index}: an event without an entry")
    try:
        raw = json.loads(line)
        if raw["index"] != index:
            raise Fault(f"entry {index}: the event of entry {raw['index']} stands in its place")
        leaf = leaf_hash(entries[index])
        if raw["leaf"] != leaf.hex():
            raise Fault(f"entry {index} has another leaf hash in events.jsonl")
        if raw.get("erased", False):
            return Preimage(index, leaf, True)
        event, nonce = raw["event"].encode(), raw.get("nonce")
        entry = entry_bytes(event, None if nonce is None else bytes.fromhex(nonce))
        parsed = parse_event(event)
        at = parse_time(str(parsed["at"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Fault(f"entry {index}: its line in events.jsonl cannot be read ({error})") from error
    if entry != entries[index]:
        raise Fault(f"entry {index} is not the entry of its event and nonce")
    data = parsed["data"]
    assert isinstance(data, dict)  # parse_event has checked it
    return Preimage(index, leaf, False, str(parsed["type"]), at, data)


def check_batches(events: Sequence[Preimage], sizes: Sequence[int], warnings: list[str]) -> str:
    """Instants in order, whole buckets, and every event logged within its promise.

    The promise counts instants: while the log stands still none passes, and that is told as a warning; before the
    log's first ones there is nothing to count. After a logged jump of the clock back, events are as old as it says,
    and that is told too.
    """
    count, last = 0, None
    instants: deque[datetime] = deque(maxlen=PROMISE)
    for batch in _batches(events, sizes):
        _check_rhythm(batch, last, warnings)
        young = len(instants) < PROMISE
        instants.extend(_jumps_back(batch, warnings))
        promised = batch.instant - PROMISE * batch.interval
        _check_promise(batch, _BEGINNING if young else min(promised, *instants) - _SECOND)
        if not batch.forced:
            instants.append(batch.instant)
        count, last = count + 1, batch
    covers = sum(1 for event in events if event.type == COVER)
    return f"{count} instants, {covers} covers among {len(events)} entries"


def _batches(events: Sequence[Preimage], sizes: Sequence[int]) -> Iterator[_Batch]:
    start = 0
    for size in sizes:
        inside = events[start:size]
        told = {(event.at, *_rhythm(event)) for event in inside if event.type == COVER}
        where = f"entries {start} to {size - 1}"
        if len(told) != 1:
            raise Fault(f"{where}: their covers tell {len(told)} instants instead of one")
        instant, bucket, interval, forced = next(iter(told))
        if (size - start) % bucket or (not forced and size - start != bucket):
            raise Fault(f"{where} are not a bucket of {bucket}")
        yield _Batch(instant, timedelta(milliseconds=interval), forced, inside)
        start = size


def _rhythm(cover: Preimage) -> tuple[int, int, bool]:
    data = cover.data or {}
    bucket, interval, forced = data.get("bucket"), data.get("interval_ms"), data.get("forced")
    if not (isinstance(bucket, int) and isinstance(interval, int) and isinstance(forced, bool)):
        raise Fault(f"entry {cover.index}: the cover does not tell its bucket and interval")
    if bucket < 1 or interval < 1:
        raise Fault(f"entry {cover.index}: the cover tells an impossible bucket or interval")
    return bucket, interval, forced


def _check_rhythm(batch: _Batch, last: _Batch | None, warnings: list[str]) -> None:
    first = batch.events[0].index
    if not batch.forced and batch.instant - instant_before(batch.instant, interval=batch.interval) >= _SECOND:
        raise Fault(f"entry {first}: the instant {batch.instant:%FT%TZ} is not one of the fixed ones")
    if last is None:
        return
    if batch.instant < last.instant:
        raise Fault(f"entry {first}: the instant {batch.instant:%FT%TZ} comes after {last.instant:%FT%TZ}")
    if batch.instant - last.instant > batch.interval + _SECOND:
        warnings.append(f"the log stood still from {last.instant:%FT%TZ} to {batch.instant:%FT%TZ}")


def _jumps_back(batch: _Batch, warnings: list[str]) -> Iterator[datetime]:
    """The times to which the clock was set back, as the log itself tells."""
    for event in batch.events:
        if event.type == CLOCK_SET_BACK:
            try:
                clock = parse_time(event.text("clock"))
            except EntryError as error:
                raise Fault(f"entry {event.index} does not tell to when the clock was set back") from error
            warnings.append(f"the clock was set back from {event.at:%FT%TZ} to {clock:%FT%TZ}")
            yield clock


def _check_promise(batch: _Batch, bound: datetime) -> None:
    for event in batch.events:
        if event.erased:
            continue
        if event.at > batch.instant:
            raise Fault(f"entry {event.index} ({event.type}) is dated after its instant")
        if event.at < bound:
            raise Fault(
                f"entry {event.index} ({event.type}) is back-dated or broke its promise: {event.at:%FT%TZ}"
            )


def check_closings(events: Sequence[Preimage], roots: Mapping[int, bytes]) -> str:
    """One `tender.closed` per lot and round, and each names a checkpoint of this log."""
    closed: dict[tuple[str, ...], int] = {}
    for event in events:
        if event.type != "tender.closed":
            continue
        lot = tuple(event.text(name) for name in ("tender_id", "lot_id", "round"))
        if lot in closed:
            raise Fault(f"entry {event.index} closes the lot {lot[1]} again, after entry {closed[lot]}")
        closed[lot] = event.index
        size = (event.data or {}).get("cp_size")
        root = roots.get(size) if isinstance(size, int) else None
        if (
            root is None
            or not isinstance(size, int)
            or size > event.index
            or event.text("cp_root") != root.hex()
        ):
            raise Fault(f"entry {event.index} closes the lot {lot[1]} with an unknown checkpoint")
    return f"{len(closed)} lots closed, each once"
