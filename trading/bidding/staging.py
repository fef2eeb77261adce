"""Pieces that the client sends straight to the object store.

A presigned PUT can neither limit what comes nor refuse to overwrite. So it is given for a random *staging* key
only; the piece is read from there once, its length and hash are checked, and what was checked is written to its
sealed key, which is never replaced. What is put to the old address afterwards is read by nobody and swept.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from govcore.errors import NotFound, Problem
from govcore.storage import Store
from trading.bidding.policy import PLACE_LIFETIME
from trading.bidding.schemas import Place
from trading.bidding.uploads import WrongPiece, store_piece

STAGING = "staging/"
KEPT = timedelta(hours=1)
"""How long something may lie in the staging area: four lifetimes of its address."""


class NothingStaged(Problem):
    """No bytes arrived at the place that was given; ask for another."""

    code = "E_NOT_STAGED"
    text = "Nothing has arrived at this place in the store; send the piece again."


def place_for(store: Store, upload_id: str, *, sha256: str, n: int, piece_sha256: str, at: datetime) -> Place:
    """Where to send one piece now: a fresh place in the store, or this site when it keeps a folder."""
    expires_at = at + PLACE_LIFETIME
    staged = secrets.token_hex(16)
    url = store.place_for(staging_key(upload_id, staged), lifetime=PLACE_LIFETIME)
    if url is None:
        here = f"/api/uploads/{upload_id}/parts/{sha256}/{n}"
        return Place(here, {"x-piece-sha256": piece_sha256}, expires_at)
    return Place(url, {}, expires_at, staged)


def take_piece(
    store: Store, upload_id: str, staged: str, *, sha256: str, n: int, length: int, piece_sha256: str
) -> None:
    """Move a staged piece to its sealed key; `NothingStaged`, `WrongPiece`, `WrongHash`, `AlreadyStored`.

    Whatever the refusal, the staged bytes are gone afterwards: the next attempt has a place of its own.
    """
    key = staging_key(upload_id, staged)
    try:
        data = store.read_limited(key, length)
    except NotFound:
        raise NothingStaged from None
    try:
        if data is None:
            raise WrongPiece(n=n, expected=length)
        store_piece(store, upload_id, sha256=sha256, n=n, data=data, length=length, piece_sha256=piece_sha256)
    finally:
        store.delete(key)


def staging_key(upload_id: str, staged: str) -> str:
    return f"{STAGING}{upload_id}/{staged}"


def clear_staging(store: Store) -> None:
    """Delete what has lain in the staging area longer than its address was good for, by this machine's clock."""
    store.delete_below(STAGING, older_than=KEPT)
