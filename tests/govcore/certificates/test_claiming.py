"""A claim on an organisation, proved by a certificate that an outside authority issued to it."""

from __future__ import annotations

import base64
from pathlib import Path

import httpx
import pytest
from certificate_factories import USCC, outside_authority
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from proving_city import SITE, City, Key, new_key
from sqlalchemy import select

from govcore.audit.entries import parse_event
from govcore.audit.models import LogOutbox
from govcore.certificates.authority import sha256_of
from govcore.identity.policy import ALL_DUTIES
from trading.certificate_cli import certificate

NEW = "91371500MA0002104E"
NAME = "晨光水务(集团)"


def claim(city: City, uscc: str = USCC, name: str = NAME) -> str:
    body = {
        "uscc": uscc,
        "name": name,
        "statement": "I am its legal representative.",
        "licence": base64.b64encode(b"%PDF-1.7").decode(),
    }
    return str(city.call("POST", "/api/claims", "nobody", json=body).json()["id"])


def prove(
    city: City, claim_id: str, chain: list[x509.Certificate], key: Key, user: str = "nobody"
) -> httpx.Response:
    proof = city.proof(chain, key, city.challenge("claim", user))
    return city.call("POST", f"/api/claims/{claim_id}/certificate", user, json=proof)


def code(response: httpx.Response) -> str:
    return str(response.json()["code"]) if response.is_error else ""


def events(city: City, name: str) -> list[dict[str, str]]:
    with city.platform.db.read() as tx:
        found = [parse_event(raw) for raw in tx.scalars(select(LogOutbox.event).order_by(LogOutbox.id))]
    return [dict(event["data"]) for event in found if event["type"] == name]


@pytest.mark.parametrize("uscc", [USCC, NEW], ids=["registered", "new"])
def test_a_certificate_of_the_organisation_proves_a_claim_once(city: City, uscc: str) -> None:
    key = new_key()
    chain = city.authority.issue(key, at=city.now(), name=NAME, code=uscc)
    claim_id = claim(city, uscc)

    first, again = prove(city, claim_id, chain, key), prove(city, claim_id, chain, key)

    assert (first.status_code, code(again)) == (204, "E_STATE")
    actor = city.actor("nobody")
    assert (actor.uscc, actor.duties, actor.roles) == (uscc, ALL_DUTIES, {"bidder"})
    assert events(city, "organisation.claim_proven") == [{"proof": f"certificate {sha256_of(chain[0])}"}]


def test_what_adds_no_certificate_proves_no_claim_and_is_logged(city: City) -> None:
    key, bound = new_key(), new_key()
    at = city.now()
    good = city.authority.issue(key, at=at, name=NAME)
    city.bind(city.authority.issue(bound, at=at, name=NAME), bound, "li")
    claim_id = claim(city)

    answers = [
        prove(city, claim_id, good, new_key()),
        prove(city, claim_id, city.authority.issue(key, at=at, name=NAME, code=NEW), key),
        prove(city, claim_id, city.authority.issue(key, at=at, name="晨光水利"), key),
        prove(city, claim_id, outside_authority("Nobody", at=at).issue(key, at=at, name=NAME), key),
        prove(city, claim_id, city.authority.issue(bound, at=at, name=NAME), bound),
    ]

    expected = ["E_CERT_SIGNATURE", "E_CERT_NAME", "E_CERT_NAME", "E_CERT_CHAIN", "E_CERT_REUSED"]
    assert [code(one) for one in answers] == expected
    assert events(city, "certificate.refused") == [{"purpose": "claim", "code": one} for one in expected]
    assert city.actor("nobody").org_id is None


def test_only_the_claimant_answers_its_own_question_and_not_over_an_objection(city: City) -> None:
    key = new_key()
    chain = city.authority.issue(key, at=city.now(), name=NAME)
    claim_id = claim(city)
    path = f"/api/claims/{claim_id}/certificate"
    for_rival = city.proof(chain, key, city.challenge("claim", "rival"))
    to_add = city.proof(chain, key, city.challenge("bind", "nobody"))

    assert city.call("POST", "/api/challenges", json={"purpose": "claim"}).status_code == 401
    assert code(prove(city, claim_id, chain, key, "rival")) == "E_NOT_FOUND"
    assert code(city.call("POST", path, "nobody", json=for_rival)) == "E_CHALLENGE"
    assert code(city.call("POST", path, "nobody", json=to_add)) == "E_CHALLENGE"
    assert city.call("POST", f"/api/claims/{claim_id}/objection", "wang").status_code == 204
    assert code(prove(city, claim_id, chain, key)) == "E_CLAIM_CONTESTED"
    assert city.actor("nobody").org_id is None


def test_the_command_proves_the_pending_claim(
    city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = new_key()
    [own] = city.authority.issue(key, at=city.now(), name=NAME)
    lock = BestAvailableEncryption(b"its password")
    (tmp_path / "own.p12").write_bytes(serialize_key_and_certificates(b"own", key, own, None, lock))
    (tmp_path / "session").write_text(f"session={city.tokens['nobody']}")
    monkeypatch.setenv("TRADING_PKCS12_PASSWORD", "its password")
    monkeypatch.setattr(httpx, "Client", lambda **_: city.http)  # the site is in this process
    monkeypatch.setattr(city.http, "close", lambda: None)  # and outlives the command
    words = ["claim", "--url", SITE, "--user", "nobody", "--password-file", str(tmp_path / "session")]
    words += ["--pkcs12", str(tmp_path / "own.p12")]

    too_early = CliRunner().invoke(certificate, words)
    claim(city)
    proven = CliRunner().invoke(certificate, words)

    assert (too_early.exit_code, "you have no pending claim" in too_early.output) == (1, True)
    assert (proven.exit_code, proven.output) == (0, f"proven: you act for {NAME} ({USCC})\n")
    assert city.actor("nobody").uscc == USCC
