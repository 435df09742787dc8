"""Add the planner's desk: own standards, scenarios, schedules, and runs that wait, are called off and published."""

import sqlalchemy as sa
from alembic import op

from geocommons.model.base import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _own_standard()
    _scenario()
    _schedule()
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("asked_by", sa.Integer(), nullable=True))
        run.add_column(sa.Column("schedule_id", sa.Integer(), nullable=True))
        run.add_column(sa.Column("published_at", Instant(), nullable=True))
        run.add_column(sa.Column("progress", sa.Float(), nullable=False, server_default="0"))
        run.add_column(sa.Column("step", sa.String(), nullable=False, server_default=""))
        run.add_column(sa.Column("cancel_asked", sa.Boolean(), nullable=False, server_default=sa.false()))
        run.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="1"))
        run.create_foreign_key("fk_run_asked_by", "account", ["asked_by"], ["id"])
        run.create_foreign_key("fk_run_schedule_id", "schedule", ["schedule_id"], ["id"])
        run.create_check_constraint("ck_run_progress_is_a_share", "progress BETWEEN 0 AND 1")
    op.create_index("ix_run_schedule_id", "run", ["schedule_id"])
    # Until now everybody could look at every run.
    op.execute("UPDATE run SET published_at = finished_at, progress = 1 WHERE state = 'finished'")


def downgrade() -> None:
    op.drop_index("ix_run_schedule_id", "run")
    with op.batch_alter_table("run") as run:
        run.drop_constraint("ck_run_progress_is_a_share", type_="check")
        for name in ("asked_by", "schedule_id"):
            run.drop_constraint(f"fk_run_{name}", type_="foreignkey")
        for name in ("asked_by", "schedule_id", "published_at", "progress", "step", "cancel_asked", "attempts"):
            run.drop_column(name)
    for table in ("schedule", "scenario", "own_standard"):
        op.drop_table(table)


def _own_standard() -> None:
    op.create_table(
        "own_standard",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        *_made(),
        sa.PrimaryKeyConstraint("id", name="pk_own_standard"),
        sa.UniqueConstraint("key", "version", name="uq_own_standard_key_version"),
        _made_by("own_standard"),
    )


def _scenario() -> None:
    op.create_table(
        "scenario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        *_made(),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scenario"),
        _made_by("scenario"),
    )


def _schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=False),
        sa.Column("stopped_at", Instant(), nullable=True),
        *_made(),
        sa.PrimaryKeyConstraint("id", name="pk_schedule"),
        sa.CheckConstraint("every IN ('month', 'quarter', 'year')", name="ck_schedule_every_month_quarter_or_year"),
        _made_by("schedule"),
    )


def _made() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
    )


def _made_by(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["made_by"], ["account.id"], name=f"fk_{table}_made_by")
