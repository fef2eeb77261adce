"""Letters and notices bear the centre's seal where a keeper ordered it, and wait while it is not in use."""

from __future__ import annotations

from io import BytesIO

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pypdf import PdfReader
from sealing_organs import change_seal, seal_for
from supervision_factories import Floor
from test_supervision_service import answer, draft, record_misconduct, sign, sign_notice

from govcore.seals import queries
from govcore.seals.policy import SealMove, UseState
from govcore.seals.sealing import paper_key
from trading.supervision import dispatch
from trading.supervision import queries as supervision
from trading.supervision.policy import LETTER_PAPER, NOTICE_PAPER, LetterState


@pytest.fixture
def seal_id(floor: Floor) -> str:
    """The centre's seal, ordered on both papers by its keeper."""
    return seal_for(floor.platform, keeper=floor.users["recorder"], papers=(LETTER_PAPER, NOTICE_PAPER))


def test_a_signed_letter_and_notice_are_sealed_papers_with_their_check_code(
    floor: Floor, seal_id: str
) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    notice_id, letter_id = sign_notice(floor, misconduct_id), draft(floor, misconduct_id)
    sign(floor, letter_id)

    dispatch.issue_notice(floor.platform, notice_id)
    dispatch.issue_letter(floor.platform, letter_id)
    dispatch.issue_letter(floor.platform, letter_id)

    with floor.platform.db.read() as tx:
        sent = supervision.letter(tx, letter_id, actor=floor.actor("regulator"))
        told = supervision.misconduct(tx, misconduct_id, actor=floor.actor("agent")).notice
        uses = queries.uses(tx, seal_id, actor=floor.actor("recorder"))
    assert told is not None
    assert (sent.state, len(uses)) == (LetterState.SENT, 2)
    assert {use.sealed_sha256 for use in uses} == {sent.pdf_sha256, told.pdf_sha256}
    assert {use.state for use in uses} == {UseState.SEALED}
    for digest in (sent.pdf_sha256, told.pdf_sha256):
        paper = floor.platform.store.get(paper_key(str(digest)))
        (signature,) = PdfFileReader(BytesIO(paper)).embedded_signatures
        assert signature.signer_cert.subject.native["serial_number"] == "3799000000001"
        assert "校验码" in _text(paper)


def test_a_letter_waits_while_the_seal_is_suspended(floor: Floor, seal_id: str) -> None:
    misconduct_id = record_misconduct(floor)
    answer(floor, misconduct_id)
    letter_id = draft(floor, misconduct_id)
    sign(floor, letter_id)
    change_seal(floor.platform, seal_id, SealMove.SUSPEND)

    dispatch.issue_now(dispatch.issue_letter, floor.platform, letter_id)
    waiting = _state(floor, letter_id)
    change_seal(floor.platform, seal_id, SealMove.RESUME)
    dispatch.issue_now(dispatch.issue_letter, floor.platform, letter_id)

    with floor.platform.db.read() as tx:
        uses = queries.uses(tx, seal_id, actor=floor.actor("recorder"))
    assert (waiting, _state(floor, letter_id)) == (LetterState.SIGNED, LetterState.SENT)
    assert [use.state for use in uses] == [UseState.SEALED]


def _state(floor: Floor, letter_id: str) -> str:
    with floor.platform.db.read() as tx:
        return supervision.letter(tx, letter_id, actor=floor.actor("recorder")).state


def _text(paper: bytes) -> str:

    return "".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages)
