"""Give certificates and the registration CA to the slice that now keeps them."""

from __future__ import annotations

from alembic import op

revision = "0015_certificates"
down_revision = "0014_technical_result"
branch_labels = None
depends_on = None

CONSTRAINTS = (
    ("authority", "pk_{}"),
    ("certificate", "pk_{}"),
    ("certificate", "fk_{}_org_id"),
    ("certificate", "fk_{}_user_id"),
)


def upgrade() -> None:
    op.drop_index("ix_identity_certificate_org_id", "identity_certificate")
    for table in ("authority", "certificate"):
        op.rename_table(f"identity_{table}", f"certificates_{table}")
    op.create_index("ix_certificates_certificate_org_id", "certificates_certificate", ["org_id"])
    if op.get_bind().dialect.name == "postgresql":  # SQLite cannot rename a constraint, and never names one
        for table, name in CONSTRAINTS:
            old, new = name.format(f"identity_{table}"), name.format(f"certificates_{table}")
            op.execute(f"ALTER TABLE certificates_{table} RENAME CONSTRAINT {old} TO {new}")
