"""The summary: exactly the published form, in one spelling."""

from __future__ import annotations

import pytest
from bid_factories import FORM

from bidding_docs import codes, summary


def test_a_summary_answers_exactly_its_form() -> None:
    answers: dict[str, summary.Value] = {"price": 1, "days": 2, "manager": "王伟", "start": "2026-12-01"}

    written = summary.write(FORM, answers)

    assert written == '{"price":1,"days":2,"manager":"王伟","start":"2026-12-01"}'.encode()
    assert summary.read(FORM, written) == answers


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'{"price":1}',
        b'{"price":1,"days":2} ',
        b'{"days":2,"price":1}',
        b'{"price":1,"price":2,"days":2}',
        b'{"price":"1","days":2}',
        b'{"price":1.5,"days":2}',
        b'{"price":true,"days":2}',
        b'{"price":-1,"days":2}',
        b'{"price":9007199254740992,"days":2}',
        b'{"price":1,"days":3651}',
        b'{"price":1,"days":2,"manager":" "}',
        b'{"price":1,"days":2,"manager":"a\\u0000"}',
        b'{"price":1,"days":2,"start":"2026-02-30"}',
        b'{"price":1,"days":2,"start":"20261201"}',
        b'{"price":1,"days":2,"discount":1}',
        b"\xff",
    ],
)
def test_a_summary_that_leaves_the_form_is_refused(data: bytes) -> None:
    with pytest.raises(codes.BadContent):
        summary.read(FORM, data)


def test_a_form_names_each_field_once() -> None:
    summary.check_form(FORM)
    for fields in ((), (FORM.fields[0], FORM.fields[0])):
        with pytest.raises(codes.BadSchema):
            summary.check_form(summary.Form(fields=fields))
