"""The files in `deploy/`: TLS 1.2 and 1.3 only, nothing served in clear, no link in clear that is not named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from govcore.settings import Settings, SettingsError

DEPLOY = Path(__file__).parents[2] / "deploy"
Directive = tuple[str, ...]


def blocks(text: str) -> Iterator[tuple[Directive, list[Directive]]]:
    """Each block of an nginx configuration, by its head, with its own directives and those of the blocks in it."""
    words = re.findall(r'"[^"]*"|[{};]|[^\s{};"]+', re.sub(r"#[^\n]*", "", text))
    open_blocks: list[tuple[Directive, list[Directive]]] = []
    directive: list[str] = []
    for word in words:
        if word == "{":
            open_blocks.append((tuple(directive), []))
            directive = []
        elif word == "}":
            assert directive == [], f"a directive without its end: {directive}"
            yield open_blocks.pop()
        elif word == ";":
            for _, directives in open_blocks:
                directives.append(tuple(directive))
            directive = []
        else:
            directive.append(word)
    assert (open_blocks, directive) == ([], [])


@pytest.fixture
def servers() -> list[list[Directive]]:
    text = (DEPLOY / "nginx/trading.conf").read_text(encoding="utf-8")
    return [directives for head, directives in blocks(text) if head == ("server",)]


def values(server: list[Directive], name: str) -> list[tuple[str, ...]]:
    return [directive[1:] for directive in server if directive[0] == name]


def test_the_proxy_speaks_tls_1_2_and_1_3_and_nothing_older(servers):
    encrypted = [server for server in servers if any("ssl" in one for one in values(server, "listen"))]

    assert [values(server, "ssl_protocols") for server in encrypted] == [[("TLSv1.2", "TLSv1.3")]]
    assert values(encrypted[0], "proxy_hide_header") == [("strict-transport-security",)]
    assert values(encrypted[0], "add_header") == [
        ("strict-transport-security", '"max-age=31536000"', "always")
    ]
    assert values(encrypted[0], "access_log") == [("off",)]


def test_whoever_comes_without_tls_is_sent_to_it_and_served_nothing(servers):
    plain = [server for server in servers if not any("ssl" in one for one in values(server, "listen"))]

    assert [sorted({directive[0] for directive in server}) for server in plain] == [
        ["listen", "return", "server_name"]
    ]
    assert values(plain[0], "return") == [("301", "https://$host$request_uri")]


def test_the_proxy_hands_on_to_this_machine_alone():
    text = (DEPLOY / "nginx/trading.conf").read_text(encoding="utf-8")
    found = dict(blocks(text))

    assert values(found["upstream", "trading"], "server") == [("127.0.0.1:8000",)]
    assert {address for _, directives in blocks(text) for [address] in values(directives, "proxy_pass")} == {
        "http://trading"
    }


def test_the_composed_servers_are_reached_in_clear_only_because_the_file_names_them():
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    environ = dict(re.findall(r"^    (TRADING_\w+): (.*)$", text, re.MULTILINE))
    links = {
        name: re.sub(r"\$\{\w+:\?\}", "https://secret", environ[name]) for name in environ if "URL" in name
    }
    links["TRADING_DATABASE_URL"] = "postgresql://trading:x@database/trading"

    settings = Settings.from_environ({**links, "TRADING_PLAIN_HOSTS": environ["TRADING_PLAIN_HOSTS"]})

    assert settings.plain_hosts == {"database", "broker"}
    with pytest.raises(SettingsError, match="reaches database without TLS"):
        Settings.from_environ(links)
