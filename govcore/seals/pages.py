"""The register of seals, one seal with its history, keepers and uses, and what may be done with it."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, MultipartBody, URLEncodedBody
from litestar.response import Redirect

from govcore import clock
from govcore.clock import BEIJING
from govcore.errors import Problem
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.seals import byhand, papers, policy, public, queries, sealing, service
from govcore.seals.policy import SealKind, SealMove
from govcore.seals.schemas import Change, Keeper, NewSeal, Order
from govcore.web import page, redirect
from govcore.web.downloads import disposition, spreadsheet
from govcore.web.rendering import AnyRequest, language


class SealForm(msgspec.Struct):
    """The form of a new seal: every field is there, empty or not."""

    code: str = ""
    kind: str = SealKind.OFFICIAL
    organ: str = ""
    words: str = ""
    org_id: str = ""
    on: str = ""
    reason: str = ""
    witness: str = ""


@get("/seals", permission="seals.read", sync_to_thread=True)
def register_page(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
    only: FromQuery[str] = "",
) -> Response[str]:
    """The register, of one state or of all."""
    with platform.db.read() as tx:
        counts = queries.state_counts(tx, actor=actor)
        found = queries.seals(tx, actor=actor, state=only)
    return page(request, "seals/register.html", seals=found, counts=counts, only=only, policy=policy)


@get("/seals/register.xlsx", permission="seals.read", fresh=True, sync_to_thread=True)
def register_table(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """Every line of every history as a table."""
    _ = platform.catalogue.translator(language(request))
    with platform.db.read() as tx:
        found = queries.seals(tx, actor=actor)
    head = [
        "Code",
        "Organ",
        "Words",
        "Kind",
        "State",
        "Day",
        "Step",
        "Reason",
        "Watched by",
        "Recorded by",
    ]
    rows = [
        [
            seal.code,
            seal.organ,
            seal.words,
            _(policy.KIND_NAMES[SealKind(seal.kind)]),
            _(policy.STATE_WORDS[policy.SealState(change.state)]),
            change.on.isoformat(),
            _(policy.move_words(change.move)),
            change.reason,
            change.witness,
            change.recorded_by,
        ]
        for seal in found
        for change in seal.changes
    ]
    return spreadsheet("seals", [_(word) for word in head], rows)


@get("/seals/register.pdf", permission="seals.read", sync_to_thread=True)
def register_paper(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> Response[bytes]:
    """The register for the files, in Chinese as official papers are."""
    with platform.db.read() as tx:
        at = clock.now(tx)
        found = queries.seals(tx, actor=actor)
    content = papers.register(
        found,
        centre=platform.settings.centre or actor.organisation,
        at=at,
        demo=platform.settings.demo,
        translate=platform.catalogue.translator("zh_CN"),
    )
    headers = {"content-disposition": disposition("seals.pdf")}
    return Response(content, media_type="application/pdf", headers=headers)


@get("/seals/new", permission="seals.manage", sync_to_thread=True)
def new_page(request: AnyRequest, platform: NamedDependency[Platform]) -> Response[str]:
    """The form of a new seal."""
    return _new(request, platform, SealForm(), [])


@post("/seals/new", permission="seals.manage", fresh=True, sync_to_thread=True)
def register(
    request: AnyRequest,
    data: URLEncodedBody[SealForm],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    given = {name: text for name, text in msgspec.to_builtins(data).items() if text}
    try:
        new = msgspec.convert(given, NewSeal, strict=False)
        with platform.db.transaction() as tx:
            seal = service.register_seal(tx, new, demo=platform.settings.demo, actor=actor, at=clock.now(tx))
    except (msgspec.ValidationError, Problem) as problem:
        return _new(request, platform, data, [_fault(request, platform, problem)])
    return redirect(f"/seals/{seal.id}")


@get("/seals/{seal_id:str}", permission="seals.read", sync_to_thread=True)
def seal_page(
    request: AnyRequest,
    seal_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One seal: picture, history, keepers, standing orders, uses, and what the reader may do."""
    return _seal(request, platform, actor, seal_id, errors=[])


@post("/seals/{seal_id:str}/change", permission="seals.manage", fresh=True, sync_to_thread=True)
def change(
    request: AnyRequest,
    seal_id: FromPath[str],
    data: URLEncodedBody[dict[str, str]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    try:
        wanted = msgspec.convert(data, Change, strict=False)
        with platform.db.transaction() as tx:
            service.move_seal(tx, seal_id, wanted, actor=actor, at=clock.now(tx))
    except (msgspec.ValidationError, Problem) as problem:
        return _seal(request, platform, actor, seal_id, errors=[_fault(request, platform, problem)])
    return redirect(f"/seals/{seal_id}")


@post("/seals/{seal_id:str}/certificate", permission="seals.manage", fresh=True, sync_to_thread=True)
def certify(
    seal_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Redirect:
    with platform.db.transaction() as tx:
        byhand.certify(tx, platform, seal_id, actor=actor, at=clock.now(tx))
    return redirect(f"/seals/{seal_id}")


@post("/seals/{seal_id:str}/keepers", permission="seals.manage", fresh=True, sync_to_thread=True)
def name_keeper(
    seal_id: FromPath[str],
    data: URLEncodedBody[Keeper],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.name_keeper(tx, seal_id, user_id=data.user_id, actor=actor, at=clock.now(tx))
    return redirect(f"/seals/{seal_id}")


@post(
    "/seals/{seal_id:str}/keepers/{keeper_id:str}/end",
    permission="seals.manage",
    fresh=True,
    sync_to_thread=True,
)
def end_keeper(
    seal_id: FromPath[str],
    keeper_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.end_keeper(tx, keeper_id, actor=actor, at=clock.now(tx))
    return redirect(f"/seals/{seal_id}")


@post("/seals/{seal_id:str}/orders", permission="seals.use", fresh=True, sync_to_thread=True)
def order_papers(
    seal_id: FromPath[str],
    data: URLEncodedBody[Order],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.order_papers(tx, seal_id, purpose=data.purpose, actor=actor, at=clock.now(tx))
    return redirect(f"/seals/{seal_id}")


@post("/seals/{seal_id:str}/orders/end", permission="seals.use", fresh=True, sync_to_thread=True)
def end_order(
    seal_id: FromPath[str],
    data: URLEncodedBody[Order],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Redirect:
    with platform.db.transaction() as tx:
        service.end_order(tx, seal_id, purpose=data.purpose, actor=actor, at=clock.now(tx))
    return redirect(f"/seals/{seal_id}")


@post(
    "/seals/{seal_id:str}/uses",
    permission="seals.use",
    fresh=True,
    sync_to_thread=True,
    request_max_body_size=byhand.FILE_LIMIT + (64 << 10),
)
def seal_file(
    request: AnyRequest,
    seal_id: FromPath[str],
    data: MultipartBody[dict[str, Any]],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str] | Redirect:
    """Seal the keeper's own PDF."""
    title = data.get("title")
    try:
        use = byhand.seal_file(
            platform,
            seal_id,
            file=public.shown_file(data),
            title=title if isinstance(title, str) else "",
            actor=actor,
        )
    except Problem as problem:
        return _seal(request, platform, actor, seal_id, errors=[_fault(request, platform, problem)])
    return redirect(f"/seal-uses/{use.id}")


@get("/seal-uses/{use_id:str}", permission="seals.read", sync_to_thread=True)
def use_page(
    request: AnyRequest,
    use_id: FromPath[str],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[str]:
    """One use of a seal: of what, for what, ordered by whom, and what came of it."""
    with platform.db.read() as tx:
        use = queries.use(tx, use_id, actor=actor)
    code = sealing.check_code(platform, use.purpose, use.subject)
    by_hand = use.purpose == policy.BY_HAND
    return page(request, "seals/use.html", use=use, by_hand=by_hand, code=code, policy=policy)


@get("/seal-uses/{use_id:str}/paper.pdf", permission="seals.read", sync_to_thread=True)
def sealed_paper(
    use_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[bytes]:
    """What a keeper sealed by hand."""
    return byhand.paper(platform, use_id, actor=actor)


def _new(
    request: AnyRequest, platform: Platform, values: SealForm, errors: list[dict[str, str]]
) -> Response[str]:
    with platform.db.read() as tx:
        known = queries.bodies(tx)
        today = clock.now(tx).astimezone(BEIJING).date()
    return page(
        request,
        "seals/new.html",
        status=422 if errors else 200,
        values=values,
        errors=errors,
        organisations=known,
        today=today.isoformat(),
        policy=policy,
    )


def _seal(
    request: AnyRequest, platform: Platform, actor: Actor, seal_id: str, *, errors: list[dict[str, str]]
) -> Response[str]:
    with platform.db.read() as tx:
        seal = queries.seal(tx, seal_id, actor=actor)
        context = {
            "keepers": queries.keepers(tx, seal_id, actor=actor),
            "colleagues": queries.colleagues(tx, seal_id, actor=actor),
            "orders": queries.orders(tx, seal_id, actor=actor),
            "uses": queries.uses(tx, seal_id, actor=actor),
            "keeps": queries.is_keeper(tx, seal_id, actor.user_id),
            "today": clock.now(tx).astimezone(BEIJING).date().isoformat(),
        }
    lang = "zh" if language(request) == "zh_CN" else "en"
    known = {name: getattr(one, lang) for name, one in platform.registry.sealed_papers.items()}
    return page(
        request,
        "seals/seal.html",
        status=422 if errors else 200,
        seal=seal,
        errors=errors,
        papers=known,
        moves=policy.moves_from(seal.state) if actor.may("seals.manage") else [],
        witnessed=[move for move in SealMove if policy.SEAL_RULES[move].witnessed],
        manages=actor.may("seals.manage"),
        limit=byhand.FILE_LIMIT,
        policy=policy,
        **context,
    )


_FIELDS = {
    "E_SEAL_CODE": "code",
    "E_SEAL_WORDS": "words",
    "E_SEAL_DAY": "on",
    "E_SEAL_WITNESS": "witness",
    "E_GLYPH": "organ",
    "E_SEAL_TITLE": "title",
    "E_NOT_SEALABLE": "file",
}


def _fault(
    request: AnyRequest, platform: Platform, problem: Problem | msgspec.ValidationError
) -> dict[str, str]:
    """What was wrong, beside the field that it is about."""
    _ = platform.catalogue.translator(language(request))
    if isinstance(problem, Problem):
        return {"field": _FIELDS.get(problem.code, ""), "text": _(problem.text, **problem.data)}
    field = str(problem).rpartition("$.")[2].rstrip("`") if "$." in str(problem) else ""
    missing = str(problem).partition("missing required field `")[2].rstrip("`")
    return {"field": field or missing, "text": _("Fill in this field as its hint says.")}


PAGES = [
    register_page,
    register_table,
    register_paper,
    new_page,
    register,
    seal_page,
    change,
    certify,
    name_keeper,
    end_keeper,
    order_papers,
    end_order,
    seal_file,
    use_page,
    sealed_paper,
    *public.PAGES,
]
