"""Settings: defaults that need nothing installed, refusals that name the variable."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from govcore.settings import Settings, SettingsError


def test_an_empty_environment_means_the_embedded_default() -> None:
    data = Path("data").absolute()

    settings = Settings.from_environ({})

    assert settings == Settings(
        data=data,
        database_url=f"sqlite:///{data}/trading.sqlite3",
        broker_url="filesystem://",
        store_url=f"file://{data}/store",
        kek_file=data / "keys" / "kek",
    )
    assert settings.embedded_broker


def test_production_is_the_same_settings_with_other_addresses() -> None:
    environ = {
        "TRADING_DATABASE_URL": "postgresql://db/trading",
        "TRADING_BROKER_URL": "redis://queue/0",
        "TRADING_STORE_URL": "s3://bids?endpoint=https://store",
        "TRADING_KEK_FILE": "/run/secrets/kek",
        "TRADING_HOST": "::1",
        "TRADING_PORT": "8443",
        "TRADING_WEB_WORKERS": "4",
        "TRADING_MODULES": "identity,audit",
    }

    settings = Settings.from_environ(environ)

    assert (settings.database_url, settings.broker_url, settings.store_url) == (
        "postgresql://db/trading",
        "redis://queue/0",
        "s3://bids?endpoint=https://store",
    )
    assert (settings.kek_file, settings.host, settings.port, settings.web_workers) == (
        Path("/run/secrets/kek"),
        "::1",
        8443,
        4,
    )
    assert (settings.modules, settings.embedded_broker, settings.demo) == (
        ("identity", "audit"),
        False,
        False,
    )


@pytest.mark.parametrize("demo", [{}, {"TRADING_DEMO": "0"}, {"TRADING_DEMO": "true"}, {"TRADING_DEMO": ""}])
@pytest.mark.parametrize(("name", "value"), [("TRADING_CLOCK_OFFSET", "60"), ("TRADING_CLOCK_FILE", "ahead")])
def test_only_the_demo_may_move_the_clock(demo: dict[str, str], name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        Settings.from_environ({name: value, **demo})


def test_the_demo_moves_the_clock() -> None:
    settings = Settings.from_environ({"TRADING_CLOCK_OFFSET": "90.5", "TRADING_DEMO": "1"})

    assert settings.clock_offset == timedelta(seconds=90.5)


@pytest.mark.parametrize(
    "name",
    [
        "TRADING_PORT",
        "TRADING_WEB_WORKERS",
        "TRADING_CLOCK_OFFSET",
        "TRADING_LOG_INTERVAL",
        "TRADING_LOG_BUCKET",
    ],
)
def test_a_number_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(SettingsError, match="number"):
        Settings.from_environ({name: "many"})
