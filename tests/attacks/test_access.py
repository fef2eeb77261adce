"""Who may not, may not: every route asked with real ids by a visitor, by people without the right, by strangers.

Routes, permissions and roles are read from the application (ASVS 8.2.1, 8.2.2), so a new route is asked as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest
from bodies import body_for
from litestar.enums import RequestEncodingType
from routes import Asked, asked_of
from rows import a_row
from scene import Scene
from sqlalchemy import select

from govcore.db import Base, Tx
from govcore.errors import Forbidden
from govcore.identity.models import Organisation, SignInSession, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.sessions import open_session
from govcore.seals.policy import REGISTERED
from trading.bidding.models import Upload
from trading.opening.models import OpeningBid
from trading.supervision.policy import CATEGORIES
from trading.tender.models import Document, Tender

NOTHING = "0" * 32
WORDS = {"n", "number", "part", "what", "act", "index", "key", "name"}
"""Places in addresses that name no object of their own."""

CODE = "code-of-a-service"


def table(name: str) -> Any:
    return Base.metadata.tables[name]


@dataclass
class Site:
    """The scene after its opening, with an object of every kind and people who have nothing to do with any."""

    scene: Scene
    ids: dict[str, str]
    tokens: dict[str, str]

    def ask(self, asked: Asked, person: str, *, of_nothing: bool = False, **body: Any) -> httpx.Response:
        places = {name: self.id_for(asked, name) for name in asked.places}
        if of_nothing:
            places |= {name: NOTHING for name in places if name not in WORDS}
        address = asked.path.format_map(places)
        cookie = {"cookie": f"session={self.tokens[person]}"} if person else {}
        headers = {"accept": "application/json", **cookie}
        return self.scene.http.request(asked.method, address, headers=headers, follow_redirects=False, **body)

    def id_for(self, asked: Asked, name: str) -> str:
        for start, value in BY_ROUTE.get(name, {}).items():
            if asked.path.startswith(start):
                return self.ids.get(value, value)
        return self.ids[name]


BY_ROUTE = {
    "sha256": {
        "/certificates/authorities": "trusted",
        "/certificates/outside": "outside",
        "/api/outside-certificates": "outside",
        "/api/uploads": "part_sha256",
    },
    "objection_id": {
        "/api/objections": "seal_objection",
        "/lots/{lot_id}/opening/seal-objections": "seal_objection",
    },
    "number": {"/administration/resets": "reset"},
}
"""Places of one name that stand for different things."""


def body_of(asked: Asked) -> dict[str, Any]:
    field = asked.handler.parsed_data_field
    if field is None or asked.safe:
        return {}
    kind, encoding = field.annotation, field.kwarg_definition.media_type
    if kind is bytes:
        return {"content": b"AAAA"}
    value = body_for(kind)
    if encoding == RequestEncodingType.JSON:
        return {"json": value}
    if encoding == RequestEncodingType.MULTI_PART:
        return {"files": {"file": ("a.pdf", b"%PDF-1.7")}}
    return {"data": value}


@pytest.fixture
def site(scene: Scene, sealed: Any) -> Site:
    scene.open_all()
    with scene.platform.db.transaction() as tx:
        ids = objects(tx, scene)
        tokens = strangers(tx, scene)
    return Site(scene, ids, tokens)


def objects(tx: Tx, scene: Scene) -> dict[str, str]:
    """An object of every kind, none of them the strangers'; by the name of its place in addresses."""
    bid, upload = tx.scalars(select(OpeningBid)).first(), tx.scalars(select(Upload)).first()
    assert bid is not None
    assert upload is not None
    tenderer = SignInSession.user_id == "tenderer"
    return {
        "lot_id": scene.lot,
        "tender_id": scene.city.tender_id,
        "document_id": str(tx.scalar(select(Document.id))),
        "object_id": scene.lot,
        "bid_id": bid.bid_id,
        "upload_id": upload.id,
        "part_sha256": str(upload.parts[0]["sha256"]),
        "sha256": scene.city.signers["tenderer"].keyid,
        "user_id": "tenderer",
        "org_id": "tenderer",
        "session_id": str(tx.scalar(select(SignInSession.id).where(tenderer))),
        "code": CODE,
        **{"n": "0", "number": "1", "part": "technical", "what": "abolish", "act": "opening.conclude"},
        **{"index": "0", "key": "clerk", "name": "ratings.serve"},
        **accounts(tx, soon=scene.now() + timedelta(days=1)),
        **affairs(tx, scene.lot, soon=scene.now() + timedelta(days=1)),
        **seals_and_services(tx),
    }


def accounts(tx: Tx, *, soon: datetime) -> dict[str, str]:
    """What belongs to one person or to the organisation it acts for."""
    its: dict[str, Any] = {"user_id": "tenderer"}
    reset = {"number": "123456", "approved": False, "ends_at": soon}
    unit = a_row(tx, table("organisations_unit"), org_id="tenderer")
    a_row(tx, table("organisations_unit_form"), unit_id=unit)
    a_row(tx, table("identity_ticket"), **its, **reset)
    return {
        "reset": "123456",
        "unit_id": unit,
        "token_id": a_row(tx, table("identity_api_token"), **its, ends_at=soon),
        "passkey_id": a_row(tx, table("identity_passkey"), **its),
        "tag": a_row(tx, table("federation_link"), **its),
        "claim_id": a_row(tx, table("organisations_claim"), **its, state="pending"),
        "delegation_id": a_row(
            tx, table("identity_delegation"), user_id="agency", org_id="tenderer", ends_at=soon
        ),
        "invitation_id": a_row(tx, table("organisations_invitation"), org_id="tenderer", state="sent"),
        "trusted": a_row(tx, table("certificates_trusted"), until=soon),
        "outside": a_row(tx, table("certificates_outside"), **its, org_id="tenderer"),
    }


def affairs(tx: Tx, lot_id: str, *, soon: datetime) -> dict[str, str]:
    """What happens in a lot between its parties and those who watch them."""
    proposal = {"act": "opening.conclude", "object_id": lot_id, "state": "waiting", "expires_at": soon}
    facts = {"category": next(iter(CATEGORIES)), "grade": "general", "evidence": [], "state": "recorded"}
    parties = {"org_id": "centre", "subject_id": "bidder-1"}
    misconduct = a_row(tx, table("supervision_misconduct"), **facts, **parties)
    about: dict[str, Any] = {"misconduct_id": misconduct}
    its: dict[str, Any] = {"lot_id": lot_id, "org_id": "bidder-1"}
    return {
        "misconduct_id": misconduct,
        "proposal_id": a_row(
            tx, table("authority_proposal"), **proposal, proposed_by="centre", payload=b'{"content":{}}'
        ),
        "deposit_id": a_row(tx, table("guarantees_deposit"), lot_id=lot_id, state="refunding"),
        "objection_id": a_row(tx, table("opening_hall_objection"), **its),
        "seal_objection": a_row(tx, table("opening_seal_objection"), **its),
        "letter_id": a_row(tx, table("supervision_letter"), **about, addressee_id="regulator", state="sent"),
        "notice_id": a_row(tx, table("supervision_notice"), **about),
    }


def seals_and_services(tx: Tx) -> dict[str, str]:
    seal = a_row(tx, table("seals_seal"), state="in_use", org_id="tenderer", kind="official")
    a_row(tx, table("seals_change"), seal_id=seal, move=REGISTERED, state="in_use")
    digest = sha256(CODE.encode()).hexdigest()
    service = a_row(tx, table("ratings_service"), org_id="centre", code_sha256=digest)
    rating = a_row(tx, table("ratings_rating"), service_id=service)
    a_row(tx, table("ratings_bad"), rating_id=rating, state="received")
    return {
        "seal_id": seal,
        "keeper_id": a_row(tx, table("seals_keeper"), seal_id=seal, user_id="tenderer"),
        "use_id": a_row(tx, table("seals_use"), seal_id=seal),
        "rating_id": rating,
    }


def strangers(tx: Tx, scene: Scene) -> dict[str, str]:
    """One person of another organisation for each role, and one for each permission who has all roles without it."""
    at = scene.now()
    tx.add(Organisation(id="zz-elsewhere", uscc="91371500MA00000077", name="别处某单位"))
    tx.flush()
    people = {str(role): [role] for role in Role}
    for permission in scene.platform.registry.permissions.values():
        people[f"without {permission.name}"] = [role for role in Role if role not in permission.roles]
    tokens = {}
    for n, (name, roles) in enumerate(people.items()):
        user_id = f"zz-{n}"
        tx.add(User(id=user_id, username=user_id, name=user_id, org_id="zz-elsewhere", password_hash="none"))
        tx.flush()
        tx.add_all([UserRole(user_id=user_id, role=role) for role in roles])
        tokens[name] = open_session(tx, user_id=user_id, at=at, strong=True)
    return tokens


ONE_PER_SITE = "the trading centre of this site, whichever organisation runs it"
REGISTER = "an office of the whole site keeps this register"
WATCHES = "watches over all organisations"
PUBLIC = "everybody may bid for, follow or attend a published lot; what is shown is the caller's own part"

LET_IN = {
    ("authority.act", "centre"): ONE_PER_SITE,
    ("evaluation.appoint", "centre"): ONE_PER_SITE,
    ("evaluation.view", "centre"): ONE_PER_SITE,
    ("opening.answer", "centre"): ONE_PER_SITE,
    ("organisation.decide", "centre"): ONE_PER_SITE,
    ("seals.manage", "centre"): REGISTER,
    ("seals.read", "centre"): REGISTER,
    ("seals.use", "centre"): REGISTER,
    ("seals.read", "auditor"): WATCHES,
    ("audit.read", "auditor"): WATCHES,
    ("audit.read", "regulator"): WATCHES,
    ("deposit.advise", "bank"): "the bank with the account of all deposits",
    ("deposit.read", "regulator"): WATCHES,
    ("deposit.read", "deposits"): REGISTER,
    ("account.switch", "system_admin"): REGISTER,
    ("authority.assign", "security_admin"): REGISTER,
    ("authority.read", "*"): REGISTER,
    ("certificate.read", "security_admin"): REGISTER,
    ("certificate.trust", "security_admin"): REGISTER,
    ("identity.approve_reset", "*"): REGISTER,
    ("organisation.list", "*"): REGISTER,
    ("unit.manage", "system_admin"): REGISTER,
}
"""Permissions by which somebody is rightly let in to other organisations' objects, by role."""

OF_A_PUBLISHED_LOT = {
    "bid.audit",
    "bid.prepare",
    "bid.read",
    "bid.sign",
    "bid.submit",
    "deposit.request",
    "notify.read",
    "opening.attend",
}
"""Permissions by which everybody does or sees their own part in a published lot."""

LOTS = {"lot_id", "tender_id", "act", "object_id"}


def guarded(site: Site) -> list[Asked]:
    return [asked for asked in asked_of(site.scene.http.app) if asked.permission != "public"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_every_guarded_route_refuses_visitors_and_people_without_its_permission(site: Site) -> None:
    permissions = site.scene.platform.registry.permissions
    let_in = []
    for asked in guarded(site):
        if site.ask(asked, "").status_code != 401:
            let_in.append(f"{asked} as a visitor")
        if permissions[asked.permission].roles < frozenset(Role):
            answer = site.ask(asked, f"without {asked.permission}")
            if (answer.status_code, answer.json()["code"]) != (403, Forbidden.code):
                let_in.append(f"{asked} with all roles but those with {asked.permission}")

    assert let_in == []


@pytest.mark.parametrize("backend", ["sqlite"])
def test_every_place_in_an_address_has_a_real_id_to_ask_with(site: Site) -> None:
    known = site.ids.keys()

    assert sorted({name for asked in guarded(site) for name in asked.places} - known) == []
    assert len(guarded(site)) > 250


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_strangers_do_not_find_is_there_for_its_owners(site: Site) -> None:
    owners = {
        "/api/uploads/{upload_id}": "bidder-1",
        "/lots/{lot_id}/bid": "bidder-1",
        "/organisation/members/{user_id}": "tenderer",
        "/certificates/{sha256}": "tenderer",
        "/evaluation/{lot_id}/committee": "centre",
        "/api/lots/{lot_id}/my-bid": "bidder-1",
    }
    asked = {asked.path: asked for asked in guarded(site) if asked.safe}
    site.tokens.update(site.scene.city.tokens)

    assert {
        path: site.ask(asked[path], owner).status_code for path, owner in owners.items()
    } == dict.fromkeys(owners, 200)


@pytest.mark.parametrize("backend", ["sqlite"])
@pytest.mark.parametrize("stage", ["opened", "draft"])
def test_strangers_with_the_permission_reach_nothing_of_others(site: Site, stage: str) -> None:
    if stage == "draft":
        with site.scene.platform.db.transaction() as tx:
            site.ids |= draft(tx, site)
    let_in = []
    for asked in guarded(site):
        if stage == "draft" and not LOTS & set(asked.places):
            continue
        for role in sorted(site.scene.platform.registry.permissions[asked.permission].roles):
            if asked.places and not rightly_let_in(asked, role, stage) and learns(site, asked, role, stage):
                let_in.append(f"{asked} as {role}")

    assert let_in == []


def rightly_let_in(asked: Asked, role: str, stage: str) -> bool:
    own_part = stage == "opened" and asked.permission in OF_A_PUBLISHED_LOT and LOTS.issuperset(asked.places)
    return own_part or not LET_IN.keys().isdisjoint({(asked.permission, role), (asked.permission, "*")})


def learns(site: Site, asked: Asked, role: str, stage: str) -> bool:
    """Whether a stranger is told more than about an object that does not exist, or than what all know of a lot."""
    body = body_of(asked)
    answer = site.ask(asked, role, **body)
    if answer.status_code in (403, 404) or answer.content == b"[]":
        return False
    if stage == "opened" and LOTS.issuperset(asked.places) and answer.status_code in (409, 422):
        return False
    without = site.ask(asked, role, of_nothing=True, **body)
    return (answer.status_code, answer.content) != (without.status_code, without.content)


def draft(tx: Tx, site: Site) -> dict[str, str]:
    """A tender that nobody but its own side may know of, with the same content as the scene's."""
    model = tx.get_one(Tender, site.scene.city.tender_id)
    same = {"content": model.content, "project_id": model.project_id, "rule_set": model.rule_set}
    tender_id = a_row(tx, table("tender_tender"), state="draft", drafted_by="agency", **same)
    lot_id = a_row(tx, table("tender_lot"), tender_id=tender_id, state="draft")
    return {"tender_id": tender_id, "lot_id": lot_id, "object_id": lot_id}
