"""The witness over HTTP, as C2SP tlog-witness describes it, and what it must never do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import servers
import witnesses as w
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from govcore.audit.note import TreeHead, parse_note, parse_vkey
from govcore.audit.tree import fold
from govcore.witness.cli import witness as command
from govcore.witness.keys import WitnessError, load_key, load_logs
from govcore.witness.protocol import Refused, parse
from govcore.witness.state import State


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "witness"


@pytest.fixture
def served(folder: Path) -> Iterator[w.Served]:
    with w.serve(w.make_witness(folder)) as served:
        yield served


def latest(served: w.Served) -> TreeHead:
    with served.witness.state.transaction() as memory:
        return memory.latest(w.ORIGIN)


def test_a_growing_log_is_cosigned_with_the_witnesss_time(served: w.Served) -> None:
    log = w.History()

    answers = [served.post(log.body(old, new)) for old, new in [(0, 5), (5, 8), (8, 300)]]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    for answer, size in zip(answers, (5, 8, 300), strict=True):
        cosigned = parse_note(log.checkpoint(size) + answer.text)
        assert cosigned.signed_by(w.log_vkey())
        assert cosigned.cosigned_at(served.vkey) == w.NOW
        assert answer.text.startswith(f"— {w.NAME} ")
        assert answer.text.endswith("\n")
    assert latest(served) == TreeHead(w.ORIGIN, 300, fold(log.leaves(300)))


def test_the_same_size_is_cosigned_again(served: w.Served) -> None:
    log = w.History()
    first = served.post(log.body(0, 5))

    again = served.post(log.body(5, 5))

    assert (again.status_code, again.text) == (200, first.text)


def test_a_wrong_old_size_is_answered_with_the_right_one(served: w.Served) -> None:
    log = w.History()
    served.post(log.body(0, 5))

    replayed, ahead = served.post(log.body(0, 5)), served.post(log.body(6, 8))

    for answer in (replayed, ahead):
        assert (answer.status_code, answer.text) == (409, "5\n")
        assert answer.headers["content-type"] == "text/x.tlog.size"
    assert latest(served).size == 5


def test_a_second_root_for_a_cosigned_size_is_refused_and_kept_as_proof(served: w.Served) -> None:
    log, other = w.History(), w.History(salt=b"!")
    served.post(log.body(0, 8))

    answers = [served.post(other.body(8, 8)), served.post(other.body(0, 8)), served.post(other.body(8, 8))]

    assert [answer.status_code for answer in answers] == [409, 409, 409]
    assert latest(served).root == fold(log.leaves(8))
    with served.witness.state.transaction() as memory:
        assert memory.forks() == [(log.checkpoint(8), other.checkpoint(8))]


@pytest.mark.parametrize("since", [0, 7])
def test_a_second_history_that_grew_further_is_refused(served: w.Served, since: int) -> None:
    served.post(w.History().body(0, 8))

    answer = served.post(w.History(salt=b"!", since=since).body(8, 20))

    assert answer.status_code == 422
    assert latest(served).size == 8


def test_a_log_that_shrinks_is_refused(served: w.Served) -> None:
    log = w.History()
    served.post(log.body(0, 8))

    with_larger_old = served.post(w.body(8, [], log.checkpoint(5)))
    from_an_earlier_size = served.post(log.body(3, 5))

    assert with_larger_old.status_code == 400
    assert (from_an_earlier_size.status_code, from_an_earlier_size.text) == (409, "8\n")
    assert latest(served).size == 8


def test_a_proof_with_a_wrong_missing_or_superfluous_hash_is_refused(served: w.Served) -> None:
    log = w.History()
    served.post(log.body(0, 6))
    path = log.path(6, 13)

    wrong = [path[:-1], [*path, bytes(32)], [bytes(32), *path[1:]], []]
    answers = [served.post(w.body(6, hashes, log.checkpoint(13))) for hashes in wrong]
    from_nothing = served.post(w.body(6, [bytes(32)], log.checkpoint(6)))

    assert [answer.status_code for answer in answers] == [422] * 4
    assert from_nothing.status_code == 422
    assert latest(served).size == 6


def test_a_first_checkpoint_comes_without_a_proof(served: w.Served) -> None:
    answer = served.post(w.body(0, [bytes(32)], w.History().checkpoint(6)))

    assert answer.status_code == 422


def test_unknown_logs_and_foreign_keys_are_told_apart(served: w.Served) -> None:
    unknown = served.post(w.History(origin="other.example/log").body(0, 5))
    foreign = served.post(w.History(key=w.LogKey(b"x" * 32)).body(0, 5))
    altered = served.post(w.History().body(0, 5).replace(b"\n5\n", b"\n6\n"))

    assert [answer.status_code for answer in (unknown, foreign, altered)] == [404, 403, 403]
    assert latest(served).size == 0


def test_signatures_of_other_keys_and_extension_lines_are_no_obstacle(served: w.Served) -> None:
    log = w.History()
    others = "— stranger.example " + "A" * 96 + "\n"
    extended = parse_note(log.checkpoint(5)).text + "an extension\n"
    key = w.LogKey()

    from govcore.audit import note

    line = note.signature_line(w.log_vkey(), key.sign(extended.encode()))
    first = served.post(w.body(0, [], log.checkpoint(5) + others))
    second = served.post(w.body(5, [], f"{extended}\n{line}"))

    assert (first.status_code, second.status_code) == (200, 200)
    assert parse_note(f"{extended}\n{line}{second.text}").cosigned_at(served.vkey) == w.NOW


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"old 0\n",
        b"old 0\n\n",
        b"old 00\n\n" + w.History().checkpoint(5).encode(),
        b"old -1\n\n" + w.History().checkpoint(5).encode(),
        b"size 0\n\n" + w.History().checkpoint(5).encode(),
        b"old 0\nnot base64\n\n" + w.History().checkpoint(5).encode(),
        b"old 0\nAAAA\n\n" + w.History().checkpoint(5).encode(),
        w.body(0, [bytes(32)] * 64, w.History().checkpoint(5)),
        b"old 0\n\n\xff\xfe\n\n",
        b"old 0\n\ncity.example/log/2026\n005\nAAAA\n\n",
    ],
)
def test_what_is_no_request_is_refused(served: w.Served, content: bytes) -> None:
    assert served.post(content).status_code == 400


@given(st.binary(max_size=200))
def test_no_bytes_make_the_parser_fail_otherwise(content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        parse(content)

    assert refused.value.status == 400


def test_only_one_address_takes_small_posts(served: w.Served) -> None:
    elsewhere = httpx.post(f"{served.url}/other", content=b"x")
    large = httpx.post(f"{served.url}/add-checkpoint", content=bytes(200_000))
    named = httpx.get(served.url)

    assert (elsewhere.status_code, large.status_code) == (404, 413)
    assert parse_vkey(named.text.strip()) == served.vkey
    assert httpx.get(f"{served.url}/state.sqlite3").status_code == 404


def test_of_two_histories_at_once_one_is_cosigned(served: w.Served) -> None:
    histories = [w.History(salt=b"%d" % n) for n in range(8)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda log: served.post(log.body(0, 9)), histories))

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
    (cosigned,) = [log for log, answer in zip(histories, answers, strict=True) if answer.status_code == 200]
    assert latest(served).root == fold(cosigned.leaves(9))


def test_killed_between_memory_and_answer_it_still_cosigns_one_history(folder: Path) -> None:
    w.make_witness(folder)
    port, log = servers.free_port(), w.History()
    url = f"http://127.0.0.1:{port}"
    dying = (
        "import os, signal, sys\n"
        "from govcore.witness import cli, protocol\n"
        "protocol.cosign = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "cli.witness(sys.argv[1:])\n"
    )
    arguments = ["serve", str(folder), "--port", str(port)]
    with subprocess.Popen([sys.executable, "-c", dying, *arguments], stderr=subprocess.DEVNULL) as process:
        servers.wait_for(lambda: _answers(url), what="the witness answers")
        with pytest.raises(httpx.TransportError):
            httpx.post(f"{url}/add-checkpoint", content=log.body(0, 5))
        assert process.wait(10) == -signal.SIGKILL

    with w.serve(w.open_witness(folder)) as again:
        fork, replay = again.post(w.History(salt=b"!").body(0, 5)), again.post(log.body(0, 5))
        told = again.post(log.body(5, 5))

    assert (fork.status_code, replay.status_code, replay.text) == (409, 409, "5\n")
    assert parse_note(log.checkpoint(5) + told.text).cosigned_at(again.vkey) == w.NOW


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_init_makes_a_key_for_its_owner_alone_and_never_a_second(folder: Path) -> None:
    arguments = ["init", str(folder), "--name", w.NAME, "--log", str(w.log_vkey())]

    made = CliRunner().invoke(command, arguments)
    again = CliRunner().invoke(command, arguments)

    assert made.exit_code == 0
    assert str(load_key(folder).vkey) == made.output.strip()
    assert load_logs(folder) == {w.ORIGIN: w.log_vkey()}
    assert (folder / "key").stat().st_mode & 0o777 == 0o400
    assert again.exit_code == 1
    assert "already" in again.output
    assert str(load_key(folder).vkey) == made.output.strip()


def test_a_witness_does_not_start_without_memory_or_with_a_key_that_others_read(folder: Path) -> None:
    w.make_witness(folder)

    (folder / "key").chmod(0o444)
    readable = CliRunner().invoke(command, ["serve", str(folder)])
    (folder / "key").chmod(0o400)
    (folder / "state.sqlite3").unlink()
    forgetful = CliRunner().invoke(command, ["serve", str(folder)])

    assert (readable.exit_code, "can be read by others" in readable.output) == (1, True)
    assert (forgetful.exit_code, "must get a new key" in forgetful.output) == (1, True)
    with pytest.raises(WitnessError):
        State(folder)
    assert "seed" not in repr(load_key(folder))


def test_the_operator_is_shown_the_forks(folder: Path) -> None:
    witness = w.make_witness(folder)
    witness.add_checkpoint(w.History().body(0, 8))
    none = CliRunner().invoke(command, ["forks", str(folder)])
    with pytest.raises(Refused):
        witness.add_checkpoint(w.History(salt=b"!").body(8, 8))

    one = CliRunner().invoke(command, ["forks", str(folder)])

    assert (none.exit_code, none.output) == (0, "0 forks\n")
    assert one.exit_code == 1
    assert w.History(salt=b"!").checkpoint(8) in one.output


def test_the_witness_needs_nothing_of_the_platform() -> None:
    code = (
        "import sys, govcore.witness.cli\n"
        "print([n for n in ('sqlalchemy', 'litestar', 'celery', 'govcore.settings') if n in sys.modules])\n"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=dict(os.environ))

    assert done.stdout == "[]\n"
