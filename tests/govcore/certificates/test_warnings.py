"""Who is warned of a certificate's end, when, and by what: holding one is all that counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from certificate_factories import AT, USCC, add_user, request_for
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select

from govcore.certificates import authority, queries, service, telling
from govcore.certificates.policy import CERTIFICATE_LIFETIME, warning_due
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation
from govcore.notify import following
from govcore.notify.models import Delivery, InboxMessage
from govcore.notify.policy import Channel
from govcore.notify.queries import Reach, due_delivery
from govcore.platform import Platform

END = AT + CERTIFICATE_LIFETIME


@pytest.fixture
def company(platform: Platform) -> dict[str, str]:
    """Ids of a holder and a member who bid, a clerk who signs nothing, and a stranger with a certificate of its own."""
    with platform.db.transaction() as tx:
        ours = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=AT)
        other = register_organisation(tx, uscc="91371500MA00000011", name="别家", actor="system", at=AT)
        ids = {
            "holder": add_user(tx, "holder", ours.id),
            "member": add_user(tx, "member", ours.id),
            "clerk": add_user(tx, "clerk", ours.id, Role.CENTRE),
            "stranger": add_user(tx, "stranger", other.id),
        }
        following.set_reach(
            tx, platform.wrapper, Reach(mail="holder@example.cn"), actor=actor_of_user(tx, ids["holder"])
        )
    certify(platform, ids["holder"], at=AT)
    certify(platform, ids["stranger"], at=AT + timedelta(days=60))
    return ids


def certify(platform: Platform, user_id: str, *, at: datetime) -> str:
    with platform.db.transaction() as tx:
        made = service.certify(
            tx,
            platform.wrapper,
            request_pem=request_for(ec.generate_private_key(ec.SECP256R1())),
            actor=actor_of_user(tx, user_id),
            at=at,
        )
    return authority.sha256_of(made)


def sweep(platform: Platform, at: datetime) -> None:
    """What the sweep does, at a time of the test's choice."""
    with platform.db.read() as tx:
        found = queries.ending(tx, at=at)
    for one in found:
        with platform.db.transaction() as tx:
            telling.warn(tx, platform.keys, platform.wrapper, one, channels=[Channel.MAIL], at=at)


def told(platform: Platform) -> dict[str, list[str]]:
    with platform.db.read() as tx:
        rows = tx.execute(select(InboxMessage.user_id, InboxMessage.about))
        found: dict[str, list[str]] = {}
        for user_id, about in rows:
            found.setdefault(user_id, []).append(about.split("/", 2)[2])
    return {user_id: sorted(abouts) for user_id, abouts in found.items()}


def test_holder_and_members_are_told_thirty_fourteen_and_three_days_before(
    platform: Platform, company: dict[str, str]
) -> None:
    seen = []
    for days in (31, 30, 29, 14, 13, 3, 1, 0):
        sweep(platform, END - timedelta(days=days))
        sweep(platform, END - timedelta(days=days))
        seen.append(len(told(platform).get(company["holder"], [])))

    assert seen == [0, 1, 1, 2, 2, 3, 3, 3]
    three = ["ends/14", "ends/3", "ends/30"]
    assert told(platform) == {company["holder"]: three, company["member"]: three}


def test_a_warning_goes_out_by_mail_to_who_gave_an_address(
    platform: Platform, company: dict[str, str]
) -> None:
    sweep(platform, END - timedelta(days=14))

    with platform.db.read() as tx:
        due = [due_delivery(tx, platform.wrapper, one) for one in tx.scalars(select(Delivery.id))]
    said = platform.catalogue.translator("zh_CN")(due[0].text, **due[0].data)
    assert [(one.channel, one.address) for one in due] == [(Channel.MAIL, "holder@example.cn")]
    assert said.startswith("晨光水务的签名证书 ")
    assert "2027-12-01" in said


def test_who_renewed_is_warned_no_more(platform: Platform, company: dict[str, str]) -> None:
    certify(platform, company["holder"], at=END - timedelta(days=20))

    sweep(platform, END - timedelta(days=14))

    assert told(platform) == {}


@pytest.mark.parametrize(
    ("days", "due"),
    [(40.0, None), (30.0, 30), (20.0, 30), (14.0, 14), (3.5, 14), (3.0, 3), (0.1, 3), (0.0, None)],
)
def test_the_nearest_warning_that_was_reached_is_due(days: float, due: int | None) -> None:
    assert warning_due(not_after=END, at=END - timedelta(days=days)) == due
