"""Files are scanned by what speaks clamd's protocol; what does not answer, or not in full, lets nothing through."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from scanners import EICAR, FOUND, Heard, scanner

from govcore.scanner import PIECE, Scanner, ScannerRefused, ScannerSilent
from govcore.settings import Settings, SettingsError


@pytest.fixture
def heard() -> Iterator[Heard]:
    with scanner() as found:
        yield found


def test_a_file_is_sent_whole_and_what_is_found_is_named(heard: Heard) -> None:
    large = [b"a" * (PIECE + 1), b"", b"b"]

    assert Scanner(heard.url).scan(large) is None
    assert Scanner(heard.url).scan([EICAR[:20], EICAR[20:]]) == FOUND
    assert Scanner(heard.url).scan([]) is None
    assert heard.files == [b"".join(large), EICAR, b""]
    assert Scanner(heard.url).answers()


def test_a_scanner_behind_a_socket_of_this_machine(tmp_path: Path) -> None:
    with scanner(str(tmp_path / "clamd.ctl")) as here:
        assert Scanner(here.url).scan([EICAR]) == FOUND
        assert Scanner(here.url).answers()


def test_a_file_that_is_too_large_for_it_is_refused(heard: Heard) -> None:
    heard.limit = 10

    with pytest.raises(ScannerRefused):
        Scanner(heard.url).scan([b"x" * 11])


def test_nobody_there_and_half_an_answer_are_silence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        gone = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
    for url in (gone, f"unix://{tmp_path}/none"):
        with pytest.raises(ScannerSilent):
            Scanner(url).scan([b"x"])
        assert not Scanner(url).answers()


@pytest.mark.parametrize("url", ["http://127.0.0.1:3310", "tcp://", "unix://", "tcp://scanner.example:3310"])
def test_addresses_that_are_none_or_lead_elsewhere_in_clear_are_refused(url: str, tmp_path: Path) -> None:
    environ = {"TRADING_DATA": str(tmp_path), "TRADING_SCANNER_URL": url}

    with pytest.raises(SettingsError, match="TRADING_SCANNER_URL"):
        Settings.from_environ(environ)
