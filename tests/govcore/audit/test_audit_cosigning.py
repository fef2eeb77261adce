"""The platform and its witnesses: real ones over HTTP, silent ones, and one that knows better."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import servers
import witnesses as w
from apps import app_for
from litestar.testing import TestClient
from structlog.testing import capture_logs

from govcore import clock
from govcore.audit import cosigning, queries, service
from govcore.audit.note import VerifierKey, parse_head, parse_note
from govcore.audit.proof import check_inclusion
from govcore.audit.queries import Checkpoint, WitnessState
from govcore.audit.service import Leaf
from govcore.audit.tlog_policy import Policy, Witness
from govcore.platform import Platform

OTHER = "auditor.example/witness"


@pytest.fixture
def log_key(platform: Platform) -> VerifierKey:
    return VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)


@pytest.fixture
def served(platform: Platform, log_key: VerifierKey, tmp_path: Path) -> Iterator[w.Served]:
    """A witness that follows the platform's log, and that the platform requires."""
    with w.serve(w.make_witness(tmp_path / "witness", log_key)) as served:
        trust(platform, served.known())
        yield served


def trust(platform: Platform, *witnesses: Witness) -> None:
    platform.settings = replace(platform.settings, witnesses=witnesses)
    platform.db.info["settings"] = platform.settings


def grow(platform: Platform) -> Checkpoint:
    """Force an instant."""
    with platform.db.transaction() as tx:
        head = service.integrate(
            tx,
            at=clock.now(tx),
            signer=platform.keys.log_signer,
            origin=platform.settings.log_origin,
            bucket=8,
            interval=timedelta(hours=1),
            forced=True,
        )
    assert head is not None
    return head


def bid(platform: Platform) -> Leaf:
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        return service.record(tx, "bid.submitted", subject="b-1", actor="u-1", at=at, data={})


def heads(platform: Platform) -> list[Checkpoint]:
    with platform.db.read() as tx:
        return list(queries.checkpoints(tx))


def state(platform: Platform) -> WitnessState:
    with platform.db.read() as tx:
        ((_, found),) = queries.witness_states(tx)
    return found


def published(platform: Platform) -> int:
    with platform.db.read() as tx:
        found = queries.published_checkpoint(tx)
    return found.size if found else 0


def after_the_pause(platform: Platform) -> None:
    platform.db.info["clock_offset"] += timedelta(seconds=11)


def test_every_new_checkpoint_is_cosigned_and_published(
    platform: Platform, served: w.Served, log_key: VerifierKey
) -> None:
    for _ in range(3):
        grow(platform)
        grow(platform)
        cosigning.cosign(platform)

    found = heads(platform)
    with TestClient(app_for(platform)) as client:
        shown = client.get("/log/checkpoint").text

    assert len(found) == 7
    assert [head.cosigned_by([served.vkey]) for head in found] == [True] * 7
    assert shown == found[-1].note
    assert parse_note(shown).signed_by(log_key)
    assert (state(platform).size, state(platform).failing_since) == (found[-1].size, None)


def test_asking_twice_adds_nothing(platform: Platform, served: w.Served) -> None:
    grow(platform)
    cosigning.cosign(platform)
    before = heads(platform)

    cosigning.cosign(platform)

    assert heads(platform) == before


def test_a_silent_witness_stops_neither_the_log_nor_its_entries_and_is_told(
    platform: Platform, log_key: VerifierKey, tmp_path: Path
) -> None:
    witness, port = w.make_witness(tmp_path / "witness", log_key), servers.free_port()
    known = Witness(f"http://127.0.0.1:{port}", witness.key.vkey, required=True)
    trust(platform, known)
    leaf = bid(platform)
    head = grow(platform)

    with capture_logs() as lines:
        cosigning.cosign(platform)
        cosigning.cosign(platform)

    vkeys = [str(known.vkey)]
    with platform.db.read() as tx:
        assert queries.latest_checkpoint(tx) == head
        assert not queries.cosigned_by(tx, head.size, vkeys)
        assert not queries.leaf_cosigned_by(tx, bytes.fromhex(leaf.hash), vkeys)
        assert check_inclusion(
            queries.inclusion_proof(tx, bytes.fromhex(leaf.hash)), bytes.fromhex(leaf.hash), log_key
        )
    assert [(line["event"], line["log_level"]) for line in lines] == [("log.witness_silent", "error")]
    assert state(platform).problem.startswith("it does not answer")
    since = state(platform).failing_since

    after_the_pause(platform)
    cosigning.cosign(platform)
    assert state(platform).failing_since == since

    after_the_pause(platform)
    with w.serve(witness, port):
        cosigning.cosign(platform)
    with platform.db.read() as tx:
        assert queries.cosigned_by(tx, head.size, vkeys)
        assert queries.leaf_cosigned_by(tx, bytes.fromhex(leaf.hash), vkeys)
        assert not queries.cosigned_by(tx, head.size + 1, vkeys)
    assert (state(platform).failing_since, state(platform).problem) == (None, "")


def test_a_later_cosignature_covers_what_came_before(platform: Platform, served: w.Served) -> None:
    sizes = [grow(platform).size for _ in range(9)]

    cosigning.cosign(platform)

    with platform.db.read() as tx:
        assert all(queries.cosigned_by(tx, size, [str(served.vkey)]) for size in sizes)
    assert sum(head.cosigned_by([served.vkey]) for head in heads(platform)) == cosigning.NEWEST


def test_the_published_checkpoint_waits_for_the_required_witness_and_never_goes_back(
    platform: Platform, served: w.Served
) -> None:
    sizes = []
    for turn in range(6):
        grow(platform)
        if turn % 3 == 1:
            cosigning.cosign(platform)
        sizes.append(published(platform))

    assert sizes == sorted(sizes)
    assert published(platform) < heads(platform)[-1].size
    trust(platform, served.known(required=False))
    assert published(platform) == heads(platform)[-1].size


def test_what_somebody_else_showed_the_witness_first_does_no_harm(
    platform: Platform, served: w.Served
) -> None:
    first, second = grow(platform), grow(platform)
    with platform.db.read() as tx:
        path = queries.consistency_proof(tx, old=first.size, new=second.size)
    assert served.post(w.body(0, [], first.note)).status_code == 200
    assert served.post(w.body(first.size, path, second.note)).status_code == 200

    cosigning.cosign(platform)

    with platform.db.read() as tx:
        assert queries.cosigned_by(tx, first.size, [str(served.vkey)])
    assert heads(platform)[-1].cosigned_by([served.vkey])


def test_a_witness_that_knows_a_larger_log_is_told_of(
    platform: Platform, served: w.Served, log_key: VerifierKey
) -> None:
    """As after the restore of an old backup: the log must not go on as if nothing had happened."""
    head = grow(platform)

    class Signer:
        public_bytes = log_key.public
        sign = staticmethod(platform.keys.log_signer.sign)

    lost = w.History(key=Signer(), origin=log_key.name)
    assert served.post(lost.body(0, head.size + 50)).status_code == 200

    cosigning.cosign(platform)

    assert state(platform).problem == (
        f"it has cosigned {head.size + 50} entries, the log holds {head.size}: was an old backup restored?"
    )
    with platform.db.read() as tx:
        assert not queries.cosigned_by(tx, head.size, [str(served.vkey)])


def test_a_forked_log_gets_no_cosignature(platform: Platform, served: w.Served, log_key: VerifierKey) -> None:
    class Signer:
        public_bytes = log_key.public
        sign = staticmethod(platform.keys.log_signer.sign)

    head = grow(platform)
    assert served.post(w.History(key=Signer(), origin=log_key.name).body(0, head.size)).status_code == 200

    cosigning.cosign(platform)

    assert state(platform).problem.startswith("it refuses with 409")
    assert not heads(platform)[-1].cosigned_by([served.vkey])
    with served.witness.state.transaction() as memory:
        assert [refused for _, refused in memory.forks()] == [head.note]


def test_the_answer_of_another_key_is_not_taken_for_the_witnesss(
    platform: Platform, served: w.Served
) -> None:
    impostor = VerifierKey(served.vkey.name, w.LogKey(b"i" * 32).public_bytes, served.vkey.kind)
    trust(platform, Witness(served.url, impostor, required=True))
    grow(platform)

    cosigning.cosign(platform)

    assert state(platform).problem == "its answer holds no cosignature of its key"
    assert [head.note for head in heads(platform) if "witness" in head.note] == []


def test_of_two_required_witnesses_both_must_cosign(
    platform: Platform, served: w.Served, log_key: VerifierKey, tmp_path: Path
) -> None:
    with w.serve(w.make_witness(tmp_path / "other", log_key, name=OTHER)) as other:
        head = grow(platform)
        cosigning.cosign(platform)
        trust(platform, served.known(), other.known())
        both = [str(served.vkey), str(other.vkey)]
        with platform.db.read() as tx:
            assert not queries.cosigned_by(tx, head.size, both)

        cosigning.cosign(platform)

    with platform.db.read() as tx:
        assert queries.cosigned_by(tx, head.size, both)
    with TestClient(app_for(platform)) as client:
        policy = Policy.parse(client.get("/log/policy").text)
        shown = parse_note(client.get("/log/checkpoint").text)
    assert policy.logs == (log_key,)
    assert policy.witnessed(shown)
    assert not policy.witnessed(parse_note(head.note))
    assert parse_head(shown.text).size == head.size


def test_a_cosignature_is_fetched_afresh_for_the_same_size(platform: Platform, served: w.Served) -> None:
    head = grow(platform)
    cosigning.cosign(platform)

    fresh = cosigning.ask(served.known(), head.note, old=head.size, path=[])

    assert fresh.seconds == w.NOW
    with pytest.raises(cosigning.WitnessProblem, match=f"it has cosigned the size {head.size}, not 0"):
        cosigning.ask(served.known(), head.note, old=0, path=[])


def test_without_a_witness_nothing_is_asked_and_the_newest_is_published(platform: Platform) -> None:
    head = grow(platform)

    cosigning.cosign(platform)

    assert published(platform) == head.size
    with platform.db.read() as tx:
        assert queries.cosigned_by(tx, head.size, [])
        assert queries.witness_states(tx) == []
