"""Uses of seals: recorded first, finished with the act, refused where the seal or the person has no right."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from seal_factories import Chancery, a_paper
from sqlalchemy import delete, func, select

from govcore import clock
from govcore.audit.models import LogOutbox
from govcore.audit.service import UnregisteredEvent
from govcore.errors import Problem
from govcore.numbering.models import TakenNumber
from govcore.seals import queries, sealing, service, uses
from govcore.seals.models import SealKeeper, SealUse
from govcore.seals.policy import BY_HAND, SealMove, Stamp, UseState


def test_a_use_tells_document_purpose_seal_number_and_result(chancery: Chancery) -> None:
    paper = a_paper()

    use = chancery.seal(paper)

    sealed = chancery.sealed_file(use)
    with chancery.platform.db.read() as tx:
        (shown,) = queries.uses(tx, chancery.seal_id, actor=chancery.actor("manager"))
        events = [row.event for row in tx.scalars(select(LogOutbox).order_by(LogOutbox.id))]
    year = chancery.at.astimezone(clock.BEIJING).year
    assert shown == use
    assert use.number == f"临川公资印〔{year}〕1号"
    assert use.document_sha256 == hashlib.sha256(paper).hexdigest()
    assert use.sealed_sha256 == hashlib.sha256(sealed).hexdigest()
    assert (use.state, use.stamp, use.requested_by) == (UseState.SEALED, Stamp.NONE, "keeper 某")
    reason = PdfFileReader(BytesIO(sealed)).embedded_signatures[0].sig_object["/Reason"]
    assert reason == f"关于某事的证明（{use.number}）"
    assert sum(b"seals.use_recorded" in event for event in events) == 1
    assert sum(b"seals.used" in event for event in events) == 1


@pytest.mark.parametrize("move", [SealMove.SUSPEND, SealMove.SEAL_AWAY, SealMove.REVOKE])
def test_a_seal_that_is_not_in_use_seals_nothing_and_leaves_no_trace(
    chancery: Chancery, move: SealMove
) -> None:
    chancery.move(move)
    if move == SealMove.SUSPEND:
        refusal: type[Problem] = service.SealUnusable
    else:
        refusal = service.NotKeeper

    with pytest.raises(refusal):
        chancery.seal()

    order = _order(chancery)
    with pytest.raises(service.SealUnusable):
        sealing.issue(chancery.platform, a_paper(), order)
    assert _uses_and_numbers(chancery) == (0, 0)


def test_a_seal_taken_out_of_use_between_signing_and_issuing_issues_nothing(chancery: Chancery) -> None:
    paper = sealing.issue(chancery.platform, a_paper(), _order(chancery))
    chancery.move(SealMove.SUSPEND)

    with pytest.raises(service.SealUnusable), chancery.platform.db.transaction() as tx:
        uses.finish_use(tx, paper, at=chancery.at)

    with chancery.platform.db.read() as tx:
        assert tx.scalars(select(SealUse.state)).all() == [UseState.RECORDED]
        assert queries.by_digests(tx, [paper.sha256]) is None


@pytest.mark.parametrize("name", ["manager", "colleague"])
def test_only_a_keeper_seals(chancery: Chancery, name: str) -> None:
    with pytest.raises(service.NotKeeper):
        chancery.seal(by=name)

    assert _uses_and_numbers(chancery) == (0, 0)


def test_a_keeper_whose_right_ends_while_ordering_is_refused(chancery: Chancery) -> None:
    order = _order(chancery)
    with chancery.platform.db.transaction() as tx:
        tx.execute(delete(SealKeeper))

    with pytest.raises(service.NotKeeper):
        sealing.issue(chancery.platform, a_paper(), order)


def test_nothing_is_signed_when_the_log_cannot_be_written(
    chancery: Chancery, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The use, its number and its log entry are one transaction, and the signature comes after it."""
    registry = chancery.platform.registry
    without = {name: kind for name, kind in registry.events.items() if name != "seals.use_recorded"}
    monkeypatch.setitem(chancery.platform.db.info, "registry", replace(registry, events=without))

    with pytest.raises(UnregisteredEvent):
        sealing.issue(chancery.platform, a_paper(), _order(chancery))

    assert _uses_and_numbers(chancery) == (0, 0)
    assert not list((chancery.platform.settings.data / "store").glob("papers/*"))


def test_a_use_left_by_a_crash_is_carried_out_under_its_number(chancery: Chancery) -> None:
    order, paper = _order(chancery), a_paper()
    left = sealing.issue(chancery.platform, paper, order)

    again = sealing.issue(chancery.platform, paper, order)
    with chancery.platform.db.transaction() as tx:
        uses.finish_use(tx, again, at=chancery.at)
    with pytest.raises(uses.SealedBefore), chancery.platform.db.transaction() as tx:
        uses.finish_use(tx, left, at=chancery.at)

    assert left.use_id == again.use_id
    assert _uses_and_numbers(chancery) == (1, 1)


def test_a_use_that_led_to_no_paper_becomes_void_and_its_number_stays_cancelled(chancery: Chancery) -> None:
    sealing.issue(chancery.platform, a_paper(), _order(chancery))
    done = chancery.seal(a_paper("另一份。"))

    with chancery.platform.db.transaction() as tx:
        early = uses.void_unfinished(tx, at=chancery.at + timedelta(minutes=59))
        late = uses.void_unfinished(tx, at=chancery.at + timedelta(minutes=61))

    with chancery.platform.db.read() as tx:
        states = {one.number: one.state for one in tx.scalars(select(SealUse))}
        reasons = {one.serial: one.cancel_reason for one in tx.scalars(select(TakenNumber))}
    assert (early, late) == (0, 1)
    assert sorted(states.values()) == [UseState.SEALED, UseState.VOID]
    assert states[done.number] == UseState.SEALED
    assert reasons == {1: uses.NEVER_ISSUED, 2: None}


def test_an_ended_certificate_seals_nothing(chancery: Chancery) -> None:
    later = chancery.at + timedelta(days=5 * 365 + 1)

    with pytest.raises(uses.NoSealCertificate), chancery.platform.db.transaction() as tx:
        uses.record_use(tx, _order(chancery), document_sha256="ab" * 32, at=later)


def _order(chancery: Chancery) -> uses.UseOrder:
    return uses.UseOrder(
        seal_id=chancery.seal_id,
        purpose=BY_HAND,
        subject="one",
        title="关于某事的证明",
        code=sealing.check_code(chancery.platform, BY_HAND, "one"),
        requested_by=chancery.users["keeper"],
    )


def _uses_and_numbers(chancery: Chancery) -> tuple[int, int]:
    with chancery.platform.db.read() as tx:
        return (
            tx.scalar(select(func.count()).select_from(SealUse)) or 0,
            tx.scalar(select(func.count()).select_from(TakenNumber)) or 0,
        )
