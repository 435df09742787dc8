"""Let a site repeat its standing state, and its derived rows do without foreign keys: both for speed."""

import sqlalchemy as sa
from alembic import op

from geocommons.model.geom import Geom

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEVER = "0001-01-01"
"""A period without days: until the site is published again, its state is looked up."""
DERIVED = ("site_state", "stretch_state")


def upgrade() -> None:
    for name, type_, blank in (
        ("state", sa.String(), ""),
        ("status", sa.String(), ""),
        ("state_from", sa.Date(), NEVER),
        ("state_to", sa.Date(), NEVER),
    ):
        op.add_column("site", sa.Column(name, type_, nullable=False, server_default=blank))
    if op.get_bind().dialect.name == "postgresql":
        for table in DERIVED:
            op.drop_constraint(f"fk_{table}_site_id", table, type_="foreignkey")
        return
    # SQLite cannot drop a constraint: the tables are made anew.
    for table in DERIVED:
        op.rename_table(table, f"old_{table}")
    _site_state()
    _stretch_state()
    for table in DERIVED:
        op.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")
        op.drop_table(f"old_{table}")


def downgrade() -> None:
    for name in ("state", "status", "state_from", "state_to"):
        op.drop_column("site", name)


def _site_state() -> None:
    op.create_table(
        "site_state",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "valid_from", name="pk_site_state"),
        sqlite_with_rowid=False,
    )


def _stretch_state() -> None:
    op.create_table(
        "stretch_state",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("from_m", sa.Double(), nullable=False),
        sa.Column("to_m", sa.Double(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("geom", Geom(), nullable=False),
        sa.PrimaryKeyConstraint("site_id", "valid_from", "from_m", name="pk_stretch_state"),
    )
