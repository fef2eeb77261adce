"""The scene after its opening with an object of every kind, and people who have nothing to do with any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx
import msgspec
import pytest
from bodies import body_for
from cryptography.hazmat.primitives.serialization import Encoding
from litestar.enums import RequestEncodingType
from routes import Asked
from rows import LONG_AGO, MARKUP, a_row
from scene import Scene
from sqlalchemy import select

from govcore.certificates.trust import CodeField
from govcore.db import Base, Tx
from govcore.identity.models import Organisation, SignInSession, User, UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.sessions import open_session
from govcore.seals.policy import REGISTERED
from trading.bidding.models import Upload
from trading.challenge import clues, entries, evidence
from trading.clarification.queries import KeptQuestion, KeptSample
from trading.documents import drafting
from trading.opening.models import OpeningBid
from trading.supervision.policy import CATEGORIES
from trading.tender.models import Document, Tender

NOTHING = "0" * 32
WORDS = {
    "n",
    "number",
    "item_id",
    "part",
    "what",
    "act",
    "act_name",
    "index",
    "key",
    "name",
    "lot",
    "medium",
    "since",
    "step",
}
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
    "notice_id": {"/notices/{notice_id}": "public_notice", "/api/notices/{notice_id}": "public_notice"},
    "number": {"/administration/resets": "reset", "/api/samples": "sample"},
    "clarification_id": {
        "/clarifications/{clarification_id}/release": "ready_clarification",
        "/clarifications/{clarification_id}/return": "ready_clarification",
        "/clarifications/{clarification_id}/deadlines": "ready_clarification",
        "/clarifications/{clarification_id}/preview": "ready_clarification",
    },
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
    tenderer, soon = SignInSession.user_id == "tenderer", scene.now() + timedelta(days=1)
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
        **accounts(tx, authority=scene.authority().public_bytes(Encoding.DER), soon=soon),
        **affairs(tx, scene.lot, soon=soon),
        **a_complaint(tx, scene),
        **seals_and_services(tx),
        **clarified(tx, scene),
        **registered(tx, scene),
        **filed(tx, scene),
        **reviewed(tx, scene),
        "draw_id": a_draw(tx, scene.lot),
        "booking_id": a_row(tx, table("venue_booking"), lot_id=scene.lot, use="opening"),
        "mock_id": a_row(tx, table("mock_opening"), lot_id=scene.lot),
        "item_id": "plan",
        **{"lot": "1", "medium": "province", "since": "1", "step": "basis"},
    }


def a_draw(tx: Tx, lot_id: str) -> str:
    """A draw of experts that waits for its keys."""
    drawn = {"purpose": "experts", "about": "1", "regime": "TB", "state": "announced"}
    lists: dict[str, Any] = {"pool": [], "exclusions": [], "quotas": []}
    return a_row(tx, table("draws_draw"), lot_id=lot_id, **drawn, **lists)


def registered(tx: Tx, scene: Scene) -> dict[str, str]:
    """The tender's project, with a paper filed."""
    project_id = tx.get_one(Tender, scene.city.tender_id).project_id
    paper = {"kind": "mandate", "name": MARKUP, "store_key": "project/paper", "sha256": "0" * 64, "size": 1}
    a_row(tx, table("project_file"), id="project-paper", project_id=project_id, **paper)
    return {"project_id": project_id, "file_id": "project-paper"}


def filed(tx: Tx, scene: Scene) -> dict[str, str]:
    """A tender that the agency is writing, a package of the round, and its notice on the way to a medium."""
    tender = tx.get_one(Tender, scene.city.tender_id)
    agency = actor_of_user(tx, "agency")
    notice = str(tx.scalar(select(table("notices_notice").c.id)))
    way = {"medium": "province", "state": "given_up", "attempts": 9, "due_at": LONG_AGO}
    a_row(tx, table("notices_dispatch"), notice_id=notice, **way)
    return {
        "draft_id": drafting.begin(tx, tender.project_id, template="water", actor=agency, at=scene.now()).id,
        "package_id": a_row(tx, table("archive_package"), tender_id=tender.id, state="sealed"),
        "public_notice": notice,
        "certificate_id": a_row(tx, table("extension_certificate"), lot_id=scene.lot),
    }


def reviewed(tx: Tx, scene: Scene) -> dict[str, str]:
    """What the committee asked of bidder 1, with a file in the answer."""
    own = select(OpeningBid.bid_id).where(OpeningBid.org_id == "bidder-1").limit(1)
    asked = {"kind": "clarification", "state": "answered", "text": MARKUP, "answered_at": LONG_AGO}
    request = a_row(tx, table("review_request"), lot_id=scene.lot, bid_id=tx.scalar(own), **asked)
    a_row(tx, table("review_answer_file"), request_id=request, number=1, store_key="project/paper")
    return {"request_id": request}


def clarified(tx: Tx, scene: Scene) -> dict[str, str]:
    """A question, a sample, a clarification that is released and one that waits for its release."""
    its, wrap = {"tender_id": scene.city.tender_id}, scene.platform.wrapper.wrap
    question = KeptQuestion(text=MARKUP, salt="00", user_id="bidder-1", receipt=None)
    sample = KeptSample(what=MARKUP, received_at=scene.now(), taken_by="agency", salt="00")
    a_row(
        tx,
        table("clarification_question"),
        id="asked",
        reference="AAAA-AAAA",
        collected_at=LONG_AGO,
        wrapped=wrap("question", "asked", msgspec.json.encode(question)),
        **its,
    )
    a_row(
        tx,
        table("clarification_sample"),
        id="taken",
        number="BBBB-BBBB",
        wrapped=wrap("sample", "taken", msgspec.json.encode(sample)),
        **its,
    )
    paper = tx.execute(select(Document.store_key, Document.sha256, Document.size)).first()
    assert paper is not None
    filed = dict(zip(("paper_key", "paper_sha256", "paper_size"), paper, strict=True))
    said: dict[str, Any] = {"content": {"statement": "说明"}, "effects": [], **its}
    rows = table("clarification_clarification")
    released = a_row(tx, rows, number=1, state="released", released_at=LONG_AGO, **said, **filed)
    return {
        "clarification_id": released,
        "ready_clarification": a_row(tx, rows, number=2, state="ready", **said),
        "reference": "AAAA-AAAA",
        "sample": "BBBB-BBBB",
    }


def accounts(tx: Tx, *, authority: bytes, soon: datetime) -> dict[str, str]:
    """What belongs to one person or to the organisation it acts for."""
    its: dict[str, Any] = {"user_id": "tenderer"}
    field = next(iter(CodeField)).value
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
        "trusted": a_row(tx, table("certificates_trusted"), until=soon, der=authority, code_field=field),
        "outside": a_row(tx, table("certificates_outside"), **its, org_id="tenderer"),
    }


def affairs(tx: Tx, lot_id: str, *, soon: datetime) -> dict[str, str]:
    """What happens in a lot between its parties and those who watch them."""
    proposal = {"act": "opening.conclude", "object_id": lot_id, "state": "waiting", "expires_at": soon}
    said = msgspec.json.encode(
        {"content": {}, "facts": {"lot": "E1", "title": MARKUP, "bids": 3, "keys": 3, "sealed": 0}}
    )
    facts = {"category": next(iter(CATEGORIES)), "grade": "general", "evidence": [], "state": "recorded"}
    parties = {"org_id": "centre", "subject_id": "bidder-1"}
    misconduct = a_row(tx, table("supervision_misconduct"), **facts, **parties)
    about: dict[str, Any] = {"misconduct_id": misconduct}
    its: dict[str, Any] = {"lot_id": lot_id, "org_id": "bidder-1"}
    return {
        "misconduct_id": misconduct,
        "proposal_id": a_row(tx, table("authority_proposal"), **proposal, proposed_by="centre", payload=said),
        "deposit_id": a_row(tx, table("guarantees_deposit"), lot_id=lot_id, state="refunding"),
        "objection_id": a_row(tx, table("opening_hall_objection"), **its),
        "seal_objection": a_row(tx, table("opening_seal_objection"), **its),
        "letter_id": a_row(tx, table("supervision_letter"), **about, addressee_id="regulator", state="sent"),
        "notice_id": a_row(tx, table("supervision_notice"), **about, scope="public"),
        "expert_id": a_row(tx, table("experts_expert")),
        "debarment_id": a_row(
            tx, table("debarment_debarment"), authority_id="regulator", last_day=soon.date()
        ),
    }


def a_complaint(tx: Tx, scene: Scene) -> dict[str, str]:
    """A complaint of bidder 1 with a file, accepted by the regulator, and a clue: wrapped as the slice does it."""
    platform, tender_id = scene.platform, scene.city.tender_id
    case_id, entry_id, evidence_id, clue_id = ("c" * 32, "d" * 32, "e" * 32, "f" * 32)
    filer = entries.Filer("bidder-1", MARKUP, "91371500MA00000011", MARKUP)
    its = {"kind": "complaint", "stage": "process", "state": "accepted", "ground": "bid", "steps": []}
    tag = entries.filer_tag(platform, "bidder-1")
    parties = {"regulator_id": "regulator", "filer_tag": tag, "overtaken": [], "tender_id": tender_id}
    wrapped = entries.wrap_filer(platform, case_id, filer)
    a_row(
        tx,
        table("objection_case"),
        id=case_id,
        wrapped=wrapped,
        accepted_at=scene.now(),
        about_id=None,
        **its,
        **parties,
    )
    a_row(tx, table("objection_case_lot"), case_id=case_id, lot_id=scene.lot)
    words = msgspec.json.encode(entries.Words(MARKUP, MARKUP, MARKUP))
    wrapped = platform.wrapper.wrap(entries.ENTRY, entry_id, words)
    spoken = {"said": "filed", "side": "filer", "leaf": "ab" * 32}
    a_row(tx, table("objection_entry"), id=entry_id, case_id=case_id, wrapped=wrapped, **spoken)
    [stored] = evidence.store_all(platform.store, [evidence.Given("a.pdf", b"%PDF-1.7")])
    kept = msgspec.json.encode({"name": MARKUP, "secret": stored.secret})
    wrapped = platform.wrapper.wrap(evidence.PURPOSE, evidence_id, kept)
    its = {"store_key": stored.store_key, "sha256": stored.sha256}
    a_row(tx, table("objection_evidence"), id=evidence_id, entry_id=entry_id, wrapped=wrapped, **its)
    wrapped = platform.wrapper.wrap(clues.CLUE, clue_id, MARKUP.encode())
    a_row(tx, table("objection_clue"), id=clue_id, tender_id=tender_id, wrapped=wrapped)
    return {"case_id": case_id, "evidence_id": evidence_id, "clue_id": clue_id, "act_name": "accept"}


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
        "use_id": a_row(tx, table("seals_use"), seal_id=seal, state="recorded"),
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


def draft(tx: Tx, site: Site) -> dict[str, str]:
    """A tender that nobody but its own side may know of, with the same content as the scene's."""
    model = tx.get_one(Tender, site.scene.city.tender_id)
    same = {"content": model.content, "project_id": model.project_id, "rule_set": model.rule_set}
    tender_id = a_row(tx, table("tender_tender"), state="draft", drafted_by="agency", **same)
    lot_id = a_row(tx, table("tender_lot"), tender_id=tender_id, state="draft")
    return {"tender_id": tender_id, "lot_id": lot_id, "object_id": lot_id}
