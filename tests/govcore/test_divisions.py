"""Divisions of GB/T 2260: those that exist now have a name, abolished and invented ones have none."""

from __future__ import annotations

import pytest

from govcore.divisions import DivisionUnknown, check_division, division_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("370000", "山东省"),
        ("371500", "山东省聊城市"),
        ("371525", "山东省冠县"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("110103", ""),  # 崇文区, until 2010
        ("371421", ""),  # 陵县, until 2014
        ("379900", ""),
        ("999999", ""),
        ("37150", ""),
        ("3715000", ""),
        ("37150X", ""),
    ],
)
def test_only_divisions_that_exist_now_have_a_name(code: str, name: str) -> None:
    assert division_name(code) == name
    if name:
        assert check_division(code) == code
        return
    with pytest.raises(DivisionUnknown):
        check_division(code)
