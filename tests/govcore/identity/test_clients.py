"""A client's address and program, also of one that lies."""

from __future__ import annotations

import pytest
from litestar.testing import RequestFactory

from govcore.web.clients import address_of, device_of, network_of

EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36 Edg/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
)


def request(peer: str, forwarded: str = "", agent: str = ""):
    made = RequestFactory().get("/", headers={"x-forwarded-for": forwarded, "user-agent": agent})
    made.scope["client"] = (peer, 1)
    return made


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "address"),
    [
        ("198.51.100.7", "", (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", (), "198.51.100.7"),
        ("198.51.100.7", "203.0.113.9", ("10.0.0.0/8",), "198.51.100.7"),
        ("10.0.0.2", "203.0.113.9", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.2", "1.1.1.1, 203.0.113.9", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.2", "1.1.1.1, 203.0.113.9, 10.0.0.3", ("10.0.0.0/8",), "203.0.113.9"),
        ("10.0.0.2", "<script>", ("10.0.0.0/8",), "10.0.0.2"),
        ("10.0.0.2", "", ("10.0.0.0/8",), "10.0.0.2"),
        ("::ffff:10.0.0.2", "2001:db8::1", ("10.0.0.0/8",), "2001:db8::1"),
        ("testclient", "203.0.113.9", ("10.0.0.0/8",), ""),
    ],
)
def test_only_our_own_proxies_tell_an_address(peer, forwarded, proxies, address):
    assert address_of(request(peer, forwarded), proxies) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [("203.0.113.9", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", "")],
)
def test_a_network_is_coarser_than_an_address(address, network):
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("agent", "program"),
    [
        (EDGE, "Edge · Windows"),
        (IPHONE, "Safari · iPhone"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("", ""),
        ("<b>bold</b>", ""),
        ("x" * 500, "x" * 40),
    ],
)
def test_a_program_is_named_without_its_version(agent, program):
    assert device_of(request("203.0.113.9", agent=agent), ()).program == program
