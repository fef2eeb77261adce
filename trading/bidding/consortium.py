"""The member list of a consortium on the members' own machines: written by the lead, signed by every member."""

from __future__ import annotations

import click
import msgspec

from bidding_docs import dsse
from bidding_docs.consortium import Consortium, Member
from bidding_docs.encoding import encode
from bidding_docs.manifests import media_type, parse
from govcore.dsse import CertificateSigner, Envelope, sign
from trading.client import Client


class NotAsked(click.ClickException):
    """The tender admits no consortia, or the list is of another bid."""


def write(client: Client, signer: CertificateSigner, lot: str, members: bytes) -> bytes:
    """The list of these members for a lot, signed by the first one, the lead; nothing is sent."""
    tender = client.get(f"/api/lots/{lot}/tender")
    if not tender["content"]["consortium"]:
        raise NotAsked("this tender admits no consortia")
    named = tuple(msgspec.json.decode(members, type=list[Member]))
    if not named or named[0].id != client.get("/api/session")["uscc"]:
        raise NotAsked("the first member is the lead: your own organisation")
    return dsse.sign_document(Consortium(tender_id=tender["id"], lot_id=lot, members=named), [signer])


def add_signature(raw: bytes, signer: CertificateSigner) -> tuple[bytes, Consortium]:
    """The same list with one more member's signature over the same bytes."""
    document, payload = dsse.read_unverified(raw, Consortium)
    before = Envelope.decode(raw)
    own = sign(media_type(Consortium), payload, [signer])
    others = tuple(one for one in before.signatures if one.keyid != signer.keyid)
    return msgspec.structs.replace(own, signatures=(*others, *own.signatures)).encode(), document


def checked(raw: bytes, *, lot: str, lead: str) -> bytes:
    """The list as it is sealed; `NotAsked` unless it is of this lot and lead and has a signature of each member."""
    document, payload = dsse.read_unverified(raw, Consortium)
    if encode(parse(payload, Consortium)) != payload or (document.lot_id, document.lead.id) != (lot, lead):
        raise NotAsked("the list is of another lot or another lead")
    signatures = len(Envelope.decode(raw).signatures)
    if signatures < len(document.members):
        raise NotAsked(f"only {signatures} of {len(document.members)} members have signed the list")
    return raw
