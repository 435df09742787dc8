"""Store a public feature and its state so that one after the other is the whole text: nothing is cut on reading."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE site SET fragment = substr(fragment, 1, length(fragment) - 2)")
    for table in ("site", "site_state"):
        op.execute(f"UPDATE {table} SET state = ',' || substr(state, 2) || '}}' WHERE state <> ''")


def downgrade() -> None:
    op.execute("UPDATE site SET fragment = fragment || '}}'")
    for table in ("site", "site_state"):
        op.execute(f"UPDATE {table} SET state = '{{' || substr(state, 2, length(state) - 2) WHERE state <> ''")
