"""Whatever somebody does to an export, the verifier refuses it and names the place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_factories import BUCKET, KEY, ORIGIN, VKEY, Key, Log, open_log

from govcore.audit import note
from govcore.audit.entries import entry_bytes, parse_time, time_text
from govcore.audit.note import COSIGNATURE, TreeHead, VerifierKey
from govcore.audit.proof import prove
from govcore.audit.tiles import TileRef, grow, pack_entry, split_bundle, tiles_of
from govcore.audit.tlog_policy import Policy, Witness, policy_text
from govcore.audit.tree import Frontier, leaf_hash
from govcore.audit.trust import Trust
from govcore.audit.verify import FORK, Report, verify_log, verify_proof

WITNESS = Key(b"w" * 32)
WITNESS_KEY = VerifierKey("regulator.example/witness", WITNESS.public_bytes, COSIGNATURE)
PINNED = Trust(origin=ORIGIN, vkey=VKEY)


@dataclass(frozen=True, repr=False)
class Export:
    """An export in memory: what its holder can change, with or without the log's key."""

    sizes: list[int]
    entries: list[bytes]
    events: list[dict[str, object]]

    def __repr__(self) -> str:
        return f"Export of {len(self.entries)}"

    @classmethod
    def read(cls, folder: Path) -> Export:
        heads = [json.loads(line) for line in (folder / "checkpoints.jsonl").read_text().splitlines()]
        size = heads[-1]["size"]
        bundles = [ref for ref in tiles_of(size) if ref.level is None]
        entries = [entry for ref in bundles for entry in split_bundle((folder / ref.path).read_bytes())]
        events = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
        return cls([head["size"] for head in heads], entries, events)

    def files(self, *, signed_for: list[bytes] | None = None, cosign: bool = False) -> dict[str, bytes]:
        """All files, consistent among themselves; the checkpoints are signed over `signed_for`."""
        entries = self.entries if signed_for is None else signed_for
        files: dict[str, bytes] = {"vkey": f"{VKEY}\n".encode()}
        frontier, lines, signed = Frontier(), [], ""
        for size in self.sizes:
            for entry in entries[frontier.size : size]:
                frontier.append(leaf_hash(entry))
            text = TreeHead(ORIGIN, size, frontier.root())
            signed = note.sign(text, KEY)
            if cosign:
                signed += note.cosign(text.text, name=WITNESS_KEY.name, signer=WITNESS, seconds=1_790_000_000)
            lines.append(json.dumps({"size": size, "note": signed}, ensure_ascii=False))
        files["checkpoint"] = signed.encode()
        files["checkpoints.jsonl"] = "\n".join(lines).encode() + b"\n"
        files["events.jsonl"] = b"".join(
            json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in self.events
        )
        return files | _tree(self.entries)

    def moved(self, order: list[int]) -> Export:
        """Entries and events in another order, numbered anew."""
        events = [{**self.events[old], "index": new} for new, old in enumerate(order)]
        return Export(self.sizes, [self.entries[old] for old in order], events)


def _tree(entries: list[bytes]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for ref in [ref for ref in tiles_of(len(entries)) if ref.level is None]:
        files[ref.path] = b"".join(map(pack_entry, entries[ref.n * 256 : ref.n * 256 + ref.width]))
    for (level, n), data in grow(size=0, edge={}, leaves=[leaf_hash(one) for one in entries]).items():
        files[TileRef(level, n, len(data) // 32).path] = data
    return files


def verify(files: dict[str, bytes], trust: Trust = PINNED) -> Report:
    return verify_log(files.get, trust)


def failures(report: Report) -> dict[str, str]:
    return {check.id: check.detail for check in report.checks if not check.ok}


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Log, Export]]:
    folder = tmp_path_factory.mktemp("mutations")
    log = open_log(f"sqlite:///{folder}/log.sqlite3")
    for number in range(14):
        log.bid(number)
        log.tick()
    log.close()
    log.tick()
    yield log, Export.read(log.write_to(folder / "log"))
    log.database.dispose()


@pytest.fixture(scope="module")
def export(honest: tuple[Log, Export]) -> Export:
    return honest[1]


def named(report: Report, place: int) -> bool:
    """Whether a failed check names the entry, or a range between two checkpoints that holds it."""
    for detail in failures(report).values():
        if re.search(rf"entry {place}\b", detail):
            return True
        for first, last in re.findall(r"entries (\d+) to (\d+)", detail):
            if int(first) <= place <= int(last):
                return True
    return False


def test_the_files_in_memory_are_accepted_before_anybody_touches_them(export: Export) -> None:
    assert failures(verify(export.files())) == {}


places = st.integers(0, 14 * BUCKET - 1)


def rebuilt(change: Callable[[Export, int, int], Export]) -> Callable[..., None]:
    """The holder of the files, without the log's key, makes everything else consistent with a change."""

    @settings(max_examples=25)
    @given(first=places, second=places)
    def run(export: Export, first: int, second: int) -> None:
        changed = change(export, first, second)

        report = verify(changed.files(signed_for=export.entries))

        assert changed.entries == export.entries or named(report, min(first, second)), failures(report)

    return run


def _deleted(export: Export, first: int, second: int) -> Export:
    place = min(first, second)
    order = [n for n in range(len(export.entries)) if n != place]
    return export.moved([*order, place])


def _swapped(export: Export, first: int, second: int) -> Export:
    order = list(range(len(export.entries)))
    order[first], order[second] = order[second], order[first]
    return export.moved(order)


def _inserted(export: Export, first: int, second: int) -> Export:
    place = min(first, second)
    text = '{"v":1,"type":"bid.received","subject":"b","at":"2026-03-02T01:05:00Z","actor":"u","data":{}}'
    nonce = bytes([place % 256]) * 32
    entry = entry_bytes(text.encode(), nonce)
    entries = [*export.entries[:place], entry, *export.entries[place:-1]]
    new = {"index": place, "leaf": leaf_hash(entry).hex(), "event": text, "nonce": nonce.hex()}
    later = [{**one, "index": n} for n, one in enumerate(export.events[place:-1], start=place + 1)]
    return Export(export.sizes, entries, [*export.events[:place], new, *later])


def _changed(export: Export, first: int, second: int) -> Export:
    place = min(first, second)
    return _with_event(
        export, place, str(export.events[place]["event"]).replace('"actor":"', '"actor":"x', 1)
    )


test_a_deleted_entry_is_named = rebuilt(_deleted)
test_two_exchanged_entries_are_named = rebuilt(_swapped)
test_an_inserted_entry_is_named = rebuilt(_inserted)
test_a_changed_entry_is_named = rebuilt(_changed)


@settings(max_examples=40)
@given(data=st.data())
def test_one_changed_byte_anywhere_is_refused(export: Export, data: st.DataObject) -> None:
    files = export.files()
    path = data.draw(st.sampled_from(sorted(set(files) - {"vkey"})))
    place = data.draw(st.integers(0, len(files[path]) - 1))
    files[path] = files[path][:place] + bytes([files[path][place] ^ 1]) + files[path][place + 1 :]

    assert not verify(files).ok, (path, place)


@settings(max_examples=20)
@given(chosen=st.integers(0, 99), minutes=st.integers(12, 500_000))
def test_a_back_dated_event_is_named_even_when_the_holder_of_the_key_signs_it(
    export: Export, chosen: int, minutes: int
) -> None:
    young = 11 * BUCKET  # before its first ten instants a log promises nothing
    real = [
        n for n, event in enumerate(export.events) if "log.cover" not in str(event["event"]) and n >= young
    ]
    place = real[chosen % len(real)]
    event = json.loads(str(export.events[place]["event"]))
    event["at"] = time_text(parse_time(event["at"]) - timedelta(minutes=minutes))
    changed = _with_event(export, place, json.dumps(event, ensure_ascii=False, separators=(",", ":")))

    found = failures(verify(changed.files()))

    assert found["instants"].startswith(f"entry {place} ({event['type']}) is back-dated")


def _with_event(export: Export, place: int, text: str) -> Export:
    """Another event with the same nonce, and everything that follows from it."""
    old = export.events[place]
    nonce = old.get("nonce")
    entry = entry_bytes(text.encode(), bytes.fromhex(str(nonce)) if nonce else None)
    entries = [*export.entries[:place], entry, *export.entries[place + 1 :]]
    event = {**old, "event": text, "leaf": leaf_hash(entry).hex()}
    return Export(export.sizes, entries, [*export.events[:place], event, *export.events[place + 1 :]])


def test_a_policy_demands_the_witness_on_the_newest_checkpoint(export: Export) -> None:
    policy = Policy.parse(policy_text(VKEY, [Witness("http://w.example", WITNESS_KEY, required=True)]))
    trust = Trust(policy=policy)
    cosigned, bare = export.files(cosign=True), export.files()
    mixed = {**cosigned, **{name: bare[name] for name in ("checkpoint",)}}
    lines = cosigned["checkpoints.jsonl"].splitlines()[:-1] + bare["checkpoints.jsonl"].splitlines()[-1:]
    mixed["checkpoints.jsonl"] = b"\n".join(lines) + b"\n"
    size = len(export.entries)

    assert (failures(verify(cosigned, trust)), verify(cosigned, trust).warnings) == ({}, ())
    assert failures(verify(bare, trust)) == {
        "policy": f"the quorum {WITNESS_KEY.name} did not cosign the checkpoint of size {size}; "
        "no checkpoint is covered"
    }
    assert failures(verify(mixed, trust)) == {
        "policy": f"the quorum {WITNESS_KEY.name} did not cosign the checkpoint of size {size}; "
        f"covered up to size {size - BUCKET} of {size}"
    }


def test_a_log_of_another_key_than_the_policys_is_refused(export: Export) -> None:
    other = Policy.parse(policy_text(VerifierKey(ORIGIN, Key(b"o" * 32).public_bytes), []))

    assert "signatures" in failures(verify(export.files(), Trust(policy=other)))


def test_a_proof_from_an_export_carries_the_event_and_checks(honest: tuple[Log, Export]) -> None:
    log, export = honest
    leaf = bytes.fromhex(log.leaves[5].hash)
    text = prove(export.files(cosign=True).get, leaf)
    witnessed = Trust(vkey=VKEY, witnesses=(WITNESS_KEY,))

    assert verify_proof(text, witnessed, receipt=leaf).ok
    assert verify_proof(text, witnessed).ok  # the event inside tells the leaf
    assert verify_proof(text, PINNED).warnings != ()
    assert failures(verify_proof(text, PINNED, receipt=bytes(32))) == {
        "proof": "the receipt's leaf is not that of the event in the proof"
    }
    public = prove({k: v for k, v in export.files().items() if k != "events.jsonl"}.get, leaf)
    assert verify_proof(public, PINNED, receipt=leaf).ok
    assert "proof" in failures(verify_proof(public, PINNED))
    assert failures(verify_proof(public, witnessed, receipt=leaf)) == {
        "witness": f"{WITNESS_KEY.name} did not cosign the checkpoint of size {len(export.entries)}"
    }


def test_a_proof_that_leads_to_another_root_of_the_pinned_size_is_a_fork(honest: tuple[Log, Export]) -> None:
    log, export = honest
    leaf = bytes.fromhex(log.leaves[5].hash)
    text = prove(export.files().get, leaf)
    pinned = TreeHead(ORIGIN, len(export.entries), bytes(32))

    found = failures(verify_proof(text, Trust(vkey=VKEY, checkpoint=pinned), receipt=leaf))

    assert found == {"pinned": FORK}


@settings(max_examples=40)
@given(data=st.data())
def test_an_altered_proof_is_refused(honest: tuple[Log, Export], data: st.DataObject) -> None:
    log, export = honest
    leaf = bytes.fromhex(log.leaves[5].hash)
    text = prove({k: v for k, v in export.files().items() if k != "events.jsonl"}.get, leaf)
    place = data.draw(st.integers(0, len(text) - 1))
    altered = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]

    assert not verify_proof(altered, PINNED, receipt=leaf).ok
