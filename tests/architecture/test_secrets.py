"""Secrets: every wrapped column is registered, no value class shows one, no weak cipher is used."""

from __future__ import annotations

import ast
import base64
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import LargeBinary, Table

from bidding_docs import age, suites
from bidding_docs.capsules import Capsule, Context
from bidding_docs.kept_keys import KeptKey
from bidding_docs.manifests import Release
from bidding_docs.opening import Combined
from bidding_docs.recovery import RecoveryPart
from govcore.db import Base
from govcore.identity.pages import SignInForm
from govcore.identity.schemas import SignIn
from govcore.keys import load_kek
from govcore.module import Registry
from govcore.settings import Settings
from govcore.sm2 import Sm2PrivateKey
from govcore.vault import PURPOSES, Ed25519Signer, Vault
from trading.opening.reading import Opened

ROOT = Path(__file__).parents[2]
PACKAGES = ("govcore", "bidding_docs", "guarantees", "trading", "bureau")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

SECRET = re.compile(
    r"^_?(key|keys|private_key|secret|secrets|identity|identities|shares?|gate|bidder|pin|opened|signers)$"
)
PASSWORD = re.compile(r"^_?(password|passphrase)$")
HELD = re.compile(r"\b(bytes|\w*PrivateKey|Base64|Opened|Signer)\b")

FORBIDDEN = re.compile(
    r"\b(ECB|CBC|OFB|CFB8?)\b|sm4_(cbc|ecb)\w*|[aA][eE][sS]-?(ECB|CBC|ecb|cbc)|MODE_(ECB|CBC)"
)


def shown_secrets(source: str) -> list[str]:
    """Fields of value classes that a printed instance would show."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and _is_value(node) and not _hides_all(node):
            found += [f"{node.name}.{name}" for name in map(_shown, node.body) if name]
    return found


def _is_value(node: ast.ClassDef) -> bool:
    bases = {ast.unparse(base) for base in node.bases}
    return any("dataclass" in ast.unparse(one) for one in node.decorator_list) or bool(
        bases & {"msgspec.Struct", "Strict"}
    )


def _hides_all(node: ast.ClassDef) -> bool:
    quiet = any("repr=False" in ast.unparse(one) for one in node.decorator_list)
    return quiet or any(isinstance(one, ast.FunctionDef) and one.name == "__repr__" for one in node.body)


def _shown(statement: ast.stmt) -> str | None:
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        return None
    name, kind = statement.target.id, ast.unparse(statement.annotation)
    hidden = statement.value is not None and "repr=False" in ast.unparse(statement.value)
    secret = PASSWORD.match(name) or (SECRET.match(name) and HELD.search(kind))
    return name if secret and not hidden else None


def weak_ciphers(source: str) -> list[str]:
    """Modes without authentication that are named anywhere but in prose."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = {
            ast.Name: lambda one: one.id,
            ast.Attribute: lambda one: one.attr,
            ast.alias: lambda one: one.name,
            ast.Constant: lambda one: (
                one.value if isinstance(one.value, str) and " " not in one.value else ""
            ),
        }
        for kind, of in names.items():
            if isinstance(node, kind) and FORBIDDEN.search(of(node)):
                found.append(of(node))
    return found


def unregistered(tables: list[Table], registered: set[tuple[str, str]]) -> list[str]:
    """Binary columns whose name says that they are wrapped, and that no module registered."""
    return [
        f"{table.name}.{column.name}"
        for table in tables
        for column in table.columns
        if isinstance(column.type, LargeBinary)
        and "wrapped" in column.name
        and (table.name, column.name) not in registered
    ]


def test_every_wrapped_column_is_registered_for_rotation(registry: Registry) -> None:
    registered = {(one.table, one.attribute.key) for one in registry.wrapped}

    assert unregistered(list(Base.metadata.tables.values()), registered) == []
    assert unregistered([Base.metadata.tables["bidding_bid"]], set()) == ["bidding_bid.wrapped"]


def test_no_value_class_shows_a_secret() -> None:
    found = {str(path.relative_to(ROOT)): shown_secrets(path.read_text()) for path in SOURCES}

    assert {path: fields for path, fields in found.items() if fields} == {}


@pytest.mark.parametrize(
    "source",
    [
        "@dataclass(frozen=True)\nclass A:\n    identity: bytes",
        "@dataclass\nclass A:\n    _key: Ed25519PrivateKey = field()",
        "class A(msgspec.Struct):\n    password: str",
        "class A(Strict, frozen=True):\n    share: Base64 | None",
    ],
)
def test_a_shown_secret_is_found(source: str) -> None:
    assert len(shown_secrets(source)) == 1


def test_no_holder_of_a_secret_prints_it(tmp_path: Path) -> None:
    """Real instances with one secret; classes of the ORM print their address."""
    secret, text = bytes(range(1, 33)), "canary-canary-canary"
    (tmp_path / "kek").write_bytes(secret)
    (tmp_path / "kek").chmod(0o400)
    national = Sm2PrivateKey.from_bytes(secret)
    ctx = Context(
        tender_id="t",
        lot_id="l",
        round=1,
        key_manifest_sha256="0" * 64,
        bidder_id="b",
        part_id="p",
        recipient=suites.get("bs1").recipient_of(secret),
    )
    kept = {"lot_id": "l", "round": 1, "opens": "opening", "recipient": ctx.recipient}
    encoded = base64.b64encode(secret).decode()
    holders: list[object] = [
        national,
        load_kek(tmp_path / "kek"),
        Ed25519Signer(b"", Ed25519PrivateKey.from_private_bytes(secret)),
        Vault(dict.fromkeys(PURPOSES, secret)),
        Combined(secret, (), inconsistent=False),
        Release(manifest_sha256="0" * 64, part="p", share=encoded),
        Capsule(ctx=ctx, holder="gate", share=encoded),
        RecoveryPart(
            id="p", recipient=ctx.recipient, identity=age.encode_identity(secret), bidder_share=encoded
        ),
        KeptKey(**kept, identity=age.encode_identity(secret)),
        SignIn(username="u", password=text),
        SignInForm(login="u", password=text),
        Opened({"price_fen": text}, secret),
        Settings.from_environ({"TRADING_DATABASE_URL": f"postgresql://u:{text}@localhost/x"}),
    ]

    printed = {type(one).__name__: f"{one!r} {one!s}" for one in holders}

    forms = (text, secret.hex(), repr(secret)[2:-1], encoded, age.encode_identity(secret), str(list(secret)))
    assert [name for name, shown in printed.items() if any(form in shown for form in forms)] == []


def test_no_cipher_mode_without_authentication_is_used() -> None:
    python = {str(path.relative_to(ROOT)): weak_ciphers(path.read_text()) for path in SOURCES}
    scripts = [path for path in (ROOT / "frontend").rglob("*.ts") if "node_modules" not in path.parts]

    assert {path: names for path, names in python.items() if names} == {}
    assert [str(path) for path in scripts if FORBIDDEN.search(path.read_text())] == []


@pytest.mark.parametrize(
    "source",
    [
        "modes.ECB()",
        "from cryptography.hazmat.primitives.ciphers.modes import CBC",
        "gmssl_pyx.sm4_cbc_padding_encrypt(key, iv, data)",
        "cipher = 'aes-cbc'",
        "Mechanism.AES_CBC_PAD if old else AES.MODE_ECB",
    ],
)
def test_a_weak_cipher_is_found(source: str) -> None:
    assert weak_ciphers(source) != []
