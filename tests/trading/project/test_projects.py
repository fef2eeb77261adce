"""Registrations: what obliges to tender, who supervises, what an agency was entrusted with, versions kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from copies import Steps
from page_city import build

from govcore.audit.queries import of_type
from govcore.divisions import DivisionUnknown
from govcore.errors import NotFound
from govcore.identity.queries import actor_of_user
from govcore.platform import Platform
from trading.procedure.policy import Regime
from trading.procedure.rules import rule_set
from trading.procedure.thresholds import Subject
from trading.project import forms, queries, service
from trading.project.forms import ProjectForm
from trading.project.models import Project
from trading.project.policy import (
    Category,
    Source,
    Trust,
    fen_of,
    grounds,
    mandate_covers,
    must_be_tendered,
)
from trading.project.schemas import Fund, Mandate, NewProject, ProjectTerms

RULES = rule_set("tb-2026")
AT = datetime(2026, 6, 1, tzinfo=UTC)
MILLION = 1_000_000_00


@pytest.mark.parametrize(
    ("subject", "estimate", "funds", "obliged"),
    [
        (Subject.WORKS, 4 * MILLION, {Source.FISCAL: 2 * MILLION, Source.PRIVATE: 18 * MILLION}, True),
        (Subject.WORKS, 4 * MILLION - 1, {Source.FISCAL: 20 * MILLION}, False),
        (Subject.WORKS, 4 * MILLION, {Source.FISCAL: 2 * MILLION - 1, Source.PRIVATE: MILLION}, False),
        (Subject.WORKS, 4 * MILLION, {Source.FISCAL: 2 * MILLION, Source.PRIVATE: 18 * MILLION + 1}, False),
        (Subject.WORKS, 4 * MILLION, {Source.STATE_OWNED: 1, Source.PRIVATE: 90 * MILLION}, True),
        (Subject.WORKS, 90 * MILLION, {Source.PRIVATE: 90 * MILLION}, False),
        (Subject.GOODS, 2 * MILLION, {Source.FOREIGN_AID: 5 * MILLION}, True),
        (Subject.GOODS, 2 * MILLION - 1, {Source.FOREIGN_AID: 5 * MILLION}, False),
        (Subject.SERVICES, MILLION, {Source.FISCAL: 5 * MILLION}, True),
        (Subject.SERVICES, MILLION - 1, {Source.FISCAL: 5 * MILLION}, False),
    ],
)
def test_funds_and_estimate_together_oblige_to_tender(
    subject: Subject, estimate: int, funds: dict[Source, int], obliged: bool
) -> None:
    given = grounds(RULES, subject=subject, estimate_fen=estimate, funds=funds)

    assert must_be_tendered(Regime.TB, given) is obliged
    assert must_be_tendered(Regime.GP, given) is True


@pytest.mark.parametrize(
    ("day", "trust", "covered"),
    [
        (date(2026, 1, 1), Trust.NOTICE, True),
        (date(2026, 12, 31), Trust.NOTICE, True),
        (date(2025, 12, 31), Trust.NOTICE, False),
        (date(2027, 1, 1), Trust.NOTICE, False),
        (date(2026, 6, 1), Trust.AWARD, False),
    ],
)
def test_a_mandate_covers_its_matters_on_its_days(day: date, trust: Trust, covered: bool) -> None:
    scope = [Trust.NOTICE, Trust.DOCUMENTS]

    assert mandate_covers(scope, date(2026, 1, 1), date(2026, 12, 31), trust=trust, on=day) is covered


@pytest.mark.parametrize(
    ("text", "fen"),
    [("1", 100), ("1,234.5", 123450), (" 0.07 ", 7), ("1.234", None), ("-1", None), ("", None), ("１", None)],
)
def test_yuan_are_read_as_people_write_them(text: str, fen: int | None) -> None:
    assert fen_of(text) == fen


def test_a_form_names_every_field_that_is_wrong() -> None:
    form = ProjectForm(division="37", estimate="viel", fiscal="1.234", mandate_no="2026-1")

    given, errors = forms.read(form, agency=True)

    assert given is None
    assert set(errors) == {"name", "division", "partner_id", "estimate", "fiscal", "mandate_no"}


@pytest.fixture
def beginnings() -> dict[str, Steps]:
    return {"platform": build}


def terms(**more: object) -> ProjectTerms:
    funds = [Fund(source=Source.FISCAL, amount_fen=9 * MILLION)]
    return ProjectTerms(funds=funds, estimate_fen=9 * MILLION, **more)  # type: ignore[arg-type]


def new(**more: object) -> NewProject:
    given = {"tenderer_id": "tenderer", "regulator_id": "regulator", "terms": terms()} | more
    return NewProject(name="新项目", category=Category.WATER, division="371500", **given)  # type: ignore[arg-type]


def test_the_category_decides_who_supervises_unless_a_reason_is_given(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        agency, centre = actor_of_user(tx, "agency"), actor_of_user(tx, "centre")
        with pytest.raises(service.NoSupervisor):
            service.register(tx, new(regulator_id=""), actor=agency, at=AT)
        with pytest.raises(NotFound):
            service.set_supervisor(tx, Category.WATER, "agency", actor=centre, at=AT)
        service.set_supervisor(tx, Category.WATER, "regulator", actor=centre, at=AT)

        made = service.register(tx, new(regulator_id=""), actor=agency, at=AT)
        with pytest.raises(service.SupervisorReason):
            service.register(tx, new(regulator_id="centre"), actor=agency, at=AT)
        service.set_supervisor(tx, Category.WATER, "regulator", actor=centre, at=AT)
        told = [one["data"] for one in of_type(tx, "project.supervisor_set")]

    assert [(one["before"], one["department"]) for one in told] == [
        (None, "regulator"),
        ("regulator", "regulator"),
    ]
    assert (made.regulator_id, made.version) == ("regulator", 1)


@pytest.mark.parametrize(("demo", "division"), [(False, "371500"), (True, "379900")])
def test_a_project_lies_in_a_division_that_exists(platform: Platform, demo: bool, division: str) -> None:
    with platform.db.transaction() as tx:
        tx.info["settings"] = replace(tx.info["settings"], demo=demo)
        project = msgspec.structs.replace(new(), division=division)
        made = service.register(tx, project, actor=actor_of_user(tx, "agency"), at=AT)

    assert made.code[1:7] == division


def test_a_division_that_does_not_exist_is_refused_outside_a_demonstration(platform: Platform) -> None:
    project = msgspec.structs.replace(new(), division="379900")
    with platform.db.transaction() as tx:
        tx.info["settings"] = replace(tx.info["settings"], demo=False)
        agency = actor_of_user(tx, "agency")

        with pytest.raises(DivisionUnknown):
            service.register(tx, project, actor=agency, at=AT)


def test_what_the_law_obliges_to_tender_is_not_registered_as_voluntary(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        agency = actor_of_user(tx, "agency")

        with pytest.raises(service.MustBeTendered, match="T35"):
            service.register(tx, new(terms=terms(mandatory=False)), actor=agency, at=AT)


def test_a_correction_is_the_next_version_and_the_first_stays(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        agency = actor_of_user(tx, "agency")
        made = service.register(tx, new(), actor=agency, at=AT)
        later = new(terms=terms(investment_code="2026-371500-48-01-123456", state_funded=False))

        service.correct(tx, made.id, later, actor=agency, at=AT + timedelta(days=1))
        view = queries.project_view(tx, made.id, actor=actor_of_user(tx, "regulator"))
        [told] = [one["data"] for one in of_type(tx, "project.corrected")]
        with pytest.raises(NotFound):
            service.correct(tx, made.id, later, actor=actor_of_user(tx, "other-agency"), at=AT)
        with pytest.raises(NotFound):
            queries.project_view(tx, made.id, actor=actor_of_user(tx, "other-tenderer"))

    assert [(one.number, one.terms.investment_code) for one in view.versions] == [
        (2, "2026-371500-48-01-123456"),
        (1, None),
    ]
    assert view.terms.state_funded is False
    assert told["before"] != told["content_sha256"]
    assert [len(told[name]) for name in ("before", "content_sha256")] == [64, 64]


def test_an_agency_does_only_what_it_was_entrusted_with(platform: Platform) -> None:
    mandate = Mandate(
        contract_no="W-1", scope=[Trust.DOCUMENTS], from_day=date(2026, 6, 1), until_day=date(2026, 6, 1)
    )
    with platform.db.transaction() as tx:
        made = service.register(
            tx, new(terms=terms(mandate=mandate)), actor=actor_of_user(tx, "agency"), at=AT
        )
        project = tx.get_one(Project, made.id)
        last_second = datetime(2026, 6, 1, 15, 59, 59, tzinfo=UTC)  # of the day in Beijing

        service.check_entrusted(tx, project, Trust.DOCUMENTS, at=last_second)
        with pytest.raises(service.NotEntrusted):
            service.check_entrusted(tx, project, Trust.DOCUMENTS, at=last_second + timedelta(seconds=1))
        with pytest.raises(service.NotEntrusted):
            service.check_entrusted(tx, project, Trust.NOTICE, at=AT)
