"""A gate's new key-encryption key: two of its operators sign for it, once, within ten minutes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import copies
import pytest
from copies import Rest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate
from gate_operators import name_operators, signed_by

from govcore.audit.note import VerifierKey
from govcore.certificates.queries import authority_der
from govcore.db import Database
from govcore.dsse import Envelope
from govcore.errors import Problem
from govcore.keys import KeyWrapper, load_kek
from govcore.module import Registry
from govcore.platform import Platform
from trading.gate import folder, rotating

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


@pytest.fixture
def resting(
    backend: str, request: pytest.FixtureRequest, registry: Registry, tmp_path_factory: pytest.TempPathFactory
) -> Rest:
    """The platform alone: a gate without a lot has a key to leave, too."""
    url = request.getfixturevalue(f"{backend}_databases")(True)
    return copies.play(copies.nothing, url, tmp_path_factory.mktemp("alone"))


@pytest.fixture
def home(platform: Platform, tmp_path: Path) -> Path:
    with platform.db.read() as tx:
        authority = load_der_x509_certificate(authority_der(tx))
    pins = folder.Pins(
        url="http://site.example",
        platform_key=platform.keys.gate_signer.public_bytes.hex(),
        log=str(VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)),
        authority=authority.public_bytes(Encoding.PEM).decode(),
    )
    folder.create(tmp_path / "gate", pins, kek=tmp_path / "gate" / folder.KEK)
    return tmp_path / "gate"


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    found = folder.open_database(home, None)
    yield found
    found.dispose()


def kek(home: Path) -> KeyWrapper:
    return load_kek(home / folder.KEK)


def ask(home: Path, nonce: str = "00") -> Envelope:
    return rotating.request(home, kek(home), at=AT, nonce=nonce)[1]


def code_of(act: Callable[[], object]) -> str:
    try:
        act()
    except Problem as refusal:
        return refusal.code
    return "OK"


def test_one_operator_a_stranger_or_nobody_makes_no_new_key(home: Path, database: Database) -> None:
    def rotate(signed: Envelope | None, *, minutes: int = 1) -> str:
        at = AT + timedelta(minutes=minutes)
        return code_of(lambda: rotating.rotate(database, home, kek(home), signed, at=at))

    unnamed = code_of(lambda: ask(home))
    name_operators(home)
    earlier, asked = signed_by("wang", "li", ask(home, "01")), ask(home)

    assert {
        "nobody is named": unnamed,
        "nobody signed": rotate(None),
        "without signatures": rotate(asked),
        "one": rotate(signed_by("wang", asked)),
        "one and a stranger": rotate(signed_by("wang", "stranger", asked)),
        "another request": rotate(earlier),
        "too late": rotate(signed_by("wang", "li", asked), minutes=10),
    } == {
        "nobody is named": "E_OPERATORS",
        "nobody signed": "E_NOT_ORDERED",
        "without signatures": "E_NOT_APPROVED",
        "one": "E_NOT_APPROVED",
        "one and a stranger": "E_NOT_APPROVED",
        "another request": "E_OPERATORS_REQUEST",
        "too late": "E_OPERATORS_REQUEST",
    }
    assert kek(home).newest() == "kek"


def test_two_operators_make_one_new_key_and_what_they_signed_stays(home: Path, database: Database) -> None:
    name_operators(home)
    public, signed = folder.public_key(home, kek(home)), signed_by("li", "wang", ask(home))

    moved = rotating.rotate(database, home, kek(home), signed, at=AT)
    again = code_of(lambda: rotating.rotate(database, home, kek(home), signed, at=AT))

    assert (moved, again, kek(home).newest()) == (1, "E_OPERATORS_REQUEST", "kek-2")
    assert folder.public_key(home, kek(home)) == public
    assert Envelope.decode((home / "rotation-kek-2.json").read_bytes()) == signed


def test_a_rotation_that_was_killed_is_finished_with_the_same_key_and_no_other_request(
    home: Path, database: Database
) -> None:
    name_operators(home)
    signed = signed_by("li", "wang", ask(home))
    rotating._begin(home, kek(home), signed, at=AT)
    kek(home).add()  # and here the machine stopped

    rotating.rotate(database, home, kek(home), None, at=AT + timedelta(days=1))

    assert kek(home).newest() == "kek-2"
    assert code_of(lambda: rotating.rotate(database, home, kek(home), None, at=AT)) == "E_NOT_ORDERED"
