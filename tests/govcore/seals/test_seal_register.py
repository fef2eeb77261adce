"""The register: what may become of a seal, who manages, who keeps, who sees."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from apps import app_for
from cryptography import x509
from litestar.testing import TestClient
from pypdf import PdfReader
from seal_factories import BEGAN, ORGAN, Chancery, new_seal
from sqlalchemy import select

from govcore.audit.models import LogOutbox
from govcore.errors import Forbidden, MoveNotAllowed, NotFound, Problem
from govcore.pdf.styles import GlyphMissing
from govcore.seals import picture, queries, service
from govcore.seals.models import SealCertificate
from govcore.seals.policy import SEAL_RULES, SealKind, SealMove, SealState, moves_from
from govcore.seals.schemas import Change, NewSeal


@pytest.mark.parametrize("state", SealState)
def test_what_is_destroyed_stays_so_and_every_end_can_be_recorded(state: SealState) -> None:
    moves = {
        SealState.IN_USE: {SealMove.SUSPEND, SealMove.SEAL_AWAY, SealMove.REVOKE},
        SealState.SUSPENDED: {SealMove.RESUME, SealMove.SEAL_AWAY, SealMove.REVOKE},
        SealState.SEALED_AWAY: {SealMove.DESTROY},
        SealState.REVOKED: {SealMove.DESTROY},
        SealState.DESTROYED: set(),
    }

    assert set(moves_from(state)) == moves[state]


def test_a_seals_history_tells_day_reason_witness_and_recorder(chancery: Chancery) -> None:
    chancery.move(SealMove.SUSPEND, witness="")
    chancery.move(SealMove.RESUME, witness="")
    chancery.move(SealMove.SEAL_AWAY)
    chancery.move(SealMove.DESTROY)

    with chancery.platform.db.read() as tx:
        shown = queries.seal(tx, chancery.seal_id, actor=chancery.actor("auditor"))
        events = [row.event for row in tx.scalars(select(LogOutbox).order_by(LogOutbox.id))]
    today = chancery.at.astimezone().date()
    assert [(one.move, one.state, one.witness, one.recorded_by) for one in shown.changes] == [
        ("register", "in_use", "", "manager 某"),
        ("suspend", "suspended", "", "manager 某"),
        ("resume", "in_use", "", "manager 某"),
        ("seal_away", "sealed_away", "钱监", "manager 某"),
        ("destroy", "destroyed", "钱监", "manager 某"),
    ]
    assert abs(shown.since - today) <= timedelta(days=1)
    assert shown.changes[0].on == BEGAN
    for name in (b"seals.sealed_away", b"seals.destroyed", b"seals.keeper_named"):
        assert sum(name in event for event in events) == 1
    assert not any("钱监".encode() in event for event in events)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"move": SealMove.RESUME}, MoveNotAllowed),
        ({"move": SealMove.DESTROY}, MoveNotAllowed),
        ({"move": SealMove.SEAL_AWAY, "witness": " "}, service.WitnessMissing),
        ({"move": SealMove.SUSPEND, "on": BEGAN - timedelta(days=1)}, service.SealDayWrong),
        ({"move": SealMove.SUSPEND, "on": date(2999, 1, 1)}, service.SealDayWrong),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_nothing_changes(
    chancery: Chancery, change: dict[str, object], refusal: type[Problem]
) -> None:
    values = {"on": BEGAN, "reason": "无", "witness": "钱监"} | change
    manager = chancery.actor("manager")

    with pytest.raises(refusal), chancery.platform.db.transaction() as tx:
        service.move_seal(tx, chancery.seal_id, Change(**values), actor=manager, at=chancery.at)  # type: ignore[arg-type]

    with chancery.platform.db.read() as tx:
        assert queries.seal(tx, chancery.seal_id, actor=manager).state == SealState.IN_USE


@pytest.mark.parametrize("move", [SealMove.SEAL_AWAY, SealMove.REVOKE])
def test_the_end_of_a_seal_destroys_its_key_and_lists_its_certificate(
    chancery: Chancery, move: SealMove
) -> None:
    client = TestClient(app_for(chancery.platform))
    before = x509.load_der_x509_crl(client.get("/seal-authority.crl").content)

    chancery.move(move)

    authority = x509.load_pem_x509_certificate(client.get("/seal-authority.pem").content)
    after = x509.load_der_x509_crl(client.get("/seal-authority.crl").content)
    with chancery.platform.db.read() as tx:
        row = tx.scalars(select(SealCertificate)).one()
        keepers = queries.keepers(tx, chancery.seal_id, actor=chancery.actor("manager"))
    serial = x509.load_der_x509_certificate(row.der).serial_number
    assert [one.serial_number for one in before] == []
    assert [one.serial_number for one in after] == [serial]
    assert after.is_signature_valid(authority.public_key())
    assert row.wrapped is None
    assert [one.ended_at is not None for one in keepers] == [True]
    assert SEAL_RULES[move].final


def test_nobody_makes_themselves_a_keeper_and_no_stranger_becomes_one(chancery: Chancery) -> None:
    manager = chancery.actor("manager")
    cases = {
        "manager": service.OwnKeeper,
        "keeper": service.AlreadyKeeper,
        "stranger": service.NotOfOrgan,
    }

    for name, refusal in cases.items():
        with pytest.raises(refusal), chancery.platform.db.transaction() as tx:
            service.name_keeper(
                tx, chancery.seal_id, user_id=chancery.users[name], actor=manager, at=chancery.at
            )
    with pytest.raises(Forbidden), chancery.platform.db.transaction() as tx:
        service.name_keeper(
            tx,
            chancery.seal_id,
            user_id=chancery.users["colleague"],
            actor=chancery.actor("stranger"),
            at=chancery.at,
        )


def test_a_stranger_sees_no_seal_of_another_organ(chancery: Chancery) -> None:
    stranger = chancery.actor("stranger")

    with chancery.platform.db.read() as tx:
        assert queries.seals(tx, actor=stranger) == []
        with pytest.raises(NotFound):
            queries.seal(tx, chancery.seal_id, actor=stranger)
        with pytest.raises(NotFound):
            queries.uses(tx, chancery.seal_id, actor=stranger)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"kind": SealKind.APPROVAL}, service.SealWordsMissing),
        ({"on": date(2999, 1, 1)}, service.SealDayWrong),
        ({}, service.SealCodeTaken),
        ({"code": "3799000000002", "organ": "☑☑"}, GlyphMissing),
    ],
)
def test_a_seal_that_cannot_be_registered_is_refused(
    chancery: Chancery, changes: dict[str, object], refusal: type[Problem]
) -> None:
    with pytest.raises(refusal), chancery.platform.db.transaction() as tx:
        service.register_seal(
            tx, new_seal(**changes), demo=True, actor=chancery.actor("manager"), at=chancery.at
        )


def test_a_seal_of_a_body_elsewhere_is_only_kept_in_the_register(chancery: Chancery) -> None:
    manager = chancery.actor("manager")
    elsewhere = NewSeal(
        code="3799000000035",
        kind=SealKind.DEPARTMENT,
        organ="临川市林业局",
        words="行政审批专用章",
        on=BEGAN,
        reason="登记原印章",
    )
    with chancery.platform.db.transaction() as tx:
        seal = service.register_seal(tx, elsewhere, demo=True, actor=manager, at=chancery.at)

    with pytest.raises(service.SealElsewhere), chancery.platform.db.transaction() as tx:
        service.certify_seal(
            tx, chancery.platform.wrapper, seal.id, list_url="", actor=manager, at=chancery.at
        )


@pytest.mark.parametrize("organ", ["临川市水利局", ORGAN, "临川市人力资源和社会保障局行政审批服务管理办公室"])
@pytest.mark.parametrize("words", ["", "行政审批专用章"])
def test_the_picture_is_round_small_red_and_says_what_it_is(organ: str, words: str) -> None:
    page = PdfReader(BytesIO(picture.pdf(organ, words, demo=True))).pages[0]

    width, height = (float(side) * 25.4 / 72 for side in page.mediabox[2:])
    said = "".join(page.extract_text().split())
    angles = [glyph.angle for glyph in picture.arc(organ, above_words=bool(words))]
    assert width == height <= 45
    assert all(character in said for character in organ + words + picture.DEMO_WORDS)
    assert angles == sorted(angles)
    assert angles[0] == pytest.approx(-angles[-1])
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in _fonts(page))


def _fonts(page: object) -> list[object]:
    return list(page["/Resources"]["/Font"].get_object().values())  # type: ignore[index]
