"""The sweep of mock openings: seal what has all its keys, read out what has enough shares, forget what is stale."""

from __future__ import annotations

from celery import shared_task

from bidding_docs import manifests as m
from govcore import clock
from govcore.audit.note import VerifierKey
from govcore.clock import BEIJING
from govcore.platform import Platform, current
from govcore.sweeping import each
from trading.mock import envelopes, queries, service
from trading.mock.policy import BIDDERS, Step, answers, whole


@shared_task(name="mock.advance")
def advance(**_: object) -> None:
    """One step of every mock opening under way."""
    platform = current()
    with platform.db.read() as tx:
        found = queries.steps(tx)
    each(platform, found.items(), advance_one)


def advance_one(platform: Platform, waiting: tuple[str, Step]) -> None:
    """Do what this mock opening waits for; it goes away when it is out of date."""
    mock_id, step = waiting
    with platform.db.transaction() as tx:
        service.forget_stale(tx, mock_id, at=clock.now(tx))
        if queries.steps(tx).get(mock_id) is not step:
            return
    if step is Step.SEALING:
        _seal(platform, mock_id)
    elif step is Step.READING:
        _read_out(platform, mock_id)


def _seal(platform: Platform, mock_id: str) -> None:
    with platform.db.read() as tx:
        lot, custodians = queries.to_seal(tx, mock_id)
        at, origin = clock.now(tx), tx.info["settings"].log_origin
    form, today = whole(lot.content.forms()), at.astimezone(BEIJING).date()
    sealed = envelopes.seal(
        mock_id,
        custodians=custodians,
        k=lot.rule_set.custodians.k,
        log=m.Log(origin=origin, vkey=str(VerifierKey(origin, platform.keys.log_signer.public_bytes))),
        form=form,
        answers=[
            answers(form, n, max_price_fen=lot.max_price_fen, today=today) for n in range(1, len(BIDDERS) + 1)
        ],
        at=at,
    )
    with platform.db.transaction() as tx:
        service.keep(tx, mock_id, sealed, at=clock.now(tx))


def _read_out(platform: Platform, mock_id: str) -> None:
    with platform.db.read() as tx:
        lot, bids, releases = queries.to_open(tx, mock_id)
    said = envelopes.open_all(
        [(bid.envelope, bid.ciphertext) for bid in bids],
        releases,
        form=whole(lot.content.forms()),
        k=lot.rule_set.custodians.k,
    )
    rows = [{"bidder": name, **values} for name, values in zip(BIDDERS, said, strict=True)]
    with platform.db.transaction() as tx:
        service.keep_read_out(tx, mock_id, rows, at=clock.now(tx))
