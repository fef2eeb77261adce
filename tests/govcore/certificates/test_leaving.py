"""Who leaves an organisation loses the keys that were certified for it, and nobody else does."""

from __future__ import annotations

import pytest
from proving_city import City, new_key
from sqlalchemy import select

from govcore import clock
from govcore.audit.models import OutboxDelivery
from govcore.certificates import queries
from govcore.certificates.authority import sha256_of
from govcore.identity.models import User
from govcore.organisations import service as organisations
from govcore.organisations.tasks import revoke_keys

pytestmark = pytest.mark.usefixtures("worker")


def carry_out(city: City) -> list[str]:
    """What the departure owes, done twice; how often certificates are said to be revoked."""
    with city.platform.db.read() as tx:
        owed = tx.scalars(select(OutboxDelivery).where(OutboxDelivery.task == "organisations.revoke_keys"))
        subjects = [one.subject for one in owed]
    for subject in subjects * 2:
        revoke_keys(subject=subject)
    with city.platform.db.read() as tx:
        told = select(OutboxDelivery.subject).where(OutboxDelivery.event == "certificate.revoked")
        return list(tx.scalars(told.order_by(OutboxDelivery.id)))


def test_who_leaves_loses_the_keys_once_and_gets_new_ones_on_coming_back(city: City) -> None:
    mine, colleagues = (city.enrol(new_key(), who) for who in ("wang", "li"))
    org_id = city.actor("wang").org_id
    assert org_id

    left = city.call("POST", "/api/organisation/departure", "wang")
    revoked = carry_out(city)

    assert (left.status_code, revoked) == (204, [sha256_of(mine)])
    with city.platform.db.transaction() as tx:
        kept = queries.certificate_holder(tx, sha256_of(colleagues))
        assert kept
        assert kept.revoked_at is None
        member = tx.get_one(User, city.actor("wang").user_id)
        organisations.begin_membership(
            tx,
            member,
            org_id=org_id,
            duties=frozenset({"sign"}),
            roles=frozenset({"bidder"}),
            by=city.actor("li").user_id,
            leaving=False,
            at=clock.now(tx),
        )
    renewed = city.enrol(new_key(), "wang")
    assert carry_out(city) == [sha256_of(mine)]
    with city.platform.db.read() as tx:
        holder = queries.certificate_holder(tx, sha256_of(renewed))
    assert holder
    assert holder.revoked_at is None


def test_a_key_does_not_sign_in_after_its_holder_left(city: City) -> None:
    key = new_key()
    certificate = city.enrol(key)

    city.call("POST", "/api/organisation/departure", "wang")
    at_once = city.sign_in([certificate], key).json()["code"]
    carry_out(city)

    assert (at_once, city.sign_in([certificate], key).json()["code"]) == (
        "E_CERT_UNBOUND",
        "E_CERT_REVOKED",
    )
