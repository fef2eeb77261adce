"""Wrapped secrets cannot be moved, altered or read with another key; the key file is guarded."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from pathlib import Path

import pytest

from govcore.keys import KeyWrapper, UnwrapError, create_kek, load_kek
from govcore.settings import SettingsError

SECRET = b"the receipt signing key, 32 byte"
WRAPPER = KeyWrapper(bytes(range(32)), "kek-1")


def _altered(blob: bytes, member: str) -> bytes:
    parsed = json.loads(blob)
    raw = bytearray(b64decode(parsed[member]))
    raw[0] ^= 1
    return json.dumps({**parsed, member: b64encode(bytes(raw)).decode()}).encode()


def test_what_was_wrapped_is_unwrapped() -> None:
    blob = WRAPPER.wrap("vault", "receipt", SECRET)

    assert WRAPPER.unwrap("vault", "receipt", blob) == SECRET
    assert SECRET not in blob


def test_equal_secrets_do_not_look_equal() -> None:
    assert WRAPPER.wrap("vault", "receipt", SECRET) != WRAPPER.wrap("vault", "receipt", SECRET)


@pytest.mark.parametrize(
    ("purpose", "context"),
    [
        ("vault", "log"),
        ("authority", "receipt"),
        ("vault", ""),
        ("vault\nreceipt", ""),
        ("", "vault\nreceipt"),
    ],
)
def test_a_blob_that_was_moved_is_refused(purpose: str, context: str) -> None:
    blob = WRAPPER.wrap("vault", "receipt", SECRET)

    with pytest.raises(UnwrapError):
        WRAPPER.unwrap(purpose, context, blob)


@pytest.mark.parametrize("member", ["iv", "ct"])
def test_an_altered_blob_is_refused(member: str) -> None:
    blob = WRAPPER.wrap("vault", "receipt", SECRET)

    with pytest.raises(UnwrapError):
        WRAPPER.unwrap("vault", "receipt", _altered(blob, member))


@pytest.mark.parametrize("blob", [b"", b"{}", b"null", b'{"v":1,"kek":"k","alg":"A256GCM","iv":"","ct":""}'])
def test_what_is_no_blob_is_refused(blob: bytes) -> None:
    with pytest.raises(UnwrapError):
        WRAPPER.unwrap("vault", "receipt", blob)


def test_another_key_opens_nothing() -> None:
    blob = WRAPPER.wrap("vault", "receipt", SECRET)

    with pytest.raises(UnwrapError):
        KeyWrapper(bytes(32), "kek-1").unwrap("vault", "receipt", blob)


def test_a_wrapper_shows_its_name_only() -> None:
    assert repr(WRAPPER) == "KeyWrapper(kek=kek-1)"


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "kek"
    create_kek(path)
    first = path.read_bytes()

    create_kek(path)

    assert path.read_bytes() == first
    assert len(first) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o404, 0o440, 0o644, 0o620, 0o601])
def test_a_key_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "kek"
    create_kek(path)
    path.chmod(mode)

    with pytest.raises(SettingsError, match="can be read by others"):
        load_kek(path)


def test_a_key_file_of_another_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    path.write_bytes(os.urandom(31))
    path.chmod(0o400)

    with pytest.raises(SettingsError, match="32 bytes"):
        load_kek(path)


def test_a_missing_key_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="trading migrate"):
        load_kek(tmp_path / "kek")


def test_a_loaded_key_unwraps_what_it_wrapped_before(tmp_path: Path) -> None:
    create_kek(tmp_path / "kek")
    blob = load_kek(tmp_path / "kek").wrap("vault", "log", SECRET)

    assert load_kek(tmp_path / "kek").unwrap("vault", "log", blob) == SECRET
