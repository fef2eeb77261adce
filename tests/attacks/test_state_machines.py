"""No order of steps leads anywhere but where the rule tables say (ASVS 2.3.1): random walks through each of them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rows import a_row, first_or_new
from sqlalchemy import func, select, tuple_, update

import bureau
import govcore
import guarantees
import trading
from bureau.ratings import handling
from bureau.ratings.models import BadRating
from bureau.ratings.policy import LOOP_RULES
from govcore.audit.models import LogOutbox
from govcore.authority import proposals
from govcore.authority.models import Proposal
from govcore.authority.policy import PROPOSAL_RULES
from govcore.authority.proposals import AlreadyDecided
from govcore.db import Base, Tx
from govcore.errors import MoveNotAllowed, Problem
from govcore.identity.models import User
from govcore.identity.policy import Actor
from govcore.organisations import claims
from govcore.organisations.models import Claim
from govcore.organisations.policy import CLAIM_RULES
from govcore.platform import Platform
from govcore.seals.models import Seal
from govcore.seals.policy import SEAL_RULES
from govcore.seals.schemas import Change
from govcore.seals.service import move_seal
from guarantees import service as guaranteeing
from guarantees.models import DepositRow, LetterRow
from guarantees.policy import DEPOSIT_RULES, LETTER_RULES
from trading.challenge.models import Case
from trading.challenge.moves import move_case
from trading.challenge.policy import RULES as CHALLENGE_RULES
from trading.clarification.models import Clarification
from trading.clarification.moves import move as move_clarification
from trading.clarification.policy import RULES as CLARIFICATION_RULES
from trading.committee.meeting import move_session
from trading.committee.models import Committee
from trading.committee.policy import SESSION_RULES
from trading.contract.models import Contract
from trading.contract.moves import move_contract
from trading.contract.policy import RULES as CONTRACT_RULES
from trading.documents import service as documents
from trading.documents.models import Version
from trading.documents.policy import RULES as DOCUMENT_RULES
from trading.draws.models import Draw
from trading.draws.moves import move as move_draw
from trading.draws.policy import RULES as DRAW_RULES
from trading.opening.models import Opening
from trading.opening.moves import move_opening
from trading.opening.policy import RULES as OPENING_RULES
from trading.review.models import Gate, Request
from trading.review.moves import move_gate, move_request
from trading.review.policy import GATE_RULES, REQUEST_RULES
from trading.supervision.models import MisconductRecord, SupervisorLetter
from trading.supervision.moves import move_letter, move_record
from trading.supervision.policy import LETTER_RULES as SUPERVISION_LETTER_RULES
from trading.supervision.policy import RECORD_RULES
from trading.tender.models import Lot, Tender
from trading.tender.moves import move_lot, move_tender
from trading.tender.policy import LOT_RULES
from trading.tender.policy import RULES as TENDER_RULES

NOW = datetime(2026, 6, 1, tzinfo=UTC)
WALKS = 40


@dataclass(frozen=True)
class Machine:
    """A rule table, the rows whose state it governs, and the slice's own function that moves one."""

    rules: Mapping[Any, Any]
    model: type[Base]
    move: Callable[[Tx, Any, Any, Actor], object]
    refusal: type[Problem] = MoveNotAllowed
    row: Mapping[str, object] = field(default_factory=dict)
    """What a row of it needs besides."""

    def sources(self, move: StrEnum) -> frozenset[str]:
        rule = self.rules[move]
        return rule.sources if hasattr(rule, "sources") else frozenset({rule.source})

    @property
    def states(self) -> list[str]:
        """All states, also those that no move leads to or from."""
        return sorted(type(next(iter(self.rules.values())).target))


def _move_claim(tx: Tx, row: Claim, move: Any, actor: Actor) -> None:
    claims._move(tx, row.id, move, by=actor.user_id, at=NOW)


def _decide(tx: Tx, row: Proposal, move: Any, actor: Actor) -> None:
    proposals._decide(tx, row, move, actor=actor, at=NOW)


def _move_seal(tx: Tx, row: Seal, move: Any, actor: Actor) -> None:
    change = Change(move=move, on=NOW.date(), reason="因故", witness="监交人")
    move_seal(tx, row.id, change, actor=actor, at=NOW)


def _move_rating(tx: Tx, row: BadRating, move: Any, actor: Actor) -> None:
    handling._move(tx, row, actor.org_id or "", move, "已核实", by=actor.user_id, at=NOW)


def _move_guarantee(rules: Mapping[Any, Any]) -> Callable[[Tx, Any, Any, Actor], None]:
    def apply(tx: Tx, row: DepositRow | LetterRow, move: Any, actor: Actor) -> None:
        guaranteeing._apply(tx, type(row), row.id, rules[move], move, actor=actor.user_id, at=NOW, data={})

    return apply


MACHINES = {
    "govcore.authority.policy.PROPOSAL_RULES": Machine(PROPOSAL_RULES, Proposal, _decide, AlreadyDecided),
    "govcore.organisations.policy.CLAIM_RULES": Machine(CLAIM_RULES, Claim, _move_claim),
    "govcore.seals.policy.SEAL_RULES": Machine(SEAL_RULES, Seal, _move_seal),
    "guarantees.policy.DEPOSIT_RULES": Machine(DEPOSIT_RULES, DepositRow, _move_guarantee(DEPOSIT_RULES)),
    "guarantees.policy.LETTER_RULES": Machine(LETTER_RULES, LetterRow, _move_guarantee(LETTER_RULES)),
    "trading.clarification.policy.RULES": Machine(
        CLARIFICATION_RULES, Clarification, lambda tx, row, move, _: move_clarification(tx, row, move)
    ),
    "trading.committee.policy.SESSION_RULES": Machine(
        SESSION_RULES, Committee, lambda tx, row, move, _: move_session(tx, row, move)
    ),
    "trading.contract.policy.RULES": Machine(
        CONTRACT_RULES, Contract, lambda tx, row, move, _: move_contract(tx, row, move)
    ),
    "trading.draws.policy.RULES": Machine(
        DRAW_RULES,
        Draw,
        lambda tx, row, move, _: move_draw(tx, row, move, data={}, at=NOW),
        row={"purpose": "opening"},
    ),
    "trading.documents.policy.RULES": Machine(
        DOCUMENT_RULES,
        Version,
        lambda tx, row, move, _: documents.move(tx, row, move),
        row={"number": 1},
    ),
    "trading.challenge.policy.RULES": Machine(
        CHALLENGE_RULES, Case, lambda tx, row, move, _: move_case(tx, row.id, move)
    ),
    "trading.opening.policy.RULES": Machine(
        OPENING_RULES, Opening, lambda tx, row, move, _: move_opening(tx, row, move, at=NOW)
    ),
    "trading.review.policy.GATE_RULES": Machine(
        GATE_RULES, Gate, lambda tx, row, move, _: move_gate(tx, row, move)
    ),
    "trading.review.policy.REQUEST_RULES": Machine(
        REQUEST_RULES, Request, lambda tx, row, move, _: move_request(tx, row, move)
    ),
    "trading.supervision.policy.LETTER_RULES": Machine(
        SUPERVISION_LETTER_RULES, SupervisorLetter, lambda tx, row, move, _: move_letter(tx, row, move)
    ),
    "trading.supervision.policy.RECORD_RULES": Machine(
        RECORD_RULES, MisconductRecord, lambda tx, row, move, _: move_record(tx, row, move)
    ),
    "trading.tender.policy.LOT_RULES": Machine(
        LOT_RULES, Lot, lambda tx, row, move, _: move_lot(tx, row.id, move, at=NOW)
    ),
    "trading.tender.policy.RULES": Machine(
        TENDER_RULES, Tender, lambda tx, row, move, _: move_tender(tx, row.id, move)
    ),
    "bureau.ratings.policy.LOOP_RULES": Machine(LOOP_RULES, BadRating, _move_rating),
}


def test_every_rule_table_of_the_slices_is_walked() -> None:
    tables = set()
    for package in (govcore, guarantees, trading, bureau):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.endswith("policy"):
                names = vars(importlib.import_module(found.name))
                tables |= {f"{found.name}.{name}" for name in names if name.endswith("RULES")}

    assert tables == MACHINES.keys()


@pytest.fixture
def actor(platform: Platform) -> Actor:
    with platform.db.transaction() as tx:
        user_id = str(first_or_new(tx, User.__table__.c.id))
        org_id = tx.scalar(select(User.org_id).where(User.id == user_id))
        org_id = org_id or str(first_or_new(tx, Base.metadata.tables["identity_organisation"].c.id))
    permissions = frozenset({"seals.manage", "seals.read_all"})
    return Actor(user_id=user_id, org_id=org_id, permissions=permissions)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("name", MACHINES)
def test_a_walk_lands_only_where_the_table_says(platform: Platform, actor: Actor, name: str) -> None:
    machine = MACHINES[name]
    table = Base.metadata.tables[machine.model.__tablename__]
    with platform.db.transaction() as tx:
        first = a_row(tx, table, state=machine.states[0], **machine.row)
        names = list(table.primary_key.columns)
        key = tuple(tx.execute(select(*names).where(names[0] == first)).one())

    def seen(tx: Tx) -> tuple[object, ...]:
        """The row itself, and how much the log owes: what a refused move must not touch."""
        row = tx.execute(select(table).where(tuple_(*names) == key)).one()
        return (*row, tx.scalar(select(func.count()).select_from(LogOutbox)))

    @given(
        start=st.sampled_from(machine.states),
        moves=st.lists(st.sampled_from(list(machine.rules)), max_size=8),
    )
    @settings(
        max_examples=WALKS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def walk(start: str, moves: list[Any]) -> None:
        state = start
        with platform.db.transaction() as tx:
            tx.execute(update(table).values(state=start))
            for move in moves:
                before = seen(tx)
                row = tx.get_one(machine.model, key, populate_existing=True)
                if state in machine.sources(move):
                    machine.move(tx, row, move, actor)
                    state = machine.rules[move].target
                else:
                    with pytest.raises(machine.refusal):
                        machine.move(tx, row, move, actor)
                    assert seen(tx) == before
                assert tx.scalar(select(table.c.state)) == state

    walk()
