"""The fictional city's bureau: its offices and units, and who works where."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from govcore import clock
from govcore.db import Tx
from govcore.identity.models import Organisation
from govcore.identity.queries import actor_of_user, organisation_by_uscc
from govcore.identity.service import register_organisation
from govcore.organisations import queries, unit_queries, units
from govcore.organisations.units import Branch
from govcore.platform import Platform
from trading.demo.city import City

DATA = Path(__file__).with_name("bureau.json")
NAME = "云汀市行政审批服务局（演示）"
CREDIT_CODE = "113799009900009069"
PLACES = {
    "window-1": "综合受理科",
    "window-2": "综合受理科",
    "assessor-1": "督查考核科",
    "assessor-2": "督查考核科",
}


class Bureau(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The data file of a body's tree."""

    source: str
    begins: date
    units: list[Branch]


def arrange(platform: Platform, city: City) -> None:
    """Set the bureau's tree up as of its founding, and place those of its people that another module brought."""
    tree = msgspec.json.decode(DATA.read_bytes(), type=Bureau)
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        bureau = _bureau(tx)
        units.load_tree(tx, bureau.id, tree.units, begins=tree.begins, actor="system", at=at)
        admin = actor_of_user(tx, city.user_ids["system-admin"])
        today = at.astimezone(clock.BEIJING).date()
        offices = {form.name: form.unit_id for form in unit_queries.forms_on(tx, bureau.id, today)}
        for member in queries.members_of(tx, bureau.id):
            if office := PLACES.get(member.username):
                unit_id = offices[office]
                units.place(tx, member.user_id, unit_id=unit_id, begins=today, actor=admin, at=at)


def _bureau(tx: Tx) -> Organisation:
    found = organisation_by_uscc(tx, CREDIT_CODE)
    return found or register_organisation(tx, uscc=CREDIT_CODE, name=NAME, actor="system", at=clock.now(tx))
