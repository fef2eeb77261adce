"""Recording and growing, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest
from log_factories import AUDITOR, BIDDER, BUCKET, MINUTE, START, Log, open_log, proves
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from govcore.audit import queries, service, tiles, tree
from govcore.audit.erasing import erase
from govcore.audit.models import LogEvent, LogOutbox, OutboxDelivery
from govcore.db import Database
from govcore.errors import Forbidden, NotFound


def sizes(log: Log) -> list[tuple[int, str]]:
    with log.database.read() as tx:
        return [(head.size, head.instant.isoformat()) for head in queries.checkpoints(tx)]


def waiting(log: Log) -> int:
    with log.database.read() as tx:
        return tx.scalar(select(func.count()).select_from(LogOutbox)) or 0


def logged(log: Log, type: str) -> list[bytes]:
    with log.database.read() as tx:
        return list(tx.scalars(select(LogEvent.leaf).where(LogEvent.type == type)))


def test_a_recorded_event_is_in_the_log_after_the_next_instant(log: Log) -> None:
    leaf = log.bid()

    head = log.tick()

    assert head is not None
    assert (head.size, head.instant) == (BUCKET, START + MINUTE)
    assert logged(log, "bid.received") == [bytes.fromhex(leaf.hash)]
    assert len(logged(log, "log.cover")) == BUCKET - 1
    assert waiting(log) == 0


def test_the_promise_is_ten_intervals(sqlite_log: Log) -> None:
    leaf = sqlite_log.bid()

    assert leaf.promise_by == START + 10 * timedelta(seconds=60)


def test_an_event_of_a_transaction_that_fails_is_not_logged(log: Log) -> None:
    def fail() -> None:
        with log.database.transaction() as tx:
            service.record(tx, "bid.received", subject="b", actor="u", at=START, data={})
            raise RuntimeError("business")

    with pytest.raises(RuntimeError, match="business"):
        fail()

    assert waiting(log) == 0


def test_an_event_that_no_module_registered_is_refused(sqlite_log: Log) -> None:
    with sqlite_log.database.transaction() as tx, pytest.raises(service.UnregisteredEvent):
        service.record(tx, "bid.burned", subject="b", actor="u", at=START, data={})


def test_nothing_grows_between_two_instants(log: Log) -> None:
    log.tick()
    log.bid()

    assert log.tick(by=timedelta(seconds=59)) is None
    assert log.tick(by=timedelta(seconds=1)) is not None
    assert [size for size, _ in sizes(log)] == [BUCKET, 2 * BUCKET]


def test_an_event_after_the_instant_waits_for_the_next(log: Log) -> None:
    log.tick()
    log.now += timedelta(seconds=70)
    leaf = log.bid()

    log.tick(by=timedelta(0))

    assert logged(log, "bid.received") == []
    log.tick()
    assert logged(log, "bid.received") == [bytes.fromhex(leaf.hash)]


def test_missed_instants_are_skipped(log: Log) -> None:
    log.tick()

    log.tick(by=timedelta(minutes=4, seconds=20))

    assert sizes(log) == [
        (BUCKET, "2026-03-02T01:01:00+00:00"),
        (2 * BUCKET, "2026-03-02T01:05:00+00:00"),
    ]


def test_overflow_waits_for_the_next_instants_oldest_first(log: Log) -> None:
    leaves = [bytes.fromhex(log.bid(number).hash) for number in range(BUCKET + 2)]

    log.tick()
    assert sorted(logged(log, "bid.received")) == sorted(leaves[: BUCKET - 1])
    log.tick()

    assert sorted(logged(log, "bid.received")) == sorted(leaves)
    assert [size for size, _ in sizes(log)] == [BUCKET, 2 * BUCKET]


def test_a_forced_instant_drains_everything_in_whole_buckets(log: Log) -> None:
    for number in range(2 * BUCKET):
        log.bid(number)

    head = log.tick(by=timedelta(seconds=10), forced=True)

    assert head is not None
    assert (head.size, head.instant) == (3 * BUCKET, START + timedelta(seconds=10))
    assert waiting(log) == 0
    assert sizes(log)[0] == (BUCKET, START.isoformat())


def test_a_forced_instant_that_waited_for_the_leader_does_not_go_back(log: Log) -> None:
    log.tick()
    late = log.bid(at=log.now - timedelta(seconds=1))

    log.tick(by=timedelta(seconds=-1), forced=True)

    assert sizes(log) == [(BUCKET, (START + MINUTE).isoformat()), (2 * BUCKET, (START + MINUTE).isoformat())]
    assert logged(log, "bid.received") == [bytes.fromhex(late.hash)]


def test_a_crash_before_the_commit_publishes_nothing_and_loses_nothing(log: Log) -> None:
    leaf = log.bid()

    def crash() -> None:
        with log.database.transaction() as tx:
            assert log.force(tx).size == 2 * BUCKET
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        crash()
    assert (sizes(log), waiting(log)) == ([], 1)
    log.tick()

    assert logged(log, "bid.received") == [bytes.fromhex(leaf.hash)]


def test_logs_with_0_and_7_bids_publish_the_same_sizes_at_the_same_instants(tmp_path: Path) -> None:
    def run(name: str, bids: int) -> list[tuple[int, str]]:
        log = open_log(f"sqlite:///{tmp_path}/{name}.sqlite3")
        for minute in range(6):
            if minute == 2:
                for number in range(bids):
                    log.bid(number)
            log.tick(by=timedelta(seconds=60), forced=minute == 4)
        log.database.dispose()
        return sizes(log)

    none, seven = run("none", 0), run("seven", 7)

    assert none == seven
    assert len(none) == 7


def test_every_head_is_signed_consistent_and_proves_its_leaves(log: Log) -> None:
    for number in range(40):
        log.bid(number)
        log.tick()

    with log.database.read() as tx:
        heads = list(queries.checkpoints(tx))
        latest = heads[-1]
        stored = queries.tiles(tx, [*tiles.edge_of(latest.size), tiles.TileRef(0, 0), tiles.TileRef(1, 0)])
        proofs = [queries.inclusion_proof(tx, bytes.fromhex(leaf.hash)) for leaf in log.leaves]
    node = tiles.node_source(lambda level, n: stored[level, n])
    for old in heads:
        path = tree.consistency_path(node, old.size, latest.size)
        assert tree.verify_consistency(
            old=old.size, new=latest.size, old_root=old.root, new_root=latest.root, path=path
        )
    for leaf, proof in zip(log.leaves, proofs, strict=True):
        assert proves(proof, bytes.fromhex(leaf.hash))


def test_partial_tiles_stay_available_for_every_published_size(log: Log) -> None:
    for number in range(35):
        log.bid(number)
        log.tick()

    with log.database.read() as tx:
        heads = list(queries.checkpoints(tx))
        for head in heads:
            blobs = {ref: queries.tile_bytes(tx, ref.path) for ref in tiles.tiles_of(head.size)}
            hashes = [h for ref, data in blobs.items() if ref.level == 0 for h in tiles.split_hashes(data)]
            packed = [e for ref, data in blobs.items() if ref.level is None for e in tiles.split_bundle(data)]
            assert [tree.leaf_hash(entry) for entry in packed] == hashes
            assert tree.fold(hashes) == head.root
        with pytest.raises(NotFound):
            queries.tile_bytes(tx, tiles.TileRef(0, 1, heads[-1].size % 256 + 1).path)


def test_a_stranger_cannot_read_the_events(log: Log) -> None:
    log.bid()
    log.tick()

    with log.database.read() as tx:
        with pytest.raises(Forbidden):
            queries.events(tx, actor=BIDDER)
        seen = queries.events(tx, actor=AUDITOR, subject="bid-1")

    assert [event.type for event in seen] == ["bid.received"]


def test_only_the_owner_gets_a_proof_with_the_event(sqlite_log: Log) -> None:
    leaf = bytes.fromhex(sqlite_log.bid().hash)
    sqlite_log.tick()

    with sqlite_log.database.read() as tx:
        public = queries.inclusion_proof(tx, leaf)
        own = queries.inclusion_proof(tx, leaf, with_preimage=True)

    assert "extra" not in public
    assert own.split("\n")[1].startswith("extra ")
    assert own.split("\n")[2:] == public.split("\n")[1:]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_event SET subject = 'other'",
        "UPDATE log_event SET nonce = NULL WHERE type = 'bid.received'",
        "DELETE FROM log_event",
        "UPDATE log_checkpoint SET note = 'other'",
        "UPDATE log_checkpoint SET cosigned_note = 'other'",
        "DELETE FROM log_checkpoint",
        "UPDATE log_tile SET level = 3",
        "UPDATE log_tile SET data = log_bundle.data FROM log_bundle",
        "DELETE FROM log_tile",
        "UPDATE log_bundle SET data = log_tile.data FROM log_tile",
        "DELETE FROM log_bundle",
        "UPDATE log_state SET size = 0",
        "DELETE FROM log_state",
        "UPDATE log_outbox SET created_at = NULL",
        "DELETE FROM log_outbox",
    ],
)
def test_the_log_is_append_only(log: Log, statement: str) -> None:
    log.bid()
    log.tick()
    log.bid()

    with pytest.raises(DBAPIError, match="append-only"), log.database.transaction() as tx:
        tx.execute(text(statement))


def test_an_erased_event_leaves_its_leaf_and_a_tombstone(log: Log) -> None:
    leaf = log.bid()
    log.tick()
    with log.database.transaction() as tx:
        with pytest.raises(Forbidden):
            erase(tx, leaf=leaf.hash, second="regulator-2", actor=BIDDER, at=log.now)
        with pytest.raises(NotFound):
            erase(tx, leaf="00" * 32, second="regulator-2", actor=AUDITOR, at=log.now)
        erase(tx, leaf=leaf.hash, second="regulator-2", actor=AUDITOR, at=log.now)

    log.tick()

    with log.database.read() as tx:
        (event,) = queries.events(tx, actor=AUDITOR, subject="bid-1")
    assert (event.leaf.hex(), event.event, event.nonce) == (leaf.hash, None, None)
    assert len(logged(log, "audit.erased")) == 1


def test_eight_writers_and_the_integrator_lose_nothing(log: Log) -> None:
    writers, each = 8, 12

    def write(writer: int) -> list[str]:
        return [log.bid(writer * each + number).hash for number in range(each)]

    with ThreadPoolExecutor(writers + 1) as pool:
        running = [pool.submit(write, writer) for writer in range(writers)]
        while wait(running, timeout=0.05).not_done:
            log.tick()
        promised = {leaf for future in running for leaf in future.result()}
    log.tick(forced=True)

    with log.database.read() as tx:
        found = list(tx.execute(select(LogEvent.idx, LogEvent.leaf).order_by(LogEvent.idx)))
    real = {leaf.hex() for leaf in logged(log, "bid.received")}
    assert real == promised
    assert [row.idx for row in found] == list(range(sizes(log)[-1][0]))
    assert waiting(log) == 0


def test_two_integrators_never_sign_two_roots_for_one_size(log: Log) -> None:
    log.now += MINUTE

    with ThreadPoolExecutor(4) as pool:
        heads = list(pool.map(lambda _: log.tick(by=timedelta(0)), range(8)))

    assert sizes(log) == [(BUCKET, (START + MINUTE).isoformat())]
    assert sum(head is not None for head in heads) == 1


def test_subscribers_are_owed_a_task_in_the_same_transaction(log: Log) -> None:
    log.close()

    with log.database.transaction() as tx:
        owed = queries.due_deliveries(tx, at=log.now, limit=9)
        assert [(due.task, due.subject) for due in owed] == [("opening.begin", "lot-1")]
        first = service.lease_deliveries(tx, at=log.now, limit=9)
        second = service.lease_deliveries(tx, at=log.now, limit=9)
        again = service.lease_deliveries(tx, at=log.now + timedelta(seconds=31), limit=9)
        service.settle(tx, owed[0].id, at=log.now)

    assert (first, second, again) == ([owed[0].id], [], [owed[0].id])
    with log.database.read() as tx:
        assert queries.open_delivery(tx, owed[0].id) is None
        assert tx.scalars(select(OutboxDelivery.done_at)).all() == [log.now]


def test_the_backlog_rings_an_alarm_at_half_of_the_promise(sqlite_log: Log) -> None:
    from govcore.audit import policy

    sqlite_log.bid()
    with sqlite_log.database.read() as tx:
        oldest = queries.oldest_waiting(tx)

    assert not policy.alarm_due(oldest, now=START + timedelta(seconds=299), interval=MINUTE)
    assert policy.alarm_due(oldest, now=START + timedelta(seconds=300), interval=MINUTE)
    assert not policy.alarm_due(None, now=START, interval=MINUTE)


def test_the_triggers_of_a_migration_are_those_of_create_all(database_url: str) -> None:
    from govcore.audit.models import TRIGGERS

    log = open_log(database_url)
    with log.database.engine.begin() as connection:
        for statement in TRIGGERS[log.database.dialect]:
            connection.exec_driver_sql(statement)
    log.bid()
    log.tick()

    with pytest.raises(DBAPIError, match="append-only"):
        _delete(log.database)
    log.database.dispose()


def _delete(database: Database) -> None:
    with database.transaction() as tx:
        tx.execute(text("DELETE FROM log_checkpoint"))
