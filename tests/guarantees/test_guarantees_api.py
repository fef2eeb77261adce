"""The routes over HTTP: who may call them, what a stranger learns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from apps import app_for
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from guarantee_factories import ACCOUNT, BANK, BIDDER, TENDERER, cash_requirement
from litestar.testing import TestClient

import govcore.audit.module
import govcore.identity.module
import guarantees.module
from govcore import clock, vault
from govcore.db import Base, Database
from govcore.i18n.catalogue import Catalogue
from govcore.identity import service as identity
from govcore.identity.policy import Role
from govcore.identity.sessions import open_session
from govcore.keys import KeyWrapper
from govcore.module import Module, build_registry
from govcore.platform import Platform
from govcore.settings import Settings
from govcore.storage import Store
from guarantees import intake, service
from guarantees.advice import AdviceUnreadable
from guarantees.api import bank_routes
from guarantees.policy import RefundReason

KEY = ChaCha20Poly1305(bytes(range(32)))
PEOPLE = {
    "bidder": (BIDDER.name, BIDDER.uscc, Role.BIDDER),
    "rival": ("临湖远山建设有限公司", "91371500MA00000024", Role.BIDDER),
    "tenderer": (TENDERER.name, TENDERER.uscc, Role.TENDERER),
    "bank": (BANK.name, BANK.uscc, Role.BANK),
    "deposits": ("临湖市公共资源交易中心", "12371500MB00000026", Role.DEPOSITS),
    "expert": ("临湖市水利学会", "51371500MJ00000010", Role.EXPERT),
}

Caller = Callable[[str], TestClient]  # type: ignore[type-arg]


def seal(recipient: str, plain: bytes) -> bytes:
    return KEY.encrypt(bytes(12), plain, recipient.encode())


def unseal(sealed: bytes) -> bytes:
    try:
        return KEY.decrypt(bytes(12), sealed, b"age1gate")
    except InvalidTag as error:
        raise AdviceUnreadable from error


@pytest.fixture
def resting() -> None:
    """Its platform is put together of a few modules."""


@pytest.fixture
def platform(database_url: str, tmp_path: Path, wrapper: KeyWrapper) -> Iterator[Platform]:
    settings = Settings.from_environ({"TRADING_DATA": str(tmp_path), "TRADING_DEMO": "1"})
    core = [replace(m.MODULE, routes=()) for m in (govcore.audit.module, govcore.identity.module)]
    bank = Module(name="bank", prefixes=("bank",), routes=bank_routes(seal=seal))
    registry = build_registry([*core, guarantees.module.MODULE, bank])
    database = Database(database_url, info={"registry": registry, "clock_offset": timedelta(0)})
    Base.metadata.create_all(database.engine)
    catalogue = Catalogue.load([path for module in registry.modules for path in module.locale])
    platform = Platform(
        settings=settings,
        db=database,
        store=Store(f"file://{tmp_path}/store"),
        registry=registry,
        wrapper=wrapper,
        catalogue=catalogue,
    )
    with database.transaction() as tx:
        vault.create_missing(tx, wrapper)
        intake.accept_cash(tx, "lot-1", recipient="age1gate", actor="system", at=clock.now(tx))
    yield platform
    database.dispose()


@pytest.fixture
def call(platform: Platform) -> Caller:
    """A client for each person, signed in; `visitor` is nobody."""
    tokens = {"visitor": ""}
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for username, (name, uscc, role) in PEOPLE.items():
            organisation = identity.Organisation(id=username, uscc=uscc, name=name, basic_account=None)
            tx.add(organisation)
            tx.flush()
            user = identity.register_user(
                tx,
                username=username,
                name=username,
                password="correct horse",
                org_id=username,
                roles=[role],
                actor="system",
                at=at,
            )
            tokens[username] = open_session(tx, user_id=user.id, at=at)
    app = app_for(platform)

    def as_user(username: str) -> TestClient:  # type: ignore[type-arg]
        return TestClient(app, cookies={"session": tokens[username]} if tokens[username] else None)

    return as_user


def advise(call: Caller, number: str, **changes: object) -> dict[str, object]:
    body = {
        "sub_account": number,
        "payer_name": BIDDER.name,
        "payer_account": ACCOUNT,
        "bank": BANK.name,
        "amount_fen": 60_000_000,
        "credited_at": "2025-04-09T01:00:00Z",
        "serial": "SN-1",
    }
    response = call("bank").post("/api/deposits/advices", json=body | changes)
    return {"status": response.status_code, **response.json()}


def test_a_deposit_from_account_to_refund(platform: Platform, call: Caller) -> None:
    number = call("bidder").post("/api/lots/lot-1/sub-account").json()["number"]
    again = call("bidder").post("/api/lots/lot-1/sub-account").json()["number"]
    accepted, repeated = advise(call, number), advise(call, number)
    before = [call(who).get("/api/lots/lot-1/deposits").json() for who in ("deposits", "tenderer", "bidder")]

    with platform.db.transaction() as tx:
        (opened,) = service.open_advices(
            tx,
            "lot-1",
            open=unseal,
            requirement_of=lambda _: cash_requirement(),
            beneficiary_uscc=TENDERER.uscc,
            wrap=platform.wrapper,
            tag=platform.keys.tag,
            actor="system",
            at=clock.now(tx),
        ).deposits
        service.refund(tx, opened.deposit_id, reason=RefundReason.WITHDRAWN, actor="system", at=clock.now(tx))
    seen = {
        who: call(who).get("/api/lots/lot-1/deposits").json()
        for who in ("deposits", "tenderer", "bidder", "rival")
    }
    (order,) = call("bank").get("/api/refund-orders").json()
    paid = {"account": order["payer_account"], "amount_fen": order["total_fen"], "serial": "R-1"}
    noted = call("bank").post(f"/api/refund-orders/{order['deposit_id']}/payment", json=paid)

    assert (number == again, accepted == repeated, before) == (True, True, [[], [], []])
    assert {who: [d["payer_account"] for d in views] for who, views in seen.items()} == {
        "deposits": ["****2222"],
        "tenderer": ["****2222"],
        "bidder": ["****2222"],
        "rival": [],
    }
    assert (noted.status_code, noted.json()) == (200, {"deposit_id": opened.deposit_id})
    assert call("deposits").get("/api/lots/lot-1/deposits").json()[0]["state"] == "refunded"
    assert call("deposits").get("/api/lots/lot-1/letters").json() == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/lots/lot-1/sub-account", {"bidder", "rival"}),
        ("GET", "/api/lots/lot-1/deposits", {"bidder", "rival", "tenderer", "deposits"}),
        ("GET", "/api/lots/lot-1/letters", {"bidder", "rival", "tenderer", "deposits"}),
        ("GET", "/api/refund-orders", {"bank"}),
    ],
)
def test_only_the_named_roles_reach_a_route(call: Caller, method: str, path: str, allowed: set[str]) -> None:
    status = {who: call(who).request(method, path).status_code for who in ["visitor", *PEOPLE]}

    assert {who for who, code in status.items() if code == 200} == allowed
    assert {who: code for who, code in status.items() if who not in allowed} == {
        who: 401 if who == "visitor" else 403 for who in status if who not in allowed
    }


def test_nobody_but_the_bank_reports_a_credit(call: Caller) -> None:
    status = {
        who: call(who).post("/api/deposits/advices", json={}).status_code for who in ["visitor", *PEOPLE]
    }

    assert status.pop("bank") != 403
    assert set(status.values()) == {401, 403}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"sub_account": "9999999999999999"}, 404, "E_SUB_ACCOUNT"),
        ({"amount_fen": 0}, 422, "E_SCHEMA"),
        ({"amount_fen": 1.5}, 422, "E_SCHEMA"),
        ({"credited_at": "2025-04-09T01:00:00"}, 422, "E_SCHEMA"),
        ({"note": "hello"}, 422, "E_SCHEMA"),
        ({"serial": ""}, 422, "E_SCHEMA"),
    ],
)
def test_a_bad_advice_is_refused_with_its_code(
    call: Caller, changes: dict[str, object], status: int, code: str
) -> None:
    number = call("bidder").post("/api/lots/lot-1/sub-account").json()["number"]

    answer = advise(call, number, **changes)

    assert (answer["status"], answer["code"]) == (status, code)


def test_a_lot_without_cash_is_not_found_in_the_callers_language(call: Caller) -> None:
    answer = call("bidder").post("/api/lots/lot-9/sub-account").json()

    assert (answer["code"], answer["title"]) == ("E_NO_CASH", "本标段不收取现金保证金。")
