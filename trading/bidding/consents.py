"""A fresh certificate may not displace a bid unless two members of its organisation say so, each with the password.

Otherwise who can issue certificates could replace or withdraw a rival's bid in the last hours.
"""

from __future__ import annotations

from datetime import datetime

from bidding_docs.codes import BadCertificate
from govcore.audit.service import record
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.policy import Actor, Role, require
from govcore.notify import service as notify
from govcore.vault import Vault
from trading.bidding import queries
from trading.bidding.models import Consent
from trading.bidding.policy import CONSENT_LIFETIME, CONSENTS
from trading.bidding.schemas import NewConsent
from trading.tender import queries as tenders


def give(tx: Tx, vault: Vault, lot_id: str, given: NewConsent, *, actor: Actor, at: datetime) -> None:
    """Confirm a message of one's own organisation by its digest; the caller has judged the password. Logged."""
    require(actor, "bid.sign")
    tenders.published_lot(tx, lot_id)
    member = vault.tag("consent", lot_id, actor.user_id)
    tx.merge(
        Consent(
            lot_id=lot_id,
            manifest_sha256=given.manifest_sha256,
            member_tag=member,
            owner_tag=queries.owner_tag(vault, lot_id, actor.org_id),
            given_at=at,
        )
    )
    data = {"manifest_sha256": given.manifest_sha256}
    record(tx, "bid.consented", subject=lot_id, actor=member, at=at, data=data)


def need(tx: Tx, vault: Vault, lot_id: str, manifest_sha256: str, *, org_id: str, at: datetime) -> None:
    """Raise `BadCertificate` unless enough members have lately confirmed this very message."""
    owner = queries.owner_tag(vault, lot_id, org_id)
    if queries.consents(tx, lot_id, manifest_sha256, owner, since=at - CONSENT_LIFETIME) < CONSENTS:
        raise BadCertificate(detail="it is too new to supersede a bid signed by another one")


def tell_certificate(tx: Tx, sha256: str, *, at: datetime) -> None:
    """Tell the bidding members of an organisation about its new certificate, whether or not it ever bids."""
    holder = certificates.certificate_holder(tx, sha256)
    if holder is None:
        raise NotFound
    notify.tell(
        tx,
        identity.users_with_role(tx, Role.BIDDER, org_id=holder.org_id),
        about=f"certificate/{sha256}",
        text="A signing certificate was issued for {organisation}: {certificate}. If nobody of yours asked for it, "
        "call us at once.",
        href="/account",
        at=at,
        data={"organisation": holder.name, "certificate": sha256[:16]},
    )
