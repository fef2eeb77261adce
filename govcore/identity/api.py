"""Sign in and out: JSON."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from govcore import clock
from govcore.identity import queries, service
from govcore.identity.policy import Actor
from govcore.identity.schemas import SignIn, WhoAmI
from govcore.platform import Platform
from govcore.web.cookies import clear_session, session_token, set_session
from govcore.web.rendering import AnyRequest


@post("/api/session", permission="public", sync_to_thread=True, status_code=201)
def sign_in(data: JSONBody[SignIn], platform: NamedDependency[Platform]) -> Response[WhoAmI]:
    """Start a session; its token comes back as a cookie only."""
    with platform.db.read() as tx:
        user_id = service.check_password(tx, username=data.username, password=data.password)
    with platform.db.transaction() as tx:
        token = service.open_session(tx, user_id=user_id, at=clock.now(tx))
        actor = queries.actor_of_user(tx, user_id)
    response = Response(_who(actor), status_code=201)
    set_session(response, token, secure=not platform.settings.demo)
    return response


@delete("/api/session", permission="identity.sign_out", sync_to_thread=True, status_code=200)
def sign_out(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[None]:
    """End the session at once."""
    with platform.db.transaction() as tx:
        service.close_session(tx, token=session_token(request.cookies), actor=actor, at=clock.now(tx))
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


def _who(actor: Actor) -> WhoAmI:
    return WhoAmI(
        actor.user_id, actor.name, actor.org_name, actor.uscc, sorted(actor.roles), sorted(actor.duties)
    )


ROUTES = [
    sign_in,
    sign_out,
    who_am_i,
    receipt_key,
]
