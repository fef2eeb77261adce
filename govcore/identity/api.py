"""Sign in and out: JSON."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore import clock
from govcore.identity import api_tokens, passkeys, queries, sessions
from govcore.identity.entrance import Entrance, PasswordDue, SecondFactorNeeded, relying_party
from govcore.identity.passwords import Person
from govcore.identity.policy import VISITOR, Actor
from govcore.identity.schemas import NewPasskey, NewToken, Proof, Signed, SignIn, TokenMade, WhoAmI
from govcore.platform import Platform
from govcore.web.cookies import clear_session, session_token, set_session
from govcore.web.rendering import AnyRequest


@post("/api/session", permission="public", cost=0, sync_to_thread=True, status_code=201)
def sign_in(
    request: AnyRequest, data: JSONBody[SignIn], platform: NamedDependency[Platform]
) -> Response[WhoAmI]:
    """Start a session; its token comes back as a cookie only."""
    entrance = Entrance.of(request)
    person = entrance.by_password(data.username, data.password)
    if person.second_factor:
        if not data.code:
            raise SecondFactorNeeded
        entrance.by_code(person.user_id, person.username, data.code)
    if person.password_due:
        raise PasswordDue
    return _admitted(entrance, person, strong=person.second_factor)


@post("/api/session/proof", permission="identity.keep_account", cost=0, sync_to_thread=True, status_code=200)
def prove(
    request: AnyRequest,
    data: JSONBody[Proof],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[WhoAmI]:
    """Make the session fresh for acts that need it (`E_FRESH`); a new cookie takes the old one's place."""
    token = Entrance.of(request).prove(actor, password=data.password, code=data.code)
    return _signed_in(platform, token)


@post("/api/passkeys/challenge", permission="public", cost=0, sync_to_thread=True, status_code=200)
def passkey_challenge(request: AnyRequest, platform: NamedDependency[Platform]) -> dict[str, Any]:
    """Options for `navigator.credentials.get`; they tell nothing about any account."""
    site = relying_party(request)
    with platform.db.transaction() as tx:
        return passkeys.challenge(tx, site, at=clock.now(tx))


@post("/api/session/passkey", permission="public", cost=0, sync_to_thread=True, status_code=201)
def sign_in_with_passkey(
    request: AnyRequest,
    data: JSONBody[Signed],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[WhoAmI]:
    """A strong session for the passkey's owner; who is signed in as the same person makes the own session strong."""
    entrance, site = Entrance.of(request), relying_party(request)
    with platform.db.transaction() as tx:
        user_id = passkeys.use(tx, site, data.credential, at=clock.now(tx))
    if actor.user_id == user_id and actor.session_id:
        return _signed_in(platform, entrance.proved(actor, strong=True), status=201)
    with platform.db.read() as tx:
        person = queries.person_of(tx, user_id)
    return _admitted(entrance, person, strong=True)


@post(
    "/api/passkeys/options",
    permission="identity.keep_account",
    fresh=True,
    sync_to_thread=True,
    status_code=200,
)
def passkey_options(
    request: AnyRequest, platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> dict[str, Any]:
    """Options for `navigator.credentials.create`."""
    site = relying_party(request)
    with platform.db.transaction() as tx:
        return passkeys.registration(tx, site, actor=actor, at=clock.now(tx))


@post("/api/passkeys", permission="identity.keep_account", fresh=True, sync_to_thread=True, status_code=201)
def add_passkey(
    request: AnyRequest,
    data: JSONBody[NewPasskey],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[WhoAmI]:
    """Keep a passkey that the browser made. Its owner has just used it: the session becomes strong."""
    site = relying_party(request)
    with platform.db.transaction() as tx:
        passkeys.add(tx, site, data.credential, name=data.name, actor=actor, at=clock.now(tx))
    return _signed_in(platform, Entrance.of(request).proved(actor, strong=True), status=201)


@get("/api/tokens", permission="identity.keep_account", sync_to_thread=True)
def my_tokens(platform: NamedDependency[Platform], actor: NamedDependency[Actor]) -> list[queries.MyToken]:
    """The caller's API tokens, without the tokens themselves."""
    with platform.db.read() as tx:
        return queries.my_tokens(tx, actor=actor)


@post("/api/tokens", permission="identity.keep_account", fresh=True, sync_to_thread=True, status_code=201)
def make_token(
    data: JSONBody[NewToken], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> TokenMade:
    """Make an API token for `Authorization: Bearer`; it is shown this once."""
    with platform.db.transaction() as tx:
        token_id, token = api_tokens.make(
            tx, name=data.name, scopes=data.scopes, days=data.days, actor=actor, at=clock.now(tx)
        )
    return TokenMade(token_id, token)


@delete("/api/tokens/{token_id:str}", permission="identity.keep_account", sync_to_thread=True)
def revoke_token(
    token_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """End one of the caller's API tokens at once."""
    with platform.db.transaction() as tx:
        api_tokens.revoke(tx, token_id, actor=actor, at=clock.now(tx))


@delete("/api/session", permission="identity.sign_out", cost=0, sync_to_thread=True, status_code=200)
def sign_out(
    request: AnyRequest,
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Response[None]:
    """End the session at once."""
    with platform.db.transaction() as tx:
        sessions.close_session(tx, token=session_token(request), actor=actor, at=clock.now(tx))
    response: Response[None] = Response(None)
    clear_session(response, secure=not platform.settings.demo)
    return response


@get("/api/session", permission="public", cost=0, sync_to_thread=False)
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


def _admitted(entrance: Entrance, person: Person, *, strong: bool) -> Response[WhoAmI]:
    response = Response(_NOBODY, status_code=201)
    token = entrance.admit(response, person, strong=strong)
    with entrance.platform.db.read() as tx:
        response.content = _who(queries.actor_of_session(tx, sessions.token_hash(token)))
    return response


def _signed_in(platform: Platform, token: str, *, status: int = 200) -> Response[WhoAmI]:
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


_NOBODY = _who(VISITOR)

ROUTES = [
    sign_in,
    prove,
    passkey_challenge,
    sign_in_with_passkey,
    passkey_options,
    add_passkey,
    my_tokens,
    make_token,
    revoke_token,
    my_sessions,
    end_session,
    sign_out,
    who_am_i,
    receipt_key,
]
