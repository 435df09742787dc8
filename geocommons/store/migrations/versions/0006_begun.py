"""Let gardens and vacant lots begin on the day that their facts say, and index what is looked for and nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BEGINS = (("gardens", "opened"), ("vacant-lots", "vacant_since"))
HAS_PARENT = sa.text("parent_id IS NOT NULL")
OWN = "FROM site WHERE site.id = site_state.site_id AND site.since"


def upgrade() -> None:
    op.create_index("ix_sign_in_request_browser_digest", "sign_in_request", ["browser_digest"], if_not_exists=True)
    op.drop_index("ix_site_parent_id", "site")
    op.create_index("ix_site_parent_id", "site", ["parent_id"], postgresql_where=HAS_PARENT, sqlite_where=HAS_PARENT)
    postgres = op.get_bind().dialect.name == "postgresql"
    for layer, fact in BEGINS:
        day = f"CAST(facts ->> '{fact}' AS date)" if postgres else f"json_extract(facts, '$.{fact}')"
        op.execute(f"UPDATE site SET since = {day} WHERE layer = '{layer}' AND since IS NULL")
    op.execute(f"DELETE FROM site_state WHERE EXISTS (SELECT 1 {OWN} >= valid_to)")
    op.execute(f"UPDATE site_state SET valid_from = (SELECT since {OWN} > valid_from) "
               f"WHERE EXISTS (SELECT 1 {OWN} > valid_from)")  # fmt: skip
    op.execute("UPDATE site SET state = '', status = '', state_from = '0001-01-01', state_to = '0001-01-01' "
               "WHERE since >= state_to")  # fmt: skip
    op.execute("UPDATE site SET state_from = since WHERE since > state_from AND since < state_to")


def downgrade() -> None:
    op.execute("UPDATE site SET since = NULL")
    op.drop_index("ix_site_parent_id", "site")
    op.create_index("ix_site_parent_id", "site", ["parent_id"])
    op.drop_index("ix_sign_in_request_browser_digest", "sign_in_request")
