"""Sign in and out: JSON."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity import queries, service, sessions
from govcore.identity.policy import Actor
from govcore.identity.schemas import Proof, SignIn, WhoAmI
from govcore.platform import Platform
from govcore.web.clients import device_of
from govcore.web.cookies import clear_session, session_token, set_session
from govcore.web.rendering import AnyRequest


@post("/api/session", permission="public", sync_to_thread=True, status_code=201)
def sign_in(
    request: AnyRequest, data: JSONBody[SignIn], platform: NamedDependency[Platform]
) -> Response[WhoAmI]:
    """Start a session; its token comes back as a cookie only."""
    with platform.db.read() as tx:
        user_id = service.check_password(tx, username=data.username, password=data.password)
    settings = platform.settings
    with platform.db.transaction() as tx:
        token = sessions.open_session(
            tx,
            user_id=user_id,
            at=clock.now(tx),
            device=device_of(request, settings.trusted_proxies),
            profile=settings.profile,
        )
    return _signed_in(platform, token, status=201)


@post("/api/session/proof", permission="identity.keep_account", sync_to_thread=True, status_code=200)
def prove(
    data: JSONBody[Proof], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> Response[WhoAmI]:
    """Make the session fresh for acts that need it (`E_FRESH`); a new cookie takes the old one's place."""
    with platform.db.read() as tx:
        service.reauthenticate(tx, actor=actor, password=data.password)
    with platform.db.transaction() as tx:
        token = sessions.prove(
            tx, actor=actor, at=clock.now(tx), strong=False, profile=platform.settings.profile
        )
    return _signed_in(platform, token, status=200)


@delete("/api/session", permission="identity.sign_out", sync_to_thread=True, status_code=200)
def sign_out(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[None]:
    """End the session at once."""
    with platform.db.transaction() as tx:
        sessions.close_session(tx, token=session_token(request.cookies), actor=actor, at=clock.now(tx))
    response: Response[None] = Response(None)
    clear_session(response, secure=not platform.settings.demo)
    return response


@get("/api/session", permission="public", sync_to_thread=False)
def who_am_i(actor: NamedDependency[Actor]) -> WhoAmI:
    """Who the caller is; empty for a visitor."""
    return _who(actor)


@get("/api/receipt-key", permission="public", sync_to_thread=True, media_type="application/x-pem-file")
def receipt_key(platform: NamedDependency[Platform]) -> str:
    """The key that signs receipts and refusals, in PEM."""
    raw = platform.keys.receipt_signer.public_bytes
    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@get("/api/sessions", permission="identity.keep_account", sync_to_thread=True)
def my_sessions(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> list[queries.SessionOfMine]:
    """Where the caller is signed in, the latest used first."""
    with platform.db.read() as tx:
        return queries.my_sessions(tx, actor=actor)


@delete("/api/sessions/{session_id:str}", permission="identity.keep_account", sync_to_thread=True)
def end_session(
    session_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """End one of the caller's sessions."""
    with platform.db.transaction() as tx:
        sessions.end_session(tx, session_id, actor=actor, at=clock.now(tx))


def _signed_in(platform: Platform, token: str, *, status: int) -> Response[WhoAmI]:
    with platform.db.read() as tx:
        actor = queries.actor_of_session(tx, sessions.token_hash(token))
    response = Response(_who(actor), status_code=status)
    set_session(response, token, secure=not platform.settings.demo)
    return response


def _who(actor: Actor) -> WhoAmI:
    return WhoAmI(
        actor.user_id,
        actor.name,
        actor.org_name,
        actor.uscc,
        sorted(actor.roles),
        sorted(actor.duties),
        actor.session_id,
        actor.fresh,
        actor.strong,
    )


ROUTES = [
    sign_in,
    prove,
    my_sessions,
    end_session,
    sign_out,
    who_am_i,
    receipt_key,
]
