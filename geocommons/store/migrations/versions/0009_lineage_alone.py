"""Say which record made a site in its lineage alone: its own row never did, and to ask each new row costs an import."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite cannot drop a column that has a foreign key; it stays there, and empty.
    if op.get_context().dialect.name == "postgresql":
        op.drop_column("site", "created_by", if_exists=True)


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        record = sa.ForeignKey("record.id", name="fk_site_created_by")
        op.add_column("site", sa.Column("created_by", sa.Integer(), record))
