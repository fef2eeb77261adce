"""Back from a backup: on the word of two named operators, for one machine, in ten minutes, once, and whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from restoring import AT, PASSPHRASE, asked, signed
from sqlalchemy import select

from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.cli import main
from govcore.db import Database
from govcore.dsse import Envelope
from govcore.errors import Problem
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.setup import wanted
from govcore.upkeep import approvals, backups
from govcore.upkeep.approvals import OperatorKey
from govcore.vault import Vault


def code_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Problem as refusal:
        return refusal.code
    return "OK"


def test_two_operators_bring_the_whole_database_back_and_the_log_says_who(
    platform: Platform, empty: Settings, keys: dict[str, OperatorKey], backed_up: Path
) -> None:
    request = signed(asked(empty, platform.registry, backed_up), keys["li"], keys["wang"])

    _, names = backups.restore(empty, platform.registry, backed_up, request, at=AT + timedelta(minutes=9))

    back = Database(empty.database_url)
    with back.read() as tx:
        events = [parse_event(row.event) for row in tx.scalars(select(LogOutbox).order_by(LogOutbox.id))]
        same = Vault.load(tx, platform.wrapper).log_signer.public_bytes
    back.dispose()
    assert names == ["city.example/li", "city.example/wang"]
    assert same == platform.keys.log_signer.public_bytes
    assert (events[-1]["type"], events[-1]["data"]["operators"]) == ("backup.restored", names)


@pytest.mark.parametrize("backend", ["sqlite"])
def test_one_operator_a_stranger_or_one_key_twice_brings_nothing_back(
    platform: Platform, empty: Settings, keys: dict[str, OperatorKey], backed_up: Path
) -> None:
    registry, request = platform.registry, asked(empty, platform.registry, backed_up)
    one = signed(request, keys["wang"])
    twice = replace_signatures(one, (*one.signatures, *one.signatures))

    def restore(envelope: Envelope) -> Callable[[], object]:
        return lambda: backups.restore(empty, registry, backed_up, envelope, at=AT)

    assert {
        "nobody": code_of(restore(request)),
        "one": code_of(restore(one)),
        "one twice": code_of(restore(twice)),
        "a stranger too": code_of(restore(signed(one, keys["stranger"]))),
        "the same signs again": code_of(lambda: signed(one, keys["wang"])),
        "nobody is named": code_of(lambda: asked(replace(empty, operators=()), registry, backed_up)),
    } == {
        "nobody": "E_NOT_APPROVED",
        "one": "E_NOT_APPROVED",
        "one twice": "E_NOT_APPROVED",
        "a stranger too": "E_NOT_APPROVED",
        "the same signs again": "E_TWO_SAME_PERSON",
        "nobody is named": "E_OPERATORS",
    }
    assert code_of(restore(signed(one, keys["li"]))) == "OK"


def replace_signatures(envelope: Envelope, signatures: tuple[object, ...]) -> Envelope:
    return Envelope(envelope.payload, envelope.payload_type, signatures)  # type: ignore[arg-type]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_request_is_for_one_backup_and_one_machine_for_ten_minutes_once(
    platform: Platform,
    empty: Settings,
    keys: dict[str, OperatorKey],
    backed_up: Path,
    make_database: Callable[[bool | str], str],
    tmp_path: Path,
) -> None:
    registry, both = platform.registry, (keys["wang"], keys["li"])
    other = tmp_path / "later"
    backups.make(platform.settings, registry, other)
    elsewhere = replace(empty, database_url=make_database(False))
    first = signed(asked(empty, registry, backed_up), *both)
    second = signed(backups.request(empty, registry, backed_up, at=AT, nonce="01")[1], *both)

    def restore(
        envelope: Envelope, *, to: Settings = empty, folder: Path = backed_up, minutes: int = 0
    ) -> str:
        at = AT + timedelta(minutes=minutes)
        return code_of(lambda: backups.restore(to, registry, folder, envelope, at=at))

    assert restore(first) == "E_OPERATORS_REQUEST"  # a newer request took its place
    assert restore(second, to=elsewhere) == "E_OPERATORS_REQUEST"
    assert restore(second, folder=other) == "E_OPERATORS_REQUEST"
    assert restore(second, minutes=10) == "E_OPERATORS_REQUEST"
    assert restore(second) == "OK"
    assert restore(second) == "E_NOT_EMPTY"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_backup_that_is_not_whole_or_of_another_release_does_not_come_back(
    platform: Platform, empty: Settings, backed_up: Path
) -> None:
    manifest = (backed_up / backups.MANIFEST).read_text()
    (revision,) = wanted(platform.registry)["platform"]

    def ask() -> str:
        return code_of(lambda: asked(empty, platform.registry, backed_up))

    assert ask() == "OK"
    for old, new in ((revision, "0001_old"), ("trading.example/log/2026", "other.example/log")):
        (backed_up / backups.MANIFEST).write_text(manifest.replace(old, new))
        assert ask() == "E_BACKUP"
    (backed_up / backups.MANIFEST).write_text(manifest)
    data = backed_up / backups.DATA
    data.chmod(0o600)
    data.write_bytes(data.read_bytes() + b"\0")
    assert ask() == "E_BACKUP"
    data.write_bytes(data.read_bytes()[:-1][::-1])
    assert ask() == "E_BACKUP"


@pytest.mark.parametrize("backend", ["sqlite"])
def test_two_operators_sign_on_their_own_machines_with_commands(
    platform: Platform,
    empty: Settings,
    keys: dict[str, OperatorKey],
    backed_up: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = {
        "TRADING_DATA": str(empty.data),
        "TRADING_DATABASE_URL": empty.database_url,
        "TRADING_OPERATORS": " ".join(str(one) for one in empty.operators),
    }
    file = tmp_path / "request"

    def run(*words: str, typed: str = "", **environ: str) -> str:
        return CliRunner(env=environ).invoke(main, ["backup", *words], input=typed).output

    shown = run("request", str(backed_up), "--out", str(file), **site)
    digest = approvals.read(Envelope.decode(file.read_bytes())).sha256
    words = {"TRADING_PASSPHRASE": PASSPHRASE.decode()}
    wrong = run("approve", str(file), "--key", str(tmp_path / "li"), typed="00000000\n", **words)
    for name in ("li", "wang"):
        run("approve", str(file), "--key", str(tmp_path / name), typed=f"{digest[:8]}\n", **words)
    back = run("restore", str(backed_up), "--approved", str(file), **site)

    assert f"hash of this request {digest}\n" in shown
    assert wrong.endswith("Nothing was signed.\n")
    assert "approved by city.example/li and city.example/wang." in back
