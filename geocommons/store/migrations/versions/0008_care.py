"""Note care that was given, what is due by when, and the day on which somebody asked for a place."""

import sqlalchemy as sa
from alembic import op

from geocommons.model.base import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tenure", sa.Column("requested_on", sa.Date(), nullable=True))
    _activity()
    _obligation()


def downgrade() -> None:
    op.drop_table("obligation")
    op.drop_table("activity")
    op.drop_column("tenure", "requested_on")


def _activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 0 AND 1440", name="ck_activity_minutes_of_a_day"),
        sa.CheckConstraint("people >= 1", name="ck_activity_somebody_gave_it"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_activity_site_id"),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name="fk_activity_party_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
        sa.UniqueConstraint("key", name="uq_activity_key"),
    )
    op.create_index("ix_activity_site_id", "activity", ["site_id"])
    op.create_index("ix_activity_party_id", "activity", ["party_id"])


def _obligation() -> None:
    op.create_table(
        "obligation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.CheckConstraint("every_days BETWEEN 1 AND 36525", name="ck_obligation_every_some_days"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_obligation_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_obligation"),
        sa.UniqueConstraint("key", name="uq_obligation_key"),
    )
    op.create_index("ix_obligation_site_id", "obligation", ["site_id"])
