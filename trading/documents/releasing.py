"""The tenderer releases what somebody else prepared; its officer signs it where the rules ask for that, or wants to."""

from __future__ import annotations

import hashlib
from datetime import datetime

from govcore.audit.service import record
from govcore.certificates.queries import has_certificate
from govcore.db import Tx
from govcore.errors import MoveNotAllowed, NotFound, Problem
from govcore.identity.policy import Actor, require
from govcore.storage import Store
from trading.documents import queries, service
from trading.documents.checks import require_clean
from trading.documents.manifests import RELEASE_TYPE, encoded, release_of
from trading.documents.models import Version
from trading.documents.policy import VersionMove, VersionState
from trading.procedure.rules import rule_set
from trading.project.models import Project
from trading.tender import queries as tenders
from trading.tender import service as tender_service
from trading.tender.certificates import check_own
from trading.tender.models import Tender

RULE = "documents.signature"
"""The parameter that says whether who releases a version has to sign it."""

NAME = "release.json"
"""The signed release among the version's files; no attachment can have this name."""


class SamePerson(Problem):
    code = "E_SAME_PERSON"
    status = 403
    text = "Who prepared the documents does not release them: that takes another person."


class Unsigned(Problem):
    code = "E_RELEASE_SIGNATURE"
    status = 422
    text = "The rules of this tender ask for your signature: release the documents with your certificate, in your browser or on the command line."  # noqa: E501


def to_sign(tx: Tx, tender_id: str, number: int, *, actor: Actor) -> bytes:
    """The exact bytes that the officer signs who releases this version; raises for whoever may not release it now."""
    tender, version = _releasable(tx, tender_id, number, actor)
    if version.state != VersionState.PREPARED:
        raise MoveNotAllowed(move=VersionMove.RELEASE, state=version.state)
    context = tenders.lot_context(tx, tenders.lots_of(tx, tender.id)[0].id)
    return encoded(release_of(context, version, supersedes=queries.superseded_by(tx, version)))


def must_sign(tender: Tender) -> bool:
    return rule_set(tender.rule_set).choice(RULE) == "CERTIFICATE"


def signs(tx: Tx, tender_id: str, *, actor: Actor, at: datetime) -> tuple[bool, bool]:
    """Whether the rules ask the actor for a signature, and whether it may give one: it holds a certificate, or must."""
    must = must_sign(tenders.visible_tender(tx, tender_id, actor=actor))
    return must, must or has_certificate(tx, actor=actor, at=at)


def release(
    tx: Tx,
    store: Store,
    tender_id: str,
    number: int,
    *,
    actor: Actor,
    at: datetime,
    envelope: bytes | None = None,
) -> Version:
    """Release a prepared version as the tenderer; for the first this approves the tender. Raise who prepared it.

    What the officer signed lies among the version's files, so the manifest that the platform signs later names it.
    """
    tender, version = _releasable(tx, tender_id, number, actor)
    if version.prepared_by == actor.user_id:
        raise SamePerson
    require_clean(queries.findings(tx, version), version.reasons)
    if envelope is None and must_sign(tender):
        raise Unsigned
    if envelope is not None:
        payload = to_sign(tx, tender_id, number, actor=actor)
        signed = check_own(tx, envelope, payload_type=RELEASE_TYPE, payload=payload, actor=actor, at=at)
        version.released_with = min(signed)
        service.keep(store, version, kind="release", name=NAME, content=envelope)
    if number == 1:
        tender_service.approve(tx, tender_id, actor=actor, at=at)
    service.move(tx, version, VersionMove.RELEASE)
    version.released_by, version.released_at = actor.user_id, at
    data = {"version": number, "terms_sha256": version.terms_sha256}
    if envelope is not None:
        data |= {
            "cert_sha256": version.released_with,
            "envelope_sha256": hashlib.sha256(envelope).hexdigest(),
        }
    record(tx, "documents.released", subject=tender_id, actor=actor.user_id, at=at, data=data)
    return version


def _releasable(tx: Tx, tender_id: str, number: int, actor: Actor) -> tuple[Tender, Version]:
    """A version before an officer of its tenderer."""
    require(actor, "tender.approve")
    tender = tenders.visible_tender(tx, tender_id, actor=actor)
    if tx.get_one(Project, tender.project_id).tenderer_id != actor.org_id:
        raise NotFound
    version = queries.version(tx, tender_id, number)
    return tender, version
