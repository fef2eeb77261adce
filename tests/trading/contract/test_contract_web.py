"""Contracts through HTTP: the exact bytes to sign, the room's page, and who is kept out."""

from __future__ import annotations

import hashlib

from contract_steps import Signed
from evaluated_city import SignIn

from govcore import dsse
from trading.contract.policy import MEDIA_TYPE

PAGE = {"accept": "text/html"}
API = "/api/lots/lot-1/contract"


def test_both_sides_sign_the_bytes_that_are_served(sign_in: SignIn, tender: Signed) -> None:
    form = {"bond": "0", "terms": "按月付款", "late_reason": ""}
    drawn = sign_in("tenderer").post("/contracts/lot-1", data=form, files={"file": ("", b"")}, headers=PAGE)
    assert drawn.status_code == 303
    for name in ("bidder-2", "tenderer"):
        client = sign_in(name)
        payload = client.get(f"{API}/document").content
        shown = client.get("/contracts/lot-1", headers=PAGE).text
        assert hashlib.sha256(payload).hexdigest() in shown
        envelope = dsse.sign(MEDIA_TYPE, payload, [tender.signers[name]]).encode().decode()
        assert client.post(f"{API}/signatures", json={"envelope": envelope}).status_code == 201

    shown = sign_in("regulator").get(API).json()
    assert (shown["state"], shown["signed_by"]) == ("signed", ["supplier", "tenderer"])
    pdf = sign_in("bidder-2").get(f"{API}.pdf").content
    assert hashlib.sha256(pdf).hexdigest() == shown["pdf_sha256"]
    assert "公告合同" in sign_in("tenderer").get("/contracts/lot-1", headers=PAGE).text


def test_outsiders_reach_no_contract(sign_in: SignIn, tender: Signed) -> None:
    tender.draw()
    codes = {
        name: (client.get(API).status_code, client.get("/contracts/lot-1", headers=PAGE).status_code)
        for name in ("bidder-1", "other-tenderer", "other-agency", "expert-1")
        for client in [sign_in(name)]
    }

    assert codes == {
        "bidder-1": (404, 404),
        "other-tenderer": (404, 404),
        "other-agency": (404, 404),
        "expert-1": (403, 403),
    }


def test_what_was_typed_wrong_is_said_beside_its_field(sign_in: SignIn, tender: Signed) -> None:
    form = {"bond": "一百万", "terms": "", "late_reason": ""}
    answer = sign_in("tenderer").post("/contracts/lot-1", data=form, files={"file": ("", b"")}, headers=PAGE)

    assert answer.status_code == 422
    assert "请以元为单位填写金额" in answer.text
