"""The log as C2SP tlog-tiles, for everybody; the events in clear, for auditors."""

from __future__ import annotations

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from govcore.audit import queries
from govcore.audit.note import VerifierKey
from govcore.audit.schemas import EventOut
from govcore.audit.tlog_policy import policy_text
from govcore.errors import NotFound
from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.params import QueryNumber

_FOREVER = {"cache-control": "public, max-age=31536000, immutable, no-transform"}
_FRESH = {"cache-control": "no-cache, no-transform"}
_PAGE = 256


@get("/log/checkpoint", permission="public", cost=0, sync_to_thread=True, media_type=MediaType.TEXT)
def checkpoint(platform: NamedDependency[Platform]) -> Response[str]:
    """The newest signed tree head; where witnesses are required, the newest that they have cosigned."""
    with platform.db.read() as tx:
        published = queries.published_checkpoint(tx)
    if published is None:
        raise NotFound
    return Response(published.note, headers=_FRESH, media_type=MediaType.TEXT)


@get("/log/vkey", permission="public", cost=0, sync_to_thread=True, media_type=MediaType.TEXT)
def vkey(platform: NamedDependency[Platform]) -> Response[str]:
    """The log's verifier key; pin it from another place before relying on it."""
    return Response(f"{_key(platform)}\n", headers=_FRESH, media_type=MediaType.TEXT)


@get("/log/policy", permission="public", cost=0, sync_to_thread=True, media_type=MediaType.TEXT)
def policy(platform: NamedDependency[Platform]) -> Response[str]:
    """The log and its witnesses as a tlog-policy; pin it from another place before relying on it."""
    text = policy_text(_key(platform), platform.settings.witnesses)
    return Response(text, headers=_FRESH, media_type=MediaType.TEXT)


@get(
    "/log/tile/{path:path}",
    permission="public",
    cost=0,
    sync_to_thread=True,
    media_type="application/octet-stream",
)
def tile(path: FromPath[str], platform: NamedDependency[Platform]) -> Response[bytes]:
    """A tile of hashes or a bundle of entries, whole or partial; it never changes."""
    with platform.db.read() as tx:
        data = queries.tile_bytes(tx, f"tile/{path.lstrip('/')}")
    return Response(data, headers=_FOREVER, media_type="application/octet-stream")


@get("/api/log/proof/{leaf:str}", permission="public", cost=0, sync_to_thread=True, media_type=MediaType.TEXT)
def proof(leaf: FromPath[str], platform: NamedDependency[Platform]) -> Response[str]:
    """The `tlog-proof` of a leaf hash (hex); 404 until the log holds it, by its promise at the latest."""
    with platform.db.read() as tx:
        found = queries.inclusion_proof(tx, _leaf(leaf))
    return Response(found, headers=_FRESH, media_type=MediaType.TEXT)


@get("/api/log/events", permission="audit.read", sync_to_thread=True)
def events(
    platform: NamedDependency[Platform], actor: NamedDependency[Actor], start: QueryNumber = 0
) -> list[EventOut]:
    """Up to 256 entries with their preimages, from the index `start` onward."""
    with platform.db.read() as tx:
        found = queries.events(tx, actor=actor, start=start, limit=_PAGE)
    return [EventOut.of(logged) for logged in found]


def _key(platform: Platform) -> VerifierKey:
    return VerifierKey(platform.settings.log_origin, platform.keys.log_signer.public_bytes)


def _leaf(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise NotFound from error


ROUTES = [checkpoint, vkey, policy, tile, proof, events]
