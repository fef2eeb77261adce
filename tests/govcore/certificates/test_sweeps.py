"""The worker's own steps, as beat rings for them: run twice, they do once."""

from __future__ import annotations

from datetime import timedelta

from certificate_factories import USCC, add_user, request_for
from clocks import move_clock
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import func, select

from govcore import clock
from govcore.certificates import queries, service, tasks
from govcore.certificates.authority import sha256_of
from govcore.certificates.models import RevocationList
from govcore.certificates.policy import Reason
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation
from govcore.notify.models import InboxMessage
from govcore.platform import Platform


def test_lists_are_signed_holders_warned_and_members_told(worker: Platform) -> None:
    with worker.db.transaction() as tx:
        at = clock.now(tx)
        company = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=at)
        holder, member = add_user(tx, "holder", company.id), add_user(tx, "member", company.id)
        made = service.certify(
            tx,
            worker.wrapper,
            request_pem=request_for(ec.generate_private_key(ec.SECP256R1())),
            actor=actor_of_user(tx, holder),
            at=at,
            until=at + timedelta(days=20),
        )

    for _ in range(2):
        tasks.renew_list()
        tasks.warn_ending()
    move_clock(worker.db, days=1, seconds=1)
    tasks.renew_list()
    with worker.db.transaction() as tx:
        actor = actor_of_user(tx, holder)
        service.revoke(
            tx, worker.wrapper, sha256_of(made), reason=Reason.SUPERSEDED, actor=actor, at=clock.now(tx)
        )
    for _ in range(2):
        tasks.tell_revoked(subject=sha256_of(made))
        tasks.warn_ending()

    with worker.db.read() as tx:
        told = tx.execute(select(InboxMessage.user_id, InboxMessage.about)).all()
        numbers = tx.scalar(select(func.count(RevocationList.number)))
        newest = queries.current_list(tx).number
    topic = f"certificate/{sha256_of(made)}"
    assert sorted(map(tuple, told)) == sorted(
        (person, f"{topic}/{about}") for person in (holder, member) for about in ("ends/30", "revoked")
    )
    assert (numbers, newest) == (3, 3)
