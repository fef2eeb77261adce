"""Pages for everybody: check a file or a sealed paper, see a seal, get the seal CA's certificate and its list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, MultipartBody

from govcore import clock
from govcore.errors import Problem
from govcore.module import PublishedFile
from govcore.platform import Platform
from govcore.seals import certifying, picture, policy, queries, verification
from govcore.seals.schemas import Checked
from govcore.seals.verification import FILE_LIMIT, Finding
from govcore.web import page
from govcore.web.rendering import AnyRequest, language

PAGE_LIMIT = 64 << 20
_FORM = 64 << 10
NOTHING_ENTERED = {"code": "", "digest": ""}


@get("/verify-document", permission="public", sync_to_thread=True)
def check_page(request: AnyRequest) -> Response[str]:
    """The form: a file, its hash, a code."""
    return _page(request)


@get("/verify-document/{code:str}", permission="public", sync_to_thread=True)
def check_code(
    request: AnyRequest, code: FromPath[str], platform: NamedDependency[Platform]
) -> Response[str]:
    """What the square code on a paper leads to."""
    return _checked(request, platform, {"code": code})


@post(
    "/verify-document",
    permission="public",
    cost=30,
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=PAGE_LIMIT + _FORM,
)
def check_file(
    request: AnyRequest, data: MultipartBody[dict[str, Any]], platform: NamedDependency[Platform]
) -> Response[str]:
    """Was this file, or one with this hash or code, published or sealed here? It is forgotten with the answer."""
    return _checked(request, platform, data)


@get("/api/verify-document/{code:str}", permission="public", sync_to_thread=True)
def check_code_json(code: FromPath[str], platform: NamedDependency[Platform]) -> Checked:
    """What was sealed under a check code."""
    with platform.db.read() as tx:
        return told(verification.check(tx, code=code, digests=()))


@post(
    "/api/verify-document",
    permission="public",
    cost=30,
    sync_to_thread=True,
    status_code=200,
    request_max_body_size=FILE_LIMIT + _FORM,
)
def check_file_json(data: MultipartBody[dict[str, Any]], platform: NamedDependency[Platform]) -> Checked:
    """Compare a file (multipart field `file`), by its content or by the field `code`; nothing is stored."""
    file = shown_file(data)
    digests = verification.revisions(file) if file is not None else ()
    with platform.db.read() as tx:
        return told(verification.check(tx, code=_text(data, "code"), digests=digests))


@get("/seals/{seal_id:str}/picture.svg", permission="public", sync_to_thread=True)
def seal_picture(seal_id: FromPath[str], platform: NamedDependency[Platform]) -> Response[str]:
    """A seal as it looks on paper."""
    with platform.db.read() as tx:
        seal = queries.seal_of_picture(tx, seal_id)
    drawn = picture.svg(seal.organ, seal.words, demo=platform.settings.demo)
    return Response(drawn, media_type="image/svg+xml", headers={"cache-control": "max-age=86400"})


@get("/seal-authority.pem", permission="public", sync_to_thread=True)
def authority(platform: NamedDependency[Platform]) -> Response[bytes]:
    """The seal CA's certificate, for readers' own programs."""
    with platform.db.read() as tx:
        der = queries.authority_der(tx)
    return Response(certifying.pem(der), media_type="application/x-pem-file")


@get("/seal-authority.crl", permission="public", sync_to_thread=True)
def ended(platform: NamedDependency[Platform]) -> Response[bytes]:
    """The certificates of seals that no longer hold, signed by the seal CA."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = queries.authority(tx)
        revoked = queries.revoked(tx)
    crl = certifying.revocation_list(
        authority=found.der,
        authority_key=platform.wrapper.unwrap("seal authority", found.sha256, found.wrapped),
        revoked=revoked,
        at=at,
    )
    return Response(crl, media_type="application/pkix-crl", headers={"cache-control": "no-cache"})


def shown_file(data: dict[str, Any]) -> bytes | None:
    """The uploaded file, or nothing when the field was left empty."""
    given = data.get("file")
    return given.file.read() if isinstance(given, UploadFile) and given.filename else None


def told(finding: Finding) -> Checked:
    """A finding as the API says it."""
    verdict = finding.verdict
    return Checked(
        number=verdict.number,
        organ=verdict.organ,
        words=verdict.words,
        title=verdict.title,
        sealed_at=verdict.sealed_at,
        sealed_sha256=verdict.sealed_sha256,
        state_then=verdict.state_then,
        state_now=verdict.state_now,
        stamp=verdict.stamp,
        match=finding.match,
    )


def _checked(request: AnyRequest, platform: Platform, data: dict[str, Any]) -> Response[str]:
    """Whether it was published, whether it was sealed; what is wrong or unknown is said beside its field."""
    given, field = data.get("file"), "file"
    entered = {name: _text(data, name) for name in ("code", "digest")}
    published: list[PublishedFile] = []
    finding, errors, status = None, [], 200
    try:
        if isinstance(given, UploadFile) and given.filename:
            digests = verification.digests_of(given.file)
        else:
            field = "code" if entered["code"] or not entered["digest"] else "digest"
            digests = verification.read_hash(entered["digest"])
        with platform.db.read() as tx:
            published = platform.registry.published_files(tx, digests[0]) if digests else []
            finding = verification.check(tx, code=entered["code"], digests=digests)
    except Problem as problem:
        if not published:
            _ = platform.catalogue.translator(language(request))
            field = "code" if entered["code"] else field
            errors = [{"field": field, "text": _(problem.text, **problem.data)}]
            status = problem.status
    return _page(request, entered=entered, finding=finding, published=published, errors=errors, status=status)


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def _page(
    request: AnyRequest,
    *,
    entered: Mapping[str, str] = NOTHING_ENTERED,
    finding: Finding | None = None,
    published: Sequence[PublishedFile] = (),
    errors: Sequence[dict[str, str]] = (),
    status: int = 200,
) -> Response[str]:
    return page(
        request,
        "seals/check.html",
        status=status,
        entered=entered,
        finding=finding,
        published=published,
        errors=errors,
        policy=policy,
        limit=PAGE_LIMIT,
    )


PAGES = [check_page, check_code, check_file, seal_picture, authority, ended]
ROUTES = [check_code_json, check_file_json]
