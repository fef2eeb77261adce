"""Wrapped secrets cannot be moved, altered or read with another key; the key file is guarded."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from wrappers import file_wrapper

from govcore.keys import UnwrapError, create_kek, kek_of, load_kek, open_wrapper
from govcore.settings import Settings, SettingsError

SECRET = b"the receipt signing key, 32 byte"
WRAPPER = file_wrapper(name="kek-a")


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
        file_wrapper(bytes(32), "kek-a").unwrap("vault", "receipt", blob)


def test_a_wrapper_shows_its_name_only() -> None:
    assert repr(WRAPPER) == "KeyWrapper(kek=kek-a)"


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


def test_the_newest_key_wraps_and_every_older_one_still_unwraps(tmp_path: Path) -> None:
    create_kek(tmp_path / "kek")
    running = load_kek(tmp_path / "kek")
    old = running.wrap("vault", "log", SECRET)

    added = load_kek(tmp_path / "kek").add()
    new = running.wrap("vault", "log", SECRET)

    assert (added, kek_of(old), kek_of(new)) == ("kek-2", "kek", "kek-2")
    assert [running.unwrap("vault", "log", blob) for blob in (old, new)] == [SECRET, SECRET]
    assert stat.S_IMODE((tmp_path / "kek-2").stat().st_mode) == 0o400


def test_the_next_key_belongs_to_the_owner_of_the_first_whoever_makes_it(tmp_path: Path) -> None:
    """As root, who alone can give files away, to somebody else."""
    owner = (12_345, 23_456) if os.geteuid() == 0 else (os.getuid(), os.getgid())
    create_kek(tmp_path / "kek")
    os.chown(tmp_path / "kek", *owner)

    load_kek(tmp_path / "kek").add()

    made = (tmp_path / "kek-2").stat()
    assert (made.st_uid, made.st_gid) == owner


def test_keys_are_ordered_by_number_and_strange_files_are_no_keys(tmp_path: Path) -> None:
    create_kek(tmp_path / "kek")
    for name in ("kek-10", "kek-9"):
        create_kek(tmp_path / name)
    for name in ("kek-01", "kek-x", "kek.bak", "other"):
        (tmp_path / name).write_bytes(b"no key")

    assert load_kek(tmp_path / "kek").names() == ["kek", "kek-9", "kek-10"]


def test_a_blob_whose_key_was_taken_away_names_that_key(tmp_path: Path) -> None:
    create_kek(tmp_path / "kek")
    create_kek(tmp_path / "kek-2")
    blob = load_kek(tmp_path / "kek").wrap("vault", "log", SECRET)
    (tmp_path / "kek-2").unlink()

    with pytest.raises(UnwrapError, match="key-encryption key kek-2"):
        load_kek(tmp_path / "kek").unwrap("vault", "log", blob)


def _settings(tmp_path: Path, **environ: str) -> Settings:
    return Settings.from_environ(
        {"TRADING_DATA": str(tmp_path / "data"), "TRADING_PRODUCTION": "1", **environ}
    )


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"TRADING_KEK_FILE": "{root}/elsewhere/../data/kek"},
        {"TRADING_KEK_FILE": "{root}/db/kek", "TRADING_DATABASE_URL": "sqlite:///{root}/db/trading.sqlite3"},
        {"TRADING_KEK_FILE": "{root}/store/kek", "TRADING_STORE_URL": "file://{root}/store"},
    ],
)
def test_in_production_a_key_beside_the_data_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    settings = _settings(tmp_path, **{name: value.format(root=tmp_path) for name, value in environ.items()})
    create_kek(settings.kek_file)

    with pytest.raises(SettingsError, match="may not lie with the data"):
        open_wrapper(settings)


def test_in_production_a_key_apart_from_the_data_is_used(tmp_path: Path) -> None:
    settings = _settings(tmp_path, TRADING_KEK_FILE=str(tmp_path / "etc" / "kek"))
    create_kek(settings.kek_file)

    assert open_wrapper(settings).newest() == "kek"


def test_the_credential_of_systemd_is_used_unless_a_file_is_named(tmp_path: Path) -> None:
    create_kek(tmp_path / "credentials" / "kek")
    handed = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}

    assert _settings(tmp_path, **handed).kek_file == tmp_path / "credentials" / "kek"
    assert _settings(tmp_path, **handed, TRADING_KEK_FILE="/etc/kek").kek_file == Path("/etc/kek")
    assert _settings(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).kek_file == tmp_path / "data/keys/kek"
