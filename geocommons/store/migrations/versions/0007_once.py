"""Keep each state of a site once: the one that its own row has is no row of `site_state`."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OWN = "site.id = site_state.site_id AND site.state_from = site_state.valid_from AND site.state_from < site.state_to"


def upgrade() -> None:
    op.execute(f"DELETE FROM site_state WHERE EXISTS (SELECT 1 FROM site WHERE {OWN})")


def downgrade() -> None:
    op.execute("INSERT INTO site_state (site_id, valid_from, valid_to, status, state) "
               "SELECT id, state_from, state_to, status, state FROM site WHERE state_from < state_to")  # fmt: skip
