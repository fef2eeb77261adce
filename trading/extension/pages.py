"""Outages before a deadline, for everybody: measured, added up, proposed, certified."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from govcore import clock
from govcore.identity.policy import Actor
from govcore.outages.pages import outage_rows, unknown_rows, words_of
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.downloads import disposition
from govcore.web.rendering import AnyRequest, language
from trading.extension import issuing, queries, reopening
from trading.tender.pages import band
from trading.tender.policy import bidding_open

TERMS = ("lookback", "least", "close", "after")


@get("/lots/{lot_id:str}/outages", permission="public", sync_to_thread=True)
def lot_outages(
    request: AnyRequest,
    lot_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """What outages took of the time before a lot's deadline, what that calls for, and the certificates about it."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        facts = queries.facts(tx, lot_id, at=at)
        certificates = queries.certificates(tx, lot_id)
        certified = queries.certified(tx, facts)
        reopens = actor.may("extension.reopen") and reopening.settable(tx, facts.lot)
    _ = platform.catalogue.translator(language(request))
    proposed = facts.assessment.proposed
    movable = bidding_open(facts.lot.state, facts.lot.deadline_at, at)
    typed = proposed.astimezone(clock.BEIJING).strftime("%Y-%m-%dT%H:%M") if proposed else ""
    outages = outage_rows(facts.measured, _)
    return page(
        request,
        "extension/outages.html",
        facts=facts,
        lot=facts.lot,
        outages=outages,
        unknown=unknown_rows(facts.measured),
        total=words_of(facts.assessment.total),
        terms={name: _length(getattr(facts.terms, name), _) for name in TERMS},
        certificates=certificates,
        movable=movable,
        may_prolong=movable and actor.may("schedule.sign") and actor.org_id == facts.lot.tenderer.id,
        may_certify=actor.may("extension.certify") and bool(outages) and not certified,
        move=f"/lots/{lot_id}/deadline?proposed={quote(typed)}",
        reopens=reopens,
        band=band(facts.lot.rule_set),
    )


@post(
    "/lots/{lot_id:str}/outages/certificate", permission="extension.certify", fresh=True, sync_to_thread=True
)
def issue_certificate(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Have the measured outages certified, also where the deadline was not moved."""
    issuing.certify(platform, lot_id, actor=actor)
    return redirect(f"/lots/{lot_id}/outages")


@get("/outage-certificates/{certificate_id:str}/pdf", permission="public", sync_to_thread=True)
def certificate_pdf(certificate_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The certificate on paper; the signed message is inside it."""
    with platform.db.read() as tx:
        key = queries.certificate(tx, certificate_id).paper_key
    headers = {"content-disposition": disposition(f"outage-{certificate_id[:8]}.pdf")}
    return Response(platform.store.get(key), media_type="application/pdf", headers=headers)


@get("/outage-certificates/{certificate_id:str}", permission="public", sync_to_thread=True)
def certificate_json(certificate_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """The certificate as the platform signed it: measurements, rule, sum, both signed schedules."""
    with platform.db.read() as tx:
        envelope = queries.certificate(tx, certificate_id).envelope
    return Response(envelope, media_type="application/json")


def _length(length: timedelta, say: Callable[..., str]) -> str:
    """A length of the rule in hours; in minutes where these are not whole, or are one."""
    minutes = int(length.total_seconds()) // 60
    return (
        say("{n} minutes", n=minutes) if minutes % 60 or minutes == 60 else say("{n} hours", n=minutes // 60)
    )


PAGES = [lot_outages, issue_certificate, certificate_pdf, certificate_json]
