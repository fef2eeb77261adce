"""Certificates, as a module."""

from govcore.certificates.api import ROUTES
from govcore.certificates.models import Authority
from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, Permission, WrappedColumn

MODULE = Module(
    name="certificates",
    prefixes=("certificate",),
    requires=("identity", "audit"),
    routes=ROUTES,
    permissions=[
        Permission(
            name="certificate.request",
            zh="申领签名证书",
            en="Request a signing certificate",
            roles=frozenset(
                {Role.BIDDER, Role.CUSTODIAN, Role.TENDERER, Role.AGENCY, Role.BANK, Role.EXPERT}
            ),
            duty=Duty.SIGN,
        ),
    ],
    wrapped=[
        WrappedColumn(
            attribute=Authority.wrapped, purpose="authority", context=lambda _, row: str(row.sha256)
        ),
    ],
    audit_events=[
        EventType(
            name="certificate.issued",
            zh="签发签名证书",
            en="Signing certificate issued",
            subject="certificate",
        ),
    ],
)
