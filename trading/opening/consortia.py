"""Consortia at the opening: who signed the sealed member list, and which bids fall because somebody bids twice.

Nothing of it is known before the deadline, so nothing is refused before it (招标投标法 art. 22, 实施条例 art. 37).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from cryptography import x509
from sqlalchemy import select

from bidding_docs import dsse
from bidding_docs.codes import SealProblem
from bidding_docs.consortium import Consortium, lowest_grades, party_name
from bidding_docs.manifests import media_type
from bidding_docs.signing import public_key
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.dsse import Envelope, fits, pae
from govcore.identity import queries as identity
from trading.opening.hall import announce
from trading.opening.models import Opening, OpeningBid
from trading.opening.policy import VOIDING, BidState, FindingCode, OpeningState, Party, double_bidders
from trading.opening.schemas import ConsortiumShown, FindingShown, MemberShown
from trading.tender import queries as tenders
from trading.tender.models import Admitted, Lot, Tender
from trading.tender.policy import Method
from trading.tender.queries import LotContext, OrgRef


def shown(bid: OpeningBid) -> ConsortiumShown | None:
    """The consortium of a bid that was read out; nothing for a bidder on its own."""
    return msgspec.convert(bid.consortium, ConsortiumShown) if bid.consortium else None


def name_of(bid: OpeningBid, bidder: str) -> str:
    """How everybody names who bid: the organisation, or the lead and all members."""
    found = shown(bid)
    return party_name(found.names) if found else bidder


def codes_of(tx: Tx, bid_id: str) -> list[str]:
    """The codes of everybody who stands behind a bid: the bidder's, and those of the members of its consortium."""
    bid = tx.get_one(OpeningBid, bid_id)
    found = shown(bid)
    members = [member.id for member in found.members] if found else []
    return list(dict.fromkeys([identity.organisation(tx, bid.org_id).uscc, *members]))


def findings(bid: OpeningBid) -> list[FindingShown]:
    return msgspec.convert(bid.findings or [], list[FindingShown])


def read_list(tx: Tx, lot: LotContext, bid: OpeningBid, raw: bytes) -> None:
    """Keep the member list that an opened bid holds; one that is not of this bid is a finding, never an error."""
    lead = identity.organisation(tx, bid.org_id)
    try:
        document, payload = dsse.read_unverified(raw, Consortium)
    except SealProblem:
        return _find(bid, FindingCode.UNREADABLE)
    if (document.tender_id, document.lot_id, document.lead.id) != (lot.tender_id, lot.lot_id, lead.uscc):
        return _find(bid, FindingCode.UNREADABLE)
    signers = _signers(tx, raw, payload, at=_deadline(lot))
    members = tuple(
        MemberShown(one.id, one.name, one.work, one.grades, one.id in signers) for one in document.members
    )
    grades = lowest_grades([one.grades for one in document.members])
    bid.consortium = msgspec.to_builtins(ConsortiumShown(members, dict(grades)))
    if not lot.content.consortium:
        _find(bid, FindingCode.NOT_ADMITTED)
    if not all(one.signed for one in members):
        _find(bid, FindingCode.UNSIGNED)


def judge(tx: Tx, lot: LotContext, opened: Sequence[OpeningBid], *, at: datetime) -> None:
    """Let every bid fall that the law lets fall for its parties, all related ones alike, and tell the hall.

    A bid of an earlier lot of the tender falls while its record is not written; later it is flagged only.
    """
    prequalified = tx.get_one(Tender, lot.tender_id).method in (Method.PREQUALIFIED, Method.REMAINED)
    for bid in opened:
        _check_members(tx, lot, bid)
        if prequalified:
            _check_admitted(tx, lot, bid)
    project_wide = lot.rule_set.choice("bidding.double_scope") == "PROJECT"
    if project_wide:  # two lots that are read out at the same time must see each other
        tx.execute(select(Tender.id).where(Tender.id == lot.tender_id).with_for_update())
    lots = tenders.lots_of(tx, lot.tender_id) if project_wide else [tx.get_one(Lot, lot.lot_id)]
    rows = sorted([*opened, *_read_out_elsewhere(tx, lots, lot)], key=lambda bid: (bid.lot_id, bid.number))
    bids = {bid.bid_id: bid for bid in rows}
    codes = {one.id: one.code for one in lots}
    bidders = identity.credit_codes(tx, {bid.org_id for bid in rows})
    parties = [
        Party(bid.bid_id, bid.lot_id, _ids(bid, bidders[bid.org_id]), bid.consortium is not None)
        for bid in rows
    ]
    for bid_id, others in double_bidders(parties).items():
        here = bids[bid_id].lot_id
        about = tuple(
            sorted(
                str(one.number) if one.lot_id == here else f"{codes[one.lot_id]} · {one.number}"
                for one in (bids[other] for other in others)
            )
        )
        _find(bids[bid_id], FindingCode.DOUBLE, about)
    for bid in rows:
        _fall(tx, lot, bid, at=at)


def _check_members(tx: Tx, lot: LotContext, bid: OpeningBid) -> None:
    """Each member must be free of the conflicts that keep a bidder out."""
    found = shown(bid)
    for member in found.members if found else ():
        organisation = identity.organisation_by_uscc(tx, member.id)
        if organisation is not None and tenders.runs(tx, lot.tender_id, organisation.id):
            _find(bid, FindingCode.CONFLICT)


def _check_admitted(tx: Tx, lot: LotContext, bid: OpeningBid) -> None:
    """The members must be those who were prequalified."""
    found = shown(bid)
    admitted = tx.get(Admitted, (lot.tender_id, bid.org_id))
    now = [one.id for one in found.members] if found else []
    if admitted is not None and admitted.members is not None and set(admitted.members) != set(now):
        _find(bid, FindingCode.CHANGED)


def _read_out_elsewhere(tx: Tx, lots: Sequence[Lot], lot: LotContext) -> list[OpeningBid]:
    others = [one.id for one in lots if one.id != lot.lot_id]
    if not others:
        return []
    states = (BidState.OPENED, BidState.VOID)
    return list(
        tx.scalars(select(OpeningBid).where(OpeningBid.lot_id.in_(others), OpeningBid.state.in_(states)))
    )


def _fall(tx: Tx, lot: LotContext, bid: OpeningBid, *, at: datetime) -> None:
    grave = [one for one in findings(bid) if one.code in VOIDING]
    if not grave or bid.state != BidState.OPENED:
        return
    opening = tx.get_one(Opening, bid.lot_id, with_for_update=bid.lot_id != lot.lot_id)
    if opening.state != OpeningState.RECORDED:
        bid.state = BidState.VOID
    if bid.lot_id != lot.lot_id:
        data = {
            "manifest_sha256": bid.manifest_sha256,
            "code": grave[0].code,
            "void": bid.state == BidState.VOID,
        }
        announce(tx, "opening.bid_void", lot_id=bid.lot_id, subject=bid.bid_id, at=at, data=data)


def _find(bid: OpeningBid, code: FindingCode, about: tuple[str, ...] = ()) -> None:
    kept = [one for one in findings(bid) if one.code != code]
    bid.findings = msgspec.to_builtins([*kept, FindingShown(code, about)])


def _ids(bid: OpeningBid, bidder: str) -> frozenset[str]:
    """The parties that are bound to a bid: its bidder, and those who signed its list; a name alone binds nobody."""
    found = shown(bid)
    signed = {member.id for member in found.members if member.signed} if found else set()
    return frozenset({bidder, *signed})


def _signers(tx: Tx, raw: bytes, payload: bytes, *, at: datetime) -> set[str]:
    """The organisations of the certificates that signed these bytes and held at the deadline."""
    message, found = pae(media_type(Consortium), payload), set()
    for signature in Envelope.decode(raw).signatures:
        holder = certificates.certificate_holder(tx, signature.keyid)
        if holder is None or at >= holder.not_after or (holder.revoked_at and holder.revoked_at <= at):
            continue
        if fits(public_key(x509.load_der_x509_certificate(holder.der)), signature.sig, message):
            found.add(holder.uscc)
    return found


def payers(tx: Tx, bid: OpeningBid) -> list[OrgRef]:
    """Who may pay or have guaranteed the deposit of a bid: its bidder and every member that signed."""
    lead = identity.organisation(tx, bid.org_id)
    found = [OrgRef(lead.id, lead.name, lead.uscc)]
    listed = shown(bid)
    for member in listed.members[1:] if listed else ():
        organisation = identity.organisation_by_uscc(tx, member.id) if member.signed else None
        if organisation is not None:
            found.append(OrgRef(organisation.id, organisation.name, organisation.uscc))
    return found


def _deadline(lot: LotContext) -> datetime:
    if lot.deadline_at is None:
        raise ValueError(f"the lot {lot.lot_id} was opened without a deadline")
    return lot.deadline_at
