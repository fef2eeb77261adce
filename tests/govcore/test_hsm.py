"""Key-encryption keys in a real PKCS#11 token: SoftHSM2, as Debian ships it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from wrappers import file_wrapper

from govcore.hsm import TokenKeks, create_first
from govcore.keys import KeyWrapper, UnwrapError, create_first_kek, kek_of, open_wrapper
from govcore.settings import Settings, SettingsError

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
SECRET = b"the receipt signing key, 32 byte"
PIN = "correct-horse-battery"

pytestmark = pytest.mark.skipif(
    not MODULE.exists(), reason="needs SoftHSM2: Debian's packages softhsm2 and libsofthsm2"
)


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty token of our own."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "pin").write_text(PIN)
    config = tmp_path / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    command = [
        "softhsm2-util",
        "--init-token",
        "--free",
        "--label",
        "trading",
        "--pin",
        PIN,
        "--so-pin",
        "4321",
    ]
    subprocess.run(command, check=True, capture_output=True)
    return f"pkcs11:token=trading;object=kek?module-path={MODULE}&pin-source=file:{tmp_path / 'pin'}"


@pytest.fixture
def keks(token: str) -> Iterator[TokenKeks]:
    create_first(token)
    keks = TokenKeks.open(token)
    yield keks
    keks.close()


def test_a_token_wraps_and_unwraps_for_one_purpose_and_context_only(keks: TokenKeks) -> None:
    wrapper = KeyWrapper(keks)

    blob = wrapper.wrap("vault", "log", SECRET)

    assert (kek_of(blob), wrapper.unwrap("vault", "log", blob)) == ("pkcs11:kek", SECRET)
    assert SECRET not in blob
    for purpose, context in (("vault", "gate"), ("bid", "log")):
        with pytest.raises(UnwrapError):
            wrapper.unwrap(purpose, context, blob)


def test_the_key_cannot_be_read_out_of_the_token(keks: TokenKeks) -> None:
    from pkcs11 import Attribute, AttributeSensitive

    key = keks._key("pkcs11:kek")

    assert (key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE]) == (True, False)
    with pytest.raises(AttributeSensitive):
        key[Attribute.VALUE]


def test_the_newest_key_of_a_token_wraps_and_files_still_unwrap(keks: TokenKeks) -> None:
    files = file_wrapper(name="kek")
    moved = KeyWrapper(keks, *files._backends)
    old = files.wrap("vault", "log", SECRET)
    first = moved.wrap("vault", "log", SECRET)

    added = moved.add()
    second = moved.wrap("vault", "log", SECRET)

    assert (added, kek_of(first), kek_of(second)) == ("pkcs11:kek-2", "pkcs11:kek", "pkcs11:kek-2")
    assert moved.names() == ["pkcs11:kek", "pkcs11:kek-2", "kek"]
    assert [moved.unwrap("vault", "log", blob) for blob in (old, first, second)] == [SECRET] * 3


def test_the_first_key_is_made_once(keks: TokenKeks, token: str) -> None:
    keks.make_first()

    assert keks.names() == ["pkcs11:kek"]


def test_settings_lead_to_the_token_in_a_process_of_its_own(token: str, tmp_path: Path) -> None:
    """Twice, one after the other, as a supervisor checks the key before it starts the web."""
    environ = {"TRADING_DATA": str(tmp_path / "data"), "TRADING_KEK_PKCS11": token, "TRADING_PRODUCTION": "1"}
    create_first_kek(Settings.from_environ(environ))
    program = (
        "import os; from govcore.keys import open_wrapper; from govcore.settings import Settings\n"
        "settings = Settings.from_environ(os.environ)\n"
        "open_wrapper(settings).close()\n"
        "if os.fork() == 0:\n"
        "    wrapper = open_wrapper(settings)\n"
        "    print(wrapper.newest(), wrapper.unwrap('a', 'b', wrapper.wrap('a', 'b', b'c')).decode(), flush=True)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environ},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout == "pkcs11:kek c\n"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("token=trading", "token=other"), "the token other cannot be used"),
        (("object=kek", "object=other"), "the token has no key other"),
        (("pin-source=file:", "pin-source=file:/nowhere"), "the token's PIN cannot be read"),
        (("module-path=", "module-path=/nowhere"), "cannot be used"),
        (("module-path=", "module="), "does not name module-path"),
    ],
)
def test_a_token_that_is_not_there_is_refused_in_one_sentence(
    token: str, change: tuple[str, str], reason: str, tmp_path: Path
) -> None:
    environ = {"TRADING_DATA": str(tmp_path), "TRADING_KEK_PKCS11": token.replace(*change)}

    with pytest.raises(SettingsError, match=reason):
        open_wrapper(Settings.from_environ(environ))
