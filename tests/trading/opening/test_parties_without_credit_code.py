"""A natural person and a foreign firm bid: from the claim to the hall, and the identity number is nowhere whole."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from scene import Scene
from scene_city import certified
from sqlalchemy import select

from govcore import clock
from govcore.certificates.authority import uscc_of
from govcore.db import Base
from govcore.identifiers import Identifier, IdKind
from govcore.identity.sessions import open_session
from govcore.organisations import claims
from trading.client import Refused
from trading.project.models import Project

CARD = "11010519491231002X"
OTHER_CARD = "110105194912310003"
FIRM = "DE-HRB-12345"


def sign_up(scene: Scene, who: str, party: Identifier, name: str) -> str:
    """An account with a pending claim; the claim's id."""
    platform = scene.platform
    with platform.db.transaction() as tx:
        at = clock.now(tx)
        user = claims.register_person(tx, name=name, username=who, password="correct horse battery", at=at)
        scene.city.tokens[who] = open_session(tx, user_id=user.id, at=at)
    message = {
        "id_kind": party.kind,
        "uscc": party.value,
        "name": name,
        "statement": "本人投标。",
        "licence": base64.b64encode(b"%PDF-1.7 the card").decode(),
    }
    claim_id: str = scene.person(who).post("/api/claims", message)["id"]
    return claim_id


def admit(scene: Scene, who: str, claim_id: str, **proof: str) -> None:
    """The clerk accepts, and the party gets a certificate of signing."""
    path = f"/api/claims/{claim_id}/acceptance"
    scene.person("centre").post(path, {"role": "bidder", **proof})
    me = scene.person(who).get("/api/session")
    with scene.platform.db.transaction() as tx:
        scene.city.signers[who] = certified(tx, scene.platform, me["user_id"])


def tables_with(scene: Scene, needle: str) -> list[str]:
    """The tables of the database in which a text or a byte string holds the needle."""
    found = []
    with scene.platform.db.read() as tx:
        for table in Base.metadata.sorted_tables:
            rows: Any = tx.execute(select(table)).all()
            if any(needle in repr(value) for row in rows for value in row):
                found.append(table.name)
    return found


def test_a_person_and_a_foreign_firm_bid_and_the_identity_number_stays_unseen(scene: Scene) -> None:
    person = sign_up(scene, "engineer", Identifier(IdKind.RESIDENT_ID, CARD), "李明")
    firm = sign_up(scene, "firm", Identifier(IdKind.FOREIGN, FIRM), "Rhein Wasserbau GmbH")
    with pytest.raises(Refused, match="E_CARD_DIFFERS"):
        admit(scene, "engineer", person, card=OTHER_CARD)
    with pytest.raises(Refused, match="E_SCHEMA"):
        scene.person("centre").post(f"/api/claims/{firm}/acceptance", {"role": "tenderer"})
    admit(scene, "engineer", person, card=CARD)
    admit(scene, "firm", firm)

    number = scene.uscc("engineer")
    with scene.platform.db.transaction() as tx:
        project = tx.query(Project).one()
        project.terms = {**project.terms, "research": True}
    scene.submit_all("engineer", "firm", "bidder-1")
    scene.open_all(1, 2)

    shown = {bid["uscc"]: bid["bidder_name"] for bid in scene.hall()["bids"]}
    assert (shown[number], shown[FIRM]) == ("李明", "Rhein Wasserbau GmbH")
    assert (number[:2], len(number)) == ("P-", len("P-3F2A-91BC-04DE"))
    subjects = {who: scene.city.signers[who].certificate for who in ("engineer", "firm")}
    assert (uscc_of(subjects["engineer"]), uscc_of(subjects["firm"])) == (number, FIRM)
    assert "C=DE" in subjects["firm"].subject.rfc4514_string()
    assert tables_with(scene, CARD) == []
    assert {"identity_organisation", "log_event"} <= set(tables_with(scene, number))
    pages = [
        scene.person(who).call("GET", path, headers={"accept": "text/html"}).text
        for who, path in (
            ("engineer", "/my-claims"),
            ("engineer", "/account"),
            ("centre", f"/claims/{person}"),
            ("centre", f"/lots/{scene.lot}/opening"),
        )
    ]
    assert [CARD in page for page in pages] == [False] * 4
    assert [number in page for page in pages] == [False, True, False, True]
    assert ["110105***********X" in page for page in pages] == [True, False, True, False]
