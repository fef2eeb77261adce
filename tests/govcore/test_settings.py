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
        "TRADING_DATABASE_URL": "postgresql://db/trading?sslmode=verify-full",
        "TRADING_BROKER_URL": "rediss://queue/0?ssl_cert_reqs=required",
        "TRADING_STORE_URL": "s3://bids?endpoint=https://store",
        "TRADING_KEK_FILE": "/run/secrets/kek",
        "TRADING_HOST": "::1",
        "TRADING_PORT": "8443",
        "TRADING_WEB_WORKERS": "4",
        "TRADING_MODULES": "identity,audit",
    }

    settings = Settings.from_environ(environ)

    assert (settings.database_url, settings.broker_url, settings.store_url) == (
        "postgresql://db/trading?sslmode=verify-full",
        "rediss://queue/0?ssl_cert_reqs=required",
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


PLAIN = [
    ("TRADING_DATABASE_URL", "postgresql://u:p@db.example/trading", "db.example"),
    ("TRADING_DATABASE_URL", "postgresql://u:p@db.example/trading?sslmode=prefer", "db.example"),
    ("TRADING_DATABASE_URL", "postgresql://127.0.0.1,db.example:5433/trading", "db.example"),
    ("TRADING_DATABASE_URL", "postgresql:///trading?host=db.example", "db.example"),
    ("TRADING_BROKER_URL", "redis://queue:6379/0", "queue"),
    ("TRADING_BROKER_URL", "amqp://queue//", "queue"),
    ("TRADING_STORE_URL", "s3://bids?endpoint=http://store:9000", "store"),
    ("TRADING_STORE_URL", "s3://bids?endpoint=https://store&public=http://files.example", "files.example"),
    ("TRADING_LOG_COPY_URL", "s3://log?endpoint=http://store", "store"),
    ("TRADING_GATE_URL", "http://10.0.0.9", "10.0.0.9"),
    ("TRADING_SMTP_URL", "smtp://u:p@mail.example:587?from=a@b.example", "mail.example"),
    ("TRADING_SMS_URL", "http://sms.example/send?ec=a", "sms.example"),
    ("TRADING_CALL_URL", "http://calls.example/?app=a", "calls.example"),
]


@pytest.mark.parametrize(("variable", "address", "host"), PLAIN)
def test_a_link_without_tls_to_another_machine_stops_the_start_unless_it_is_allowed(
    variable: str, address: str, host: str
) -> None:
    with pytest.raises(SettingsError, match=f"{variable} reaches {host} without TLS") as refused:
        Settings.from_environ({variable: address})
    allowed = Settings.from_environ({variable: address, "TRADING_PLAIN_HOSTS": f"other, {host}"})

    assert "p@" not in str(refused.value)
    assert host in allowed.plain_hosts


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("TRADING_DATABASE_URL", "postgresql:///trading"),
        ("TRADING_DATABASE_URL", "postgresql://trading@/trading?host=/run/postgresql"),
        ("TRADING_DATABASE_URL", "postgresql://trading@localhost:5433/trading"),
        ("TRADING_DATABASE_URL", "postgresql://db.example/trading?sslmode=verify-full&sslrootcert=/ca.pem"),
        ("TRADING_BROKER_URL", "redis://[::1]:6379/0"),
        ("TRADING_BROKER_URL", "redis+socket:///run/redis.sock"),
        ("TRADING_BROKER_URL", "rediss://queue/0?ssl_cert_reqs=required"),
        ("TRADING_STORE_URL", "s3://bids?region=local"),
        ("TRADING_STORE_URL", "s3://bids?endpoint=http://127.0.0.2:9000"),
        ("TRADING_SMTP_URL", "smtp://mail.example:587?from=a@b.example&starttls=1"),
        ("TRADING_SMTP_URL", "smtps://mail.example?from=a@b.example"),
        ("TRADING_GATE_URL", "https://gate.example"),
    ],
)
def test_encrypted_links_and_those_within_this_machine_are_taken(variable: str, address: str) -> None:
    assert Settings.from_environ({variable: address}).plain_hosts == frozenset()


def test_production_describes_its_api_only_where_it_says_so() -> None:
    described = [
        Settings.from_environ(environ).api_described
        for environ in (
            {},
            {"TRADING_API_DESCRIPTION": "none"},
            {"TRADING_PRODUCTION": "1"},
            {"TRADING_PRODUCTION": "1", "TRADING_API_DESCRIPTION": "public"},
        )
    ]

    assert described == [True, False, False, True]
    with pytest.raises(SettingsError, match="public or none"):
        Settings.from_environ({"TRADING_API_DESCRIPTION": "yes"})


def test_requests_are_limited_everywhere_but_in_the_demo() -> None:
    limits = [
        Settings.from_environ(environ).requests_per_minute
        for environ in ({}, {"TRADING_DEMO": "1"}, {"TRADING_REQUESTS_PER_MINUTE": "90"})
    ]

    assert limits == [1200, 0, 90]
    with pytest.raises(SettingsError, match="at least 60"):
        Settings.from_environ({"TRADING_REQUESTS_PER_MINUTE": "59"})
