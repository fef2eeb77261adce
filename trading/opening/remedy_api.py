"""Remedies: bidders' own shares and keys, ciphertext handed in again, judgements of supervision, outages."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from govcore.identity.policy import Actor
from govcore.platform import Platform
from govcore.web.rendering import AnyRequest, language
from trading.opening import attribution, bidder_shares, judging, recoveries, restoring
from trading.opening.schemas import BidderShares, CapsuleClaim, CodeShown, Judged, Outage, RecoveryKeys


@post(
    "/api/lots/{lot_id:str}/bidder-shares",
    permission="opening.give_share",
    sync_to_thread=True,
    status_code=204,
)
def give_bidder_shares(
    lot_id: FromPath[str],
    data: JSONBody[BidderShares],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Give the shares of one's own bid for the present stage, in their window."""
    with platform.db.transaction() as tx:
        bidder_shares.give(tx, platform.wrapper, lot_id, data.shares, actor=actor)


@post(
    "/api/lots/{lot_id:str}/recovery",
    permission="opening.recover",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def recover_bid(
    lot_id: FromPath[str],
    data: JSONBody[RecoveryKeys],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Hand in the keys of one's own bid when too few custodians released theirs."""
    with platform.db.transaction() as tx:
        recoveries.recover(tx, platform, lot_id, data.identities, actor=actor)


@post(
    "/api/lots/{lot_id:str}/replacements", permission="opening.restore", sync_to_thread=True, status_code=201
)
def begin_replacement(
    lot_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> dict[str, str]:
    """Begin to hand in one's damaged ciphertext again; pieces go to the upload that is named."""
    with platform.db.transaction() as tx:
        upload_id = restoring.begin(tx, platform, lot_id, actor=actor).id
    return {"id": upload_id}


@post(
    "/api/uploads/{upload_id:str}/replace", permission="opening.restore", sync_to_thread=True, status_code=204
)
def finish_replacement(
    upload_id: FromPath[str], platform: NamedDependency[Platform], actor: NamedDependency[Actor]
) -> None:
    """Put the upload in the damaged one's stead when every byte is the manifest's."""
    with platform.db.transaction() as tx:
        restoring.finish(tx, platform, upload_id, actor=actor)


@post(
    "/api/lots/{lot_id:str}/capsule-judgements",
    permission="opening.judge",
    sync_to_thread=True,
    status_code=200,
)
def judge_capsule(
    lot_id: FromPath[str],
    data: JSONBody[CapsuleClaim],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> Judged:
    """Open a capsule again that its custodian called unreadable."""
    with platform.db.transaction() as tx:
        made = judging.judge_capsule(
            tx,
            platform,
            lot_id,
            manifest_sha256=data.manifest_sha256,
            part=data.part,
            custodian=data.custodian,
            identity=data.identity,
            actor=actor,
        )
        code = made.code
    return Judged(code=code, fault=judging.BIDDER if code else judging.CUSTODIAN)


@post(
    "/api/lots/{lot_id:str}/outages",
    permission="opening.judge",
    fresh=True,
    sync_to_thread=True,
    status_code=204,
)
def note_outage(
    lot_id: FromPath[str],
    data: JSONBody[Outage],
    platform: NamedDependency[Platform],
    actor: NamedDependency[Actor],
) -> None:
    """Note an outage of the platform during an opening."""
    with platform.db.transaction() as tx:
        judging.note_outage(tx, lot_id, began=data.began, ended=data.ended, reason=data.reason, actor=actor)


@get("/api/seal-codes", permission="public", sync_to_thread=True)
def list_codes(request: AnyRequest, platform: NamedDependency[Platform]) -> list[CodeShown]:
    """Every code of the protocol with whose fault it is and what follows, in the reader's language."""
    rows = attribution.table(platform.catalogue.translator(language(request)))
    return [msgspec.convert(one, CodeShown, from_attributes=True) for one in rows]


ROUTES = [
    give_bidder_shares,
    recover_bid,
    begin_replacement,
    finish_replacement,
    judge_capsule,
    note_outage,
    list_codes,
]
