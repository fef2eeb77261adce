"""What a delegation covers: tenders and lots by keyed tags, because their names may tell who will bid."""

from __future__ import annotations

from govcore.identity.policy import Actor
from govcore.vault import Vault


def object_tag(vault: Vault, object_id: str) -> str:
    """Finds whether a delegation covers a tender or lot; its row alone does not tell which."""
    return vault.tag("delegated-object", object_id)


def covered(vault: Vault, actor: Actor, object_id: str) -> bool:
    """Whether the actor may go near a tender or lot: always, unless its delegation covers only others."""
    acting = actor.acting
    return acting is None or not acting.objects or object_tag(vault, object_id) in acting.objects
