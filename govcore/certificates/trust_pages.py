"""The trust list of outside authorities, and the page for signing in with a certificate."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.certificates import authority as ca
from govcore.certificates import outside, queries
from govcore.certificates.outside import NoAuthority, NoList, Trusted
from govcore.certificates.trust import CodeField
from govcore.errors import Malformed, Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web import page, redirect
from govcore.web.addresses import own_path
from govcore.web.rendering import AnyRequest, language

LIST_LIMIT = 8 << 20
_CERTIFICATE_LIMIT = 64 << 10
CODE_FIELD_WORDS = {
    CodeField.ORGANISATION_IDENTIFIER: "organisation identifier (2.5.4.97)",
    CodeField.SERIAL_NUMBER: "serial number of the subject (2.5.4.5)",
    CodeField.UNIT: "organisational unit (2.5.4.11)",
    CodeField.COMMON_NAME: "common name (2.5.4.3)",
}
SIGN_IN_WORDS = {
    "none": "This browser keeps no key with a certificate. Sign in with your password, or with the command line.",
    "key": "{organisation}, certificate {sha256}, valid until {until}",
    "use": "Sign in",
    "signing": "Signing this site's question with your key.",
    "other-site": "The question is of another site. Nothing was signed.",
    "failed": "You are not signed in: {detail}",
}


class Preview(msgspec.Struct):
    """What the administrator holds against the authority's own publication before trusting it."""

    pem: str
    subject: str
    issuer: str
    sha256: str
    sha1: str
    serial: str
    not_before: datetime
    not_after: datetime


class TrustForm(msgspec.Struct):
    pem: str
    code_field: CodeField
    until: str
    sign_in: str = ""
    seal: str = ""


@get("/certificates/authorities", permission="certificate.trust", sync_to_thread=True)
def authorities_page(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[str]:
    """The authorities that are trusted, with their lists; and the form for another one."""
    return _authorities(request, platform, actor)


@post(
    "/certificates/authorities/preview",
    permission="certificate.trust",
    sync_to_thread=True,
    request_max_body_size=2 * _CERTIFICATE_LIMIT,
)
def preview(
    request: AnyRequest,
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """Show what is in a file before anything is trusted."""
    with platform.db.read() as tx:
        at = clock.now(tx)
    try:
        found = _previewed(outside.read_authority(_bytes(data, "file", _CERTIFICATE_LIMIT), at=at))
    except NoAuthority as problem:
        return _authorities(request, platform, actor, problem=problem)
    return page(request, "certificates/preview.html", found=found, fields=CODE_FIELD_WORDS, errors=[])


@post("/certificates/authorities", permission="certificate.trust", fresh=True, sync_to_thread=True)
def trust_authority(
    data: URLEncodedBody[TrustForm], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Put the previewed authority on the list."""
    with platform.db.transaction() as tx:
        asked = Trusted(
            may_sign_in=bool(data.sign_in),
            may_seal=bool(data.seal),
            code_field=data.code_field,
            until=_end_of(data.until),
        )
        outside.add(tx, data.pem.encode(), asked, actor=actor, at=clock.now(tx))
    return redirect("/certificates/authorities")


@post(
    "/certificates/authorities/{sha256:str}/list",
    permission="certificate.trust",
    sync_to_thread=True,
    request_max_body_size=2 * LIST_LIMIT,
)
def give_list(
    request: AnyRequest,
    sha256: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[Any]:
    """Take the authority's revocation list from a file."""
    try:
        with platform.db.transaction() as tx:
            raw = _bytes(data, "file", LIST_LIMIT)
            outside.give_list(tx, platform.wrapper, sha256, raw, actor=actor, at=clock.now(tx))
    except NoList as problem:
        return _authorities(request, platform, actor, problem=problem)
    return redirect("/certificates/authorities")


@post(
    "/certificates/authorities/{sha256:str}/remove",
    permission="certificate.trust",
    fresh=True,
    sync_to_thread=True,
)
def remove_authority(
    sha256: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        outside.remove(tx, platform.wrapper, sha256, actor=actor, at=clock.now(tx))
    return redirect("/certificates/authorities")


@post("/certificates/outside/{sha256:str}/give-up", permission="certificate.read", sync_to_thread=True)
def give_up(
    sha256: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    """Take one's own outside certificate out of use here."""
    with platform.db.transaction() as tx:
        outside.give_up(tx, platform.wrapper, sha256, actor=actor, at=clock.now(tx))
    return redirect("/certificates")


@get("/sign-in/certificate", permission="public", cost=0, sync_to_thread=True)
def sign_in_page(
    request: AnyRequest, platform: NamedDependency[Platform], next: FromQuery[str] = "/desk"
) -> Response[str]:
    """Sign in with a key that this browser keeps, or how to with a file."""
    _ = platform.catalogue.translator(language(request))
    words = {key: _(word) for key, word in SIGN_IN_WORDS.items()}
    address = platform.settings.site_url or str(request.base_url).rstrip("/")
    return page(request, "certificates/sign_in.html", words=words, next=own_path(next), address=address)


def _authorities(
    request: AnyRequest, platform: Platform, actor: Actor, *, problem: Problem | None = None
) -> Response[str]:
    with platform.db.read() as tx:
        trusted = queries.trust_list(tx, actor=actor)
    _ = platform.catalogue.translator(language(request))
    return page(
        request,
        "certificates/authorities.html",
        status=problem.status if problem else 200,
        trusted=trusted,
        fields=CODE_FIELD_WORDS,
        errors=[{"field": "file", "text": _(problem.text)}] if problem else [],
    )


def _bytes(data: dict[str, Any], name: str, limit: int) -> bytes:
    file = data.get(name)
    return file.file.read(limit) if isinstance(file, UploadFile) else b""


def _previewed(certificate: x509.Certificate) -> Preview:
    return Preview(
        pem=certificate.public_bytes(Encoding.PEM).decode(),
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        sha256=ca.sha256_of(certificate),
        sha1=certificate.fingerprint(hashes.SHA1()).hex(),  # noqa: S303  # many authorities publish only this one
        serial=f"{certificate.serial_number:x}",
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )


def _end_of(day: str) -> datetime:
    """The last moment of a day in China; `Malformed` for what is no day."""
    try:
        return datetime.combine(datetime.fromisoformat(day).date(), time.max, clock.BEIJING)
    except ValueError as error:
        raise Malformed(detail="until") from error


PAGES = [
    authorities_page,
    preview,
    trust_authority,
    give_list,
    remove_authority,
    give_up,
    sign_in_page,
]
