"""Yunting, a city that does not exist: its organisations and people."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from stdnum.cn import uscc as credit_code

from govcore import clock
from govcore.identity import service as identity
from govcore.identity.policy import Role
from govcore.numbering.service import name_office
from govcore.platform import Platform

DIVISION = "379900"
"""A division code of Shandong's range that GB/T 2260 does not assign."""

CENTRE, WATER_BUREAU, TENDERER, AGENCY = "centre", "regulator", "tenderer", "agency"
BANK, GUARANTOR, EXPERTS = "bank", "guarantor", "experts"

ORGANISATIONS = {
    CENTRE: "云汀市公共资源交易中心（演示）",
    WATER_BUREAU: "云汀市水利局（演示）",
    TENDERER: "云汀市河道建设管理处（演示）",
    AGENCY: "云汀正衡招标代理有限公司（演示）",
    BANK: "云汀商业银行（演示）",
    GUARANTOR: "云汀融资担保银行（演示）",
    EXPERTS: "云汀市评标专家库（演示）",
    "bidder-1": "甲辰水利工程有限公司（演示）",
    "bidder-2": "乙巳建设集团有限公司（演示）",
    "bidder-3": "丙午河海工程有限公司（演示）",
    "bidder-4": "丁未水电建筑有限公司（演示）",
    "bidder-5": "戊申市政工程有限公司（演示）",
    "bidder-6": "己酉疏浚工程有限公司（演示）",
}

PEOPLE: dict[str, tuple[str, str, tuple[Role, ...]]] = {
    "centre": (CENTRE, "交易中心经办人", (Role.CENTRE,)),
    "centre-head": (CENTRE, "交易中心负责人", (Role.CENTRE,)),
    "centre-key": (CENTRE, "交易中心密钥保管人", (Role.CUSTODIAN,)),
    "tenderer": (TENDERER, "招标人代表", (Role.TENDERER,)),
    "tenderer-key": (TENDERER, "招标人密钥保管人", (Role.CUSTODIAN,)),
    "regulator": (WATER_BUREAU, "监督科经办人", (Role.REGULATOR,)),
    "regulator-key": (WATER_BUREAU, "监督部门密钥保管人", (Role.CUSTODIAN,)),
    "agency": (AGENCY, "代理机构项目经理", (Role.AGENCY,)),
    "bank": (BANK, "银行接口", (Role.BANK,)),
    "guarantor": (GUARANTOR, "保函签发人", (Role.BANK,)),
    "deposits": (CENTRE, "保证金经办人", (Role.DEPOSITS,)),
    "system-admin": (CENTRE, "系统管理员", (Role.SYSTEM_ADMIN,)),
    "security-admin": (CENTRE, "安全管理员", (Role.SECURITY_ADMIN,)),
    "auditor": (CENTRE, "审计管理员", (Role.AUDITOR,)),
    "pool-keeper": (EXPERTS, "专家库管理员", (Role.POOL_KEEPER,)),
    **{f"expert-{n}": (EXPERTS, f"评标专家{n}号", (Role.EXPERT,)) for n in range(1, 9)},
    **{f"bidder-{n}": (f"bidder-{n}", f"投标人{n}授权代表", (Role.BIDDER,)) for n in range(1, 7)},
}


def pool() -> list[str]:
    """Whoever may be drawn into a committee."""
    return [name for name, (_, _, roles) in PEOPLE.items() if Role.EXPERT in roles]


@dataclass(frozen=True, slots=True)
class City:
    """Ids and credit codes of the organisations, ids and passwords of the people, by their short names."""

    org_ids: dict[str, str]
    usccs: dict[str, str]
    accounts: dict[str, str]
    user_ids: dict[str, str]
    passwords: dict[str, str] = field(repr=False)


def found(platform: Platform) -> City:
    """Register the city; every password is random."""
    org_ids: dict[str, str] = {}
    usccs = {name: _credit_code(serial) for serial, name in enumerate(ORGANISATIONS, 1)}
    accounts = {name: f"6217{serial:015d}" for serial, name in enumerate(ORGANISATIONS, 1)}
    passwords = {name: secrets.token_urlsafe(9) for name in PEOPLE}
    user_ids: dict[str, str] = {}
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        for name, title in ORGANISATIONS.items():
            organisation = identity.register_organisation(
                tx, uscc=usccs[name], name=title, basic_account=accounts[name], actor="system", at=at
            )
            org_ids[name] = organisation.id
        name_office(tx, org_id=org_ids[CENTRE], short_name="云汀公资", actor="system", at=at)
        for name, (org, title, roles) in PEOPLE.items():
            user = identity.register_user(
                tx,
                username=name,
                name=title,
                password=passwords[name],
                org_id=org_ids[org],
                roles=roles,
                actor="system",
                at=at,
            )
            user_ids[name] = user.id
    return City(org_ids, usccs, accounts, user_ids, passwords)


def _credit_code(serial: int) -> str:
    """A credit code with right check characters (GB 32100, GB 11714) and an unassigned division."""
    body = f"9900{serial:04d}"
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    rest = 11 - sum(w * int(c) for w, c in zip(weights, body, strict=True)) % 11
    org_code = body + {10: "X", 11: "0"}.get(rest, str(rest))
    number = f"91{DIVISION}{org_code}"
    return number + str(credit_code.calc_check_digit(number))
