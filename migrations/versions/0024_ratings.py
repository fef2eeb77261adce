"""Create service ratings, the way of bad ones, and figures of earlier years."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from govcore.db import UTCDateTime

revision = "0024_ratings"
down_revision = "0023_trust_list"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings_reported",
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("bad", sa.Integer(), nullable=False),
        sa.Column("rectified", sa.Integer(), nullable=False),
        sa.Column("revisit_percent", sa.String(length=8), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_ratings_reported_org_id"),
        sa.PrimaryKeyConstraint("org_id", "first_day", "last_day", name="pk_ratings_reported"),
    )
    op.create_table(
        "ratings_terms",
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("verify_days", sa.Integer(), nullable=False),
        sa.Column("review_days", sa.Integer(), nullable=False),
        sa.Column("rectify_days", sa.Integer(), nullable=False),
        sa.Column("revisit_days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_ratings_terms_org_id"),
        sa.PrimaryKeyConstraint("org_id", name="pk_ratings_terms"),
    )
    op.create_table(
        "ratings_service",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("org_id", sa.String(length=64), nullable=False),
        sa.Column("case_no", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=16), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("handled_by", sa.String(length=64), nullable=False),
        sa.Column("served_at", UTCDateTime(), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["handled_by"], ["identity_user.id"], name="fk_ratings_service_handled_by"),
        sa.ForeignKeyConstraint(["org_id"], ["identity_organisation.id"], name="fk_ratings_service_org_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ratings_service"),
        sa.UniqueConstraint("code_sha256", name="uq_ratings_service_code_sha256"),
        sa.UniqueConstraint("org_id", "case_no", "node", name="uq_ratings_service_org_id"),
    )
    op.create_table(
        "ratings_rating",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("added", sa.String(), nullable=True),
        sa.Column("rated_at", UTCDateTime(), nullable=False),
        sa.Column("collected_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["collected_by"], ["identity_user.id"], name="fk_ratings_rating_collected_by"
        ),
        sa.ForeignKeyConstraint(["service_id"], ["ratings_service.id"], name="fk_ratings_rating_service_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ratings_rating"),
        sa.UniqueConstraint("service_id", name="uq_ratings_rating_service_id"),
    )
    op.create_index("ix_ratings_rating_rated_at", "ratings_rating", ["rated_at"], unique=False)
    op.create_table(
        "ratings_bad",
        sa.Column("rating_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("limit_days", sa.Integer(), nullable=True),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("disputed_by", sa.String(length=64), nullable=True),
        sa.Column("remedy", sa.String(length=16), nullable=True),
        sa.Column("feedback", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.ForeignKeyConstraint(["disputed_by"], ["identity_user.id"], name="fk_ratings_bad_disputed_by"),
        sa.ForeignKeyConstraint(["rating_id"], ["ratings_rating.id"], name="fk_ratings_bad_rating_id"),
        sa.PrimaryKeyConstraint("rating_id", name="pk_ratings_bad"),
    )
    op.create_index("ix_ratings_bad_state", "ratings_bad", ["state"], unique=False)
    op.create_table(
        "ratings_contact",
        sa.Column("rating_id", sa.String(length=64), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["rating_id"], ["ratings_rating.id"], name="fk_ratings_contact_rating_id"),
        sa.PrimaryKeyConstraint("rating_id", name="pk_ratings_contact"),
    )
    op.create_table(
        "ratings_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("rating_id", sa.String(length=64), nullable=False),
        sa.Column("move", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["identity_user.id"], name="fk_ratings_step_by"),
        sa.ForeignKeyConstraint(["rating_id"], ["ratings_rating.id"], name="fk_ratings_step_rating_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ratings_step"),
    )
    op.create_index("ix_ratings_step_rating_id", "ratings_step", ["rating_id"], unique=False)
