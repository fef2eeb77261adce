"""An expert's certificate speaks for the person alone: it names an account, and no colleague learns of it."""

from __future__ import annotations

from datetime import timedelta

from certificate_factories import AT, USCC, add_user, request_for
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from govcore.certificates import authority, queries, service
from govcore.certificates.policy import CERTIFICATE_LIFETIME
from govcore.identity.models import UserRole
from govcore.identity.policy import Role
from govcore.identity.queries import actor_of_user
from govcore.identity.service import register_organisation
from govcore.platform import Platform


def certify(platform: Platform, user_id: str) -> x509.Certificate:
    request = request_for(ec.generate_private_key(ec.SECP256R1()))
    with platform.db.transaction() as tx:
        actor = actor_of_user(tx, user_id)
        return service.certify(tx, platform.wrapper, request_pem=request, actor=actor, at=AT)


def test_an_experts_certificate_names_the_account_and_only_its_holder_sees_it(platform: Platform) -> None:
    with platform.db.transaction() as tx:
        firm = register_organisation(tx, uscc=USCC, name="晨光水务", actor="system", at=AT)
        expert = add_user(tx, "expert", firm.id, Role.EXPERT)
        bidder = add_user(tx, "bidder", firm.id)
        both = add_user(tx, "both", firm.id, Role.EXPERT)
        tx.add(UserRole(user_id=both, role=Role.BIDDER))

    own, firms, mixed = (certify(platform, one) for one in (expert, bidder, both))

    assert [(one.oid, one.value) for one in own.subject] == [
        (NameOID.COUNTRY_NAME, "CN"),
        (NameOID.SERIAL_NUMBER, expert),
        (NameOID.COMMON_NAME, expert),
    ]
    assert [authority.uscc_of(one) for one in (own, firms, mixed)] == ["", USCC, USCC]
    with platform.db.read() as tx:
        seen = {
            name: {one.sha256 for one in queries.own_certificates(tx, actor=actor_of_user(tx, name), at=AT)}
            for name in (expert, bidder)
        }
        soon = AT + CERTIFICATE_LIFETIME - timedelta(days=5)
        warned = {one.sha256: one.people for one in queries.ending(tx, at=soon)}
    shared = {authority.sha256_of(firms), authority.sha256_of(mixed)}
    assert seen == {expert: {*shared, authority.sha256_of(own)}, bidder: shared}
    assert warned[authority.sha256_of(own)] == [expert]
