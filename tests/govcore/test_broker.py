"""The embedded broker: nothing is read half written, every message is taken once."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

from kombu import Connection, Exchange, Queue

from govcore.broker import Transport

WRITERS, EACH = 4, 100


def _connection(folder: Path) -> Connection:
    options = {"data_folder_in": folder, "data_folder_out": folder, "control_folder": folder / "control"}
    return Connection("filesystem://", transport=Transport, transport_options=options)


def test_many_writers_and_readers_lose_and_double_nothing(tmp_path: Path) -> None:
    taken: list[int] = []
    done = threading.Event()

    def write(first: int) -> None:
        with _connection(tmp_path) as connection:
            channel = connection.default_channel
            for number in range(first, first + EACH):
                channel._put("celery", {"number": number})

    def read() -> None:
        with _connection(tmp_path) as connection:
            channel = connection.default_channel
            while True:
                finished = done.is_set()
                try:
                    taken.append(channel._get("celery")["number"])
                except Empty:
                    if finished:
                        return

    readers = [threading.Thread(target=read) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(n * EACH,)) for n in range(WRITERS)]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()

    assert sorted(taken) == list(range(WRITERS * EACH))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_binding_while_others_look_up_the_table(tmp_path: Path) -> None:
    exchange = Exchange("celery", type="direct")
    failures: list[Exception] = []
    done = threading.Event()

    def look_up() -> None:
        with _connection(tmp_path) as connection:
            while not done.is_set():
                try:
                    connection.default_channel.get_table("celery")
                except Exception as error:
                    failures.append(error)

    thread = threading.Thread(target=look_up)
    thread.start()
    with _connection(tmp_path) as connection:
        for number in range(60):
            Queue(f"q{number}", exchange, routing_key=f"k{number}")(connection.default_channel).declare()
        table = connection.default_channel.get_table("celery")
    done.set()
    thread.join()

    assert failures == []
    assert {row.queue for row in table} == {f"q{number}" for number in range(60)}
