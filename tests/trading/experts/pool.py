"""A keeper and people who may be experts, for the tests of the pool and of its draws."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from openpyxl import Workbook
from stdnum.cn import uscc

from govcore import clock
from govcore.db import Tx
from govcore.identity.models import Organisation, User, UserRole
from govcore.identity.policy import Actor, Role
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.experts import service
from trading.experts.policy import Particulars, Title
from trading.experts.sheet import COLUMNS

KEEPER = "keeper"
TREE = (("A", "工程", "Works"), ("A01", "规划", "Planning"), ("A02", "水利", "Water"), ("B", "货物", "Goods"))


def code(number: int) -> str:
    """A credit code with a right check character."""
    body = f"91371500MA{number:07d}"
    return str(body + uscc.calc_check_digit(body))


def found_pool(tx: Tx, platform: Platform, *accounts: str) -> Actor:
    """The keeper, the tree of specialities, and accounts that may evaluate and have no entry yet."""
    tx.add_all(
        Organisation(id=one, uscc=code(n), name=one) for n, one in enumerate(("pool", "institute"), 7001)
    )
    tx.flush()
    for name, org, role in [
        (KEEPER, "pool", Role.POOL_KEEPER),
        *((one, "institute", Role.EXPERT) for one in accounts),
    ]:
        tx.add(User(id=f"u-{name}", username=name, name=f"姓名{name}", org_id=org, password_hash="none"))
        tx.flush()
        tx.add(UserRole(user_id=f"u-{name}", role=role))
    tx.flush()
    keeper = actor_of_user(tx, f"u-{KEEPER}")
    for speciality, zh, en in TREE:
        service.add_speciality(tx, code=speciality, zh=zh, en=en, actor=keeper, at=clock.now(tx))
    return keeper


def particulars(number: int = 1, **changed: Any) -> Particulars:
    """An entry as it is usual."""
    usual = {
        "specialities": ("A02",),
        "employer": code(7002),
        "region": "371502",
        "title": Title.SENIOR,
        "practised_since": 2010,
        "since": date(2026, 1, 1),
        "until": None,
        "phone": f"138{number:08d}",
        "ties": (),
    }
    return Particulars(**(usual | changed))


def workbook(*rows: Sequence[Any], heading: Sequence[str] = COLUMNS) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(heading))
    for row in rows:
        page.append(list(row))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
