"""Certificates, as a module."""

from pathlib import Path

from govcore.certificates.api import ROUTES
from govcore.certificates.models import Authority
from govcore.certificates.pages import PAGES
from govcore.certificates.policy import REQUESTERS
from govcore.certificates.proof_api import ROUTES as PROOFS
from govcore.certificates.queries import proofs
from govcore.certificates.trust_pages import PAGES as TRUST
from govcore.identity.policy import Duty, Role
from govcore.module import EventType, Module, Permission, Sweep, WrappedColumn

_HERE = Path(__file__).parent

MODULE = Module(
    name="certificates",
    prefixes=("certificate",),
    requires=("identity", "audit", "notify"),
    routes=[*ROUTES, *PROOFS, *TRUST, *PAGES],
    proofs=proofs,
    templates=_HERE / "templates",
    locale=[_HERE / "locale"],
    schedule={
        "certificate.renew_list": Sweep(task="certificate.renew_list", every=60.0),
        "certificate.warn_ending": Sweep(task="certificate.warn_ending", every=3600.0),
    },
    subscriptions={"certificate.revoked": "certificate.tell_revoked"},
    task_packages=("govcore.certificates.tasks",),
    permissions=[
        Permission(
            name="certificate.request",
            zh="申领签名证书",
            en="Request a signing certificate",
            roles=REQUESTERS,
            duty=Duty.SIGN,
        ),
        Permission(
            name="certificate.revoke",
            zh="吊销任何单位的证书",
            en="Revoke anybody's certificate",
            roles=frozenset({Role.SECURITY_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="certificate.trust",
            zh="维护外部证书机构信任列表",
            en="Keep the trust list of outside authorities",
            roles=frozenset({Role.SECURITY_ADMIN}),
            administrative=True,
        ),
        Permission(
            name="certificate.read",
            zh="查看证书",
            en="See a certificate",
            roles=REQUESTERS | {Role.SECURITY_ADMIN},
            administrative=True,
        ),
    ],
    wrapped=[
        WrappedColumn(
            attribute=Authority.wrapped, purpose="authority", context=lambda _, row: str(row.sha256)
        ),
    ],
    audit_events=[
        EventType(
            name="certificate.authority_trusted",
            zh="信任外部证书机构",
            en="Outside authority trusted",
            subject="authority",
        ),
        EventType(
            name="certificate.authority_removed",
            zh="不再信任外部证书机构",
            en="Outside authority removed",
            subject="authority",
        ),
        EventType(
            name="certificate.authority_list_given",
            zh="导入外部机构吊销列表",
            en="Outside revocation list taken",
            subject="authority",
        ),
        EventType(
            name="certificate.bound", zh="绑定外部证书", en="Outside certificate added", subject="certificate"
        ),
        EventType(
            name="certificate.given_up",
            zh="停用外部证书",
            en="Outside certificate given up",
            subject="certificate",
        ),
        EventType(name="certificate.refused", zh="拒绝证书", en="Certificate refused", subject="certificate"),
        EventType(name="certificate.revoked", zh="吊销证书", en="Certificate revoked", subject="certificate"),
        EventType(
            name="certificate.list_published",
            zh="发布证书吊销列表",
            en="Revocation list published",
            subject="authority",
        ),
        EventType(
            name="certificate.issued",
            zh="签发签名证书",
            en="Signing certificate issued",
            subject="certificate",
        ),
    ],
)
