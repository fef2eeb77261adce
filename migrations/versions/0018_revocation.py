"""Keep of each certificate when it was issued, its key and why it was revoked; and the lists of revoked ones."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from alembic import op
from cryptography import x509

from govcore.certificates.authority import key_sha256_of
from govcore.db import UTCDateTime

revision = "0018_revocation"
down_revision = "0017_duties"
branch_labels = None
depends_on = None

LIFETIME = timedelta(days=365)
"""Of every certificate that was issued so far."""


def upgrade() -> None:
    table = "certificates_certificate"
    for column in (
        sa.Column("key_sha256", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("issued_at", UTCDateTime(), nullable=False, server_default="1970-01-01 00:00:00+00:00"),
        sa.Column("reason", sa.String(length=24), nullable=True),
    ):
        op.add_column(table, column)
    _fill()
    op.create_index("ix_certificates_certificate_key_sha256", table, ["key_sha256"])
    op.create_index("ix_certificates_certificate_not_after", table, ["not_after"])
    op.create_table(
        "certificates_list",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_certificates_list"),
    )


def _fill() -> None:
    rows = sa.table(
        "certificates_certificate",
        sa.column("sha256", sa.String),
        sa.column("der", sa.LargeBinary),
        sa.column("not_after", UTCDateTime()),
        sa.column("key_sha256", sa.String),
        sa.column("issued_at", UTCDateTime()),
    )
    connection = op.get_bind()
    for sha256, der, not_after in connection.execute(sa.select(rows.c.sha256, rows.c.der, rows.c.not_after)):
        key = key_sha256_of(x509.load_der_x509_certificate(der))
        filled = sa.update(rows).where(rows.c.sha256 == sha256)
        connection.execute(filled.values(key_sha256=key, issued_at=not_after - LIFETIME))
