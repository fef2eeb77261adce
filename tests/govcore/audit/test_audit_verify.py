"""The verifier accepts an honest export and names what is wrong in every other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from log_factories import AUDITOR, BUCKET, KEY, ORIGIN, VKEY, Key, Log, open_log

from govcore.audit import note, queries
from govcore.audit.erasing import erase
from govcore.audit.tiles import TileRef, grow, pack_entry, split_bundle, tiles_of
from govcore.audit.tree import Frontier, leaf_hash
from govcore.audit.trust import Trust
from govcore.audit.verify import KEY_UNPINNED, NO_EVENTS, NOT_WITNESSED, Report, verify_export

Lines = list[dict[str, object]]


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Log, Path]]:
    """A log with bids, an erased one, a closed lot, and more than one tile; with its export."""
    folder = tmp_path_factory.mktemp("honest")
    log = open_log(f"sqlite:///{folder}/log.sqlite3")
    for number in range(36):
        log.bid(number)
        log.tick()
    with log.database.transaction() as tx:
        erase(tx, leaf=log.leaves[3].hash, second="regulator-2", actor=AUDITOR, at=log.now)
    log.close()
    log.tick()
    yield log, log.write_to(folder / "log")
    log.database.dispose()


@pytest.fixture
def folder(honest: tuple[Log, Path], tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(honest[1], tmp_path / "log"))


def failures(report: Report) -> dict[str, str]:
    return {check.id: check.detail for check in report.checks if not check.ok}


def rewrite(path: Path, change: Callable[[Lines], None]) -> None:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def entries_of(folder: Path) -> list[bytes]:
    refs = [ref for ref in tiles_of(size_of(folder)) if ref.level is None]
    return [entry for ref in refs for entry in split_bundle((folder / ref.path).read_bytes())]


def size_of(folder: Path) -> int:
    return int((folder / "checkpoint").read_text(encoding="utf-8").split("\n")[1])


def write_tree(folder: Path, entries: list[bytes]) -> None:
    """What the holder of the files, but not of the log's key, can do: consistent bundles and tiles."""
    shutil.rmtree(folder / "tile")
    leaves = [leaf_hash(entry) for entry in entries]
    for ref in [ref for ref in tiles_of(len(entries)) if ref.level is None]:
        chosen = entries[ref.n * 256 : ref.n * 256 + ref.width]
        write(folder / ref.path, b"".join(map(pack_entry, chosen)))
    for (level, n), data in grow(size=0, edge={}, leaves=leaves).items():
        write(folder / TileRef(level, n, len(data) // 32).path, data)


def write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def resign(folder: Path, entries: list[bytes], key: Key = KEY) -> None:
    """What the holder of the log's key can do: sign any history."""
    sizes = [json.loads(line)["size"] for line in (folder / "checkpoints.jsonl").read_text().splitlines()]
    frontier, lines, signed = Frontier(), [], ""
    for size in sizes:
        for entry in entries[frontier.size : size]:
            frontier.append(leaf_hash(entry))
        signed = note.sign(note.TreeHead(ORIGIN, size, frontier.root()), key)
        lines.append(json.dumps({"size": size, "note": signed}, ensure_ascii=False) + "\n")
    (folder / "checkpoints.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "checkpoint").write_text(signed, encoding="utf-8")


def test_an_honest_export_is_accepted(honest: tuple[Log, Path]) -> None:
    log, folder = honest
    trust = Trust(origin=ORIGIN, vkey=VKEY, receipts=tuple(bytes.fromhex(leaf.hash) for leaf in log.leaves))

    report = verify_export(folder, trust)

    assert [(check.id, check.ok) for check in report.checks] == [
        ("checkpoints", True),
        ("signatures", True),
        ("entries", True),
        ("tiles", True),
        ("roots", True),
        ("pinned", True),
        ("events", True),
        ("instants", True),
        ("closings", True),
    ]
    assert report.size == size_of(folder) > 256
    assert report.warnings == (NOT_WITNESSED,)


def test_details_count_covers_tombstones_and_closings(honest: tuple[Log, Path]) -> None:
    details = {check.id: check.detail for check in verify_export(honest[1]).checks}

    assert details["events"].endswith("entries have their event, 1 of them a tombstone")
    assert details["instants"] == f"38 instants, {38 * BUCKET - 38} covers among {38 * BUCKET} entries"
    assert details["closings"] == "1 lots closed, each once"


def test_an_unpinned_key_and_a_public_export_are_told(folder: Path) -> None:
    (folder / "events.jsonl").unlink()

    report = verify_export(folder)

    assert report.ok
    assert report.warnings == (KEY_UNPINNED, NOT_WITNESSED, NO_EVENTS)


def test_a_changed_entry_is_named(folder: Path) -> None:
    bundle = folder / TileRef(None, 0).path
    data = bytearray(bundle.read_bytes())
    data[20 * 35 + 10] ^= 1
    bundle.write_bytes(data)

    report = verify_export(folder)

    assert failures(report)["tiles"] == "entry 20 does not have the hash that tile/0/000 gives it"
    assert failures(report)["events"] == "entry 20 has another leaf hash in events.jsonl"


def test_a_changed_event_is_named(folder: Path) -> None:
    def change(lines: Lines) -> None:
        lines[9]["event"] = str(lines[9]["event"]).replace("Z", "Z", 1).replace('"actor":"', '"actor":"x')

    rewrite(folder / "events.jsonl", change)

    assert failures(verify_export(folder)) == {"events": "entry 9 is not the entry of its event and nonce"}


def test_a_missing_event_is_named(folder: Path) -> None:
    rewrite(folder / "events.jsonl", lambda lines: lines.pop(17))

    assert failures(verify_export(folder)) == {
        "events": "entry 17: the event of entry 18 stands in its place"
    }


def test_an_event_dropped_without_a_logged_erasure_is_named(folder: Path) -> None:
    def change(lines: Lines) -> None:
        lines[17] = {"index": 17, "leaf": lines[17]["leaf"], "erased": True}

    rewrite(folder / "events.jsonl", change)

    assert failures(verify_export(folder)) == {
        "events": "entry 17 has no event, and no audit.erased names it"
    }


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("deleted", lambda entries: entries[:20] + entries[21:] + [entries[20]]),
        ("replaced", lambda entries: [*entries[:20], b"\x01" + bytes(32), *entries[21:]]),
        ("inserted", lambda entries: [*entries[:20], b"\x01" + bytes(32), *entries[20:-1]]),
        ("reordered", lambda entries: [*entries[:20], entries[21], entries[20], *entries[22:]]),
    ],
)
def test_a_rewritten_tree_has_other_roots(
    folder: Path, name: str, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    write_tree(folder, change(entries_of(folder)))

    found = failures(verify_export(folder))

    assert found["roots"].endswith("entries 16 to 23 was changed, moved, added or left out"), name
    assert found["events"].startswith("entry 20 has another leaf hash"), name


def test_a_shortened_log_does_not_match_its_checkpoint(folder: Path) -> None:
    write_tree(folder, entries_of(folder)[:-1])

    assert not verify_export(folder).ok


def test_a_rewritten_history_is_caught_by_the_pinned_checkpoint_and_by_receipts(
    honest: tuple[Log, Path], folder: Path
) -> None:
    pinned = note.parse_head(note.parse_note((folder / "checkpoint").read_text(encoding="utf-8")).text)
    receipt = bytes.fromhex(honest[0].leaves[5].hash)
    entries = entries_of(folder)
    place = [leaf_hash(entry) for entry in entries].index(receipt)
    entries[place] = b"\x01" + bytes(32)
    write_tree(folder, entries)
    resign(folder, entries)
    (folder / "events.jsonl").unlink()

    assert verify_export(folder).ok  # the holder of the key can do this; only outside evidence shows it
    by_head = failures(verify_export(folder, Trust(checkpoint=pinned)))
    by_receipt = failures(verify_export(folder, Trust(receipts=(receipt,))))

    assert by_head == {"pinned": f"the log does not extend the pinned checkpoint of size {pinned.size}"}
    assert by_receipt == {"pinned": f"the log lacks the entry {receipt.hex()} of a receipt"}


def test_another_key_is_refused(folder: Path) -> None:
    resign(folder, entries_of(folder), Key(b"o" * 32))

    assert "signatures" in failures(verify_export(folder, Trust(vkey=VKEY)))


def test_another_log_is_refused(folder: Path) -> None:
    assert "signatures" in failures(verify_export(folder, Trust(origin="other.example/log/2026")))


def test_a_missing_checkpoint_in_between_is_told_by_the_bucket(folder: Path) -> None:
    rewrite(folder / "checkpoints.jsonl", lambda lines: lines.pop(4))

    assert failures(verify_export(folder)) == {
        "instants": "entries 32 to 47: their covers tell 2 instants instead of one"
    }


def test_checkpoints_out_of_order_are_refused(folder: Path) -> None:
    def change(lines: Lines) -> None:
        lines[2], lines[3] = lines[3], lines[2]

    rewrite(folder / "checkpoints.jsonl", change)

    assert failures(verify_export(folder)) == {
        "checkpoints": "the checkpoint of size 24 follows the one of size 32"
    }


@pytest.mark.parametrize("path", ["checkpoint", "vkey", "tile/entries/000", "tile/0/000", "tile/1/000.p/1"])
def test_a_missing_file_is_named(folder: Path, path: str) -> None:
    (folder / path).unlink()

    assert f"{path} is missing" in failures(verify_export(folder)).values()


@pytest.mark.parametrize(
    "path", ["checkpoint", "checkpoints.jsonl", "vkey", "events.jsonl", "tile/entries/000"]
)
@pytest.mark.parametrize("junk", [b"", b"\xff\xfe", b"{}\n", b"[1]\n", b"null\n"])
def test_junk_is_a_failed_check_not_an_error(folder: Path, path: str, junk: bytes) -> None:
    (folder / path).write_bytes(junk)

    assert not verify_export(folder).ok


def test_a_back_dated_event_is_named(sqlite_log: Log, tmp_path: Path) -> None:
    for _ in range(12):
        sqlite_log.tick()
    sqlite_log.bid(1, at=sqlite_log.now - timedelta(minutes=8, seconds=30))
    sqlite_log.tick()
    assert verify_export(sqlite_log.write_to(tmp_path / "honest")).ok
    late = sqlite_log.bid(2, at=sqlite_log.now - timedelta(minutes=10))
    sqlite_log.tick()

    found = failures(verify_export(sqlite_log.write_to(tmp_path / "late")))

    with sqlite_log.database.read() as tx:
        index = queries.index_of(tx, bytes.fromhex(late.hash))
    assert found == {
        "instants": f"entry {index} (bid.received) is back-dated or broke its promise: 2026-03-02T01:03:00Z"
    }


def test_an_outage_is_told_but_does_not_condemn_the_log(sqlite_log: Log, tmp_path: Path) -> None:
    for _ in range(12):
        sqlite_log.tick()
    sqlite_log.bid()
    sqlite_log.tick(by=timedelta(hours=2))

    report = verify_export(sqlite_log.write_to(tmp_path / "log"))

    assert report.ok
    assert "the log stood still from 2026-03-02T01:12:00Z to 2026-03-02T03:12:00Z" in report.warnings


def test_a_clock_that_was_set_back_is_logged_told_and_never_turns_the_log_back(
    log: Log, tmp_path: Path
) -> None:
    for _ in range(12):
        log.tick()
    before = log.now
    log.now -= timedelta(hours=3)
    log.tick(by=timedelta(0))
    for _ in range(2):
        log.notice_the_clock()
    log.bid(1)
    log.tick(by=timedelta(0), forced=True)
    log.now = before
    log.tick()

    report = verify_export(log.write_to(tmp_path / "log"))

    assert failures(report) == {}
    assert (
        report.warnings.count("the clock was set back from 2026-03-02T01:12:00Z to 2026-03-01T22:12:00Z") == 1
    )
    with log.database.read() as tx:
        instants = [head.instant for head in queries.checkpoints(tx)]
    assert instants == sorted(instants)


def test_without_the_logged_jump_the_same_events_are_back_dated(sqlite_log: Log, tmp_path: Path) -> None:
    for _ in range(12):
        sqlite_log.tick()
    sqlite_log.bid(1, at=sqlite_log.now - timedelta(hours=3))
    sqlite_log.tick()

    found = failures(verify_export(sqlite_log.write_to(tmp_path / "log")))

    assert "(bid.received) is back-dated or broke its promise" in found["instants"]


def test_a_second_closing_of_a_lot_is_named(sqlite_log: Log, tmp_path: Path) -> None:
    sqlite_log.tick()
    sqlite_log.close(lot="lot-1")
    sqlite_log.tick()
    sqlite_log.close(lot="lot-2")
    sqlite_log.tick()
    assert verify_export(sqlite_log.write_to(tmp_path / "once")).ok
    sqlite_log.close(lot="lot-1")
    sqlite_log.tick()

    found = failures(verify_export(sqlite_log.write_to(tmp_path / "twice")))

    assert list(found) == ["closings"]
    assert "closes the lot lot-1 again, after entry" in found["closings"]


def test_a_closing_must_name_a_checkpoint_of_the_log(sqlite_log: Log, tmp_path: Path) -> None:
    sqlite_log.close(size=5)
    sqlite_log.tick()

    found = failures(verify_export(sqlite_log.write_to(tmp_path / "log")))

    assert list(found) == ["closings"]
    assert found["closings"].endswith("closes the lot lot-1 with an unknown checkpoint")


def test_a_witness_that_cosigned_is_reported(folder: Path) -> None:
    witness = note.VerifierKey("witness.example", Key(b"w" * 32).public_bytes, note.COSIGNATURE)
    signed = (folder / "checkpoint").read_text(encoding="utf-8")
    message = note.cosigned_message(note.parse_note(signed).text, seconds=1_790_000_000)
    stamped = (1_790_000_000).to_bytes(8, "big") + Key(b"w" * 32).sign(message)
    cosigned = signed + note.signature_line(witness, stamped)
    (folder / "checkpoint").write_text(cosigned, encoding="utf-8")
    rewrite(folder / "checkpoints.jsonl", lambda lines: lines[-1].update(note=cosigned))
    stranger = note.VerifierKey("witness.example", KEY.public_bytes, note.COSIGNATURE)

    report = verify_export(folder, Trust(vkey=VKEY, witnesses=(witness,)))

    assert report.ok
    assert report.warnings == ()
    assert failures(verify_export(folder, Trust(vkey=VKEY, witnesses=(stranger,)))) == {
        "witness": "witness.example did not cosign the checkpoint of size 304; no checkpoint is covered"
    }


def test_the_trust_file_is_read_and_its_mistakes_are_refused(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "trust.json"
    head = (folder / "checkpoint").read_text(encoding="utf-8")
    file.write_text(
        json.dumps({"origin": ORIGIN, "vkey": str(VKEY), "checkpoint": head, "receipts": ["ab" * 32]}),
        encoding="utf-8",
    )

    trust = Trust.load(file)

    assert (trust.origin, trust.vkey, trust.receipts) == (ORIGIN, VKEY, (bytes.fromhex("ab" * 32),))
    assert trust.checkpoint == note.parse_head(note.parse_note(head).text)
    for wrong in ('{"orgin": "x"}', '{"vkey": "x"}', "[]", "{"):
        file.write_text(wrong, encoding="utf-8")
        with pytest.raises(ValueError):
            Trust.load(file)
