"""Put together what is known of a lot's opened bids: their files, forms, bills, accounts and who handled them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import BinaryIO, cast

from bidding_docs.archive_reader import Member
from bidding_docs.codes import SealProblem
from bidding_docs.consortium import CONSORTIUM_FILE
from bidding_docs.summary import SUMMARY_FILE
from govcore.certificates import queries as certificates
from govcore.db import Tx
from govcore.errors import NotFound
from govcore.identity import queries as identity
from govcore.identity.guessing import places_of
from govcore.platform import Platform
from guarantees.queries import payers_of_lot
from trading.billcheck.policy import GROUPS, Asked, Finding, Group, check
from trading.billcheck.queries import asked_lines, priced_parts
from trading.billcheck.service import read_workbook
from trading.documents import queries as documents
from trading.likeness.policy import BidFacts, FileFacts
from trading.likeness.reading import Piece, read_files
from trading.opening.parts import body_of, part_as_file
from trading.opening.queries import OpenedBid, bids_of
from trading.opening.reading import DEPOSIT_PART
from trading.tender.queries import LotContext
from trading.tender.schemas import MAIN_PERSONS

MISTAKES = frozenset({*GROUPS[Group.STRUCTURE], *GROUPS[Group.ARITHMETIC], *GROUPS[Group.FEES]}) - {
    Finding.UNREADABLE,
    Finding.BID_TOTAL,
}
"""What nobody gets wrong in the same way by chance; a total that differs is another price, no mistake of its own."""
OURS = frozenset({SUMMARY_FILE, CONSORTIUM_FILE})
PERSON_FIELDS = (*MAIN_PERSONS, "manager_certificate")


def known_files(platform: Platform, context: LotContext) -> list[FileFacts]:
    """What the files of the tender's own documents tell: bidders fill them in, and nothing of that is a sign."""
    with platform.db.read() as tx:
        try:
            files = documents.files_of(documents.in_force(tx, context.tender_id))
        except NotFound:
            return []
    pieces = []
    with tempfile.TemporaryFile() as together:
        for file in files:
            start = together.tell()
            content = platform.store.get(documents.store_key(context.tender_id, file.sha256))
            together.write(content)
            pieces.append(Piece(start, len(content), _ending(file.name)))
        together.flush()
        return [one for one in read_files(cast(BinaryIO, together), pieces) if one is not None]


def files_of(platform: Platform, bid: OpenedBid, context: LotContext) -> Iterator[FileFacts]:
    """What the files of a bid's opened parts tell; `cut` where a file or part could not be read to its end.

    Banks and insurers write what secures a bid, and our programs its answers: neither tells anything of the bidder.
    """
    for part in (rule.id for rule in context.content.parts if rule.id != DEPOSIT_PART):
        try:
            with part_as_file(platform, bid.bid_id, part) as (archive, members):
                members = [one for one in members if one.name not in OURS]
                found = read_files(archive, [_piece(one) for one in members])
        except NotFound:  # the bid lacks this part, or the part opens in a later stage
            continue
        except SealProblem:
            yield FileFacts(part=part, cut=True)
            continue
        for member, facts in zip(members, found, strict=True):
            yield replace(facts or FileFacts(cut=True), part=part, name=member.name)


def facts_of(platform: Platform, bid: OpenedBid, context: LotContext) -> BidFacts:
    """All that is compared of one bid."""
    with platform.db.read() as tx:
        body = body_of(next(one for one in bids_of(tx, context.lot_id) if one.bid_id == bid.bid_id))
        signer = certificates.certificate_holder(tx, body.cert_sha256)
        asked, priced = asked_lines(tx, context.lot_id), priced_parts(tx, context.lot_id)
        accounts = _accounts(tx, bid, context.lot_id)
        places = places_of(tx, platform.keys, bid.org_id)
        names = identity.user_names(tx, [signer.user_id]) if signer else {}
    members = bid.consortium.members if bid.consortium else ()
    facts = BidFacts(
        number=bid.number,
        names=tuple(one.name for one in members) or (bid.bidder_name,),
        codes=tuple(dict.fromkeys([bid.uscc, *(one.id for one in members)])),
        price_fen=bid.price_fen,
        handler=next(iter(names.items()), None),
        persons=tuple(str(bid.summary[key]) for key in PERSON_FIELDS if bid.summary.get(key)),
        accounts=accounts,
        places=places,
        files=tuple(files_of(platform, bid, context)),
    )
    return _with_bill(platform, facts, bid, asked, priced)


def _with_bill(
    platform: Platform, facts: BidFacts, bid: OpenedBid, asked: list[Asked], parts: list[str]
) -> BidFacts:
    """The facts with those of the bid's bill, where its price was read out and the tender has a bill."""
    if not asked or bid.price_fen is None:
        return facts
    read = read_workbook(platform, bid, parts)
    if read.bill is None:
        return facts
    given = {line.code: line.limit for line in asked}
    price = Decimal(bid.price_fen).scaleb(-2)
    return replace(
        facts,
        unit_prices={
            line.code: line.price
            for line in read.bill.lines
            if line.price is not None and line.price > 0 and line.price != given.get(line.code)
        },
        mistakes={
            (one.kind, one.code or one.name, one.given): one.where
            for one in check(asked, read.bill, price=price)
            if one.kind in MISTAKES
        },
        bill_part=next((one.part for one in facts.files if one.name == read.workbook), ""),
    )


def _accounts(tx: Tx, bid: OpenedBid, lot_id: str) -> Mapping[str, str]:
    """The accounts that deposits for a bid came from, by number, each as it is shown."""
    return {
        account: f"{payer} ****{account[-4:]}"
        for bidder, payer, account in payers_of_lot(tx, lot_id)
        if bidder == bid.uscc
    }


def _piece(member: Member) -> Piece:
    return Piece(member.start, member.size, _ending(member.name))


def _ending(name: str) -> str:
    return name.rpartition(".")[2].lower()
