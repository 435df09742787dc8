"""Make the register: sites, parties, tenures, records, their public states, context sets and runs."""

import sqlalchemy as sa
from alembic import op

from geocommons.model.base import Instant, OrderedText
from geocommons.model.geom import Geom

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EXCLUSIVE = "exclusive AND status IN ('current', 'ended')"
SAME_GROUND_AND_TIME = """
    other.site_id = NEW.site_id AND other.type = NEW.type AND other.id IS NOT NEW.id
    AND other.exclusive AND other.status IN ('current', 'ended')
    AND coalesce(other.from_m, -1) < coalesce(NEW.to_m, 1e12) AND coalesce(NEW.from_m, -1) < coalesce(other.to_m, 1e12)
    AND other.valid_from < coalesce(NEW.valid_to, '9999-12-31')
    AND NEW.valid_from < coalesce(other.valid_to, '9999-12-31')"""


def upgrade() -> None:
    postgis = op.get_bind().dialect.name == "postgresql"
    if postgis:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    for make in (
        _context_set,
        _party,
        _record,
        _run,
        _site,
        _lineage,
        _site_state,
        _stretch_state,
        _tenure,
        _tenure_party,
        _register_version,
    ):
        make()
    if postgis:
        _index_and_exclude_in_postgis()
    else:
        _index_and_exclude_in_sqlite()


def _index_and_exclude_in_postgis() -> None:
    op.execute("CREATE INDEX ix_site_geom ON site USING gist (geom)")
    op.execute("CREATE INDEX ix_stretch_state_geom ON stretch_state USING gist (geom)")
    op.execute(
        "ALTER TABLE tenure ADD CONSTRAINT ex_tenure_same_ground_and_time"
        " EXCLUDE USING gist (site_id WITH =, type WITH =,"
        " numrange(from_m::numeric, to_m::numeric) WITH &&, daterange(valid_from, valid_to) WITH &&)"
        f" WHERE ({EXCLUSIVE})"
    )


def _index_and_exclude_in_sqlite() -> None:
    bounds = "NEW.id, NEW.west, NEW.east, NEW.south, NEW.north"
    op.execute("CREATE VIRTUAL TABLE site_rtree USING rtree(id, west, east, south, north)")
    op.execute(f"CREATE TRIGGER site_added AFTER INSERT ON site BEGIN INSERT INTO site_rtree VALUES ({bounds}); END")
    op.execute(
        "CREATE TRIGGER site_moved AFTER UPDATE OF west, east, south, north ON site"
        f" BEGIN INSERT OR REPLACE INTO site_rtree VALUES ({bounds}); END"
    )
    op.execute("CREATE TRIGGER site_gone AFTER DELETE ON site BEGIN DELETE FROM site_rtree WHERE id = OLD.id; END")
    for act in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER tenure_same_ground_and_time_on_{act.lower()} BEFORE {act} ON tenure"
            " WHEN NEW.exclusive AND NEW.status IN ('current', 'ended')"
            f" AND EXISTS (SELECT 1 FROM tenure AS other WHERE {SAME_GROUND_AND_TIME})"
            " BEGIN SELECT RAISE(ABORT, 'ex_tenure_same_ground_and_time'); END"
        )


def downgrade() -> None:
    for table in (
        "register_version",
        "tenure_party",
        "tenure",
        "stretch_state",
        "site_state",
        "lineage",
        "site",
        "run",
        "record",
        "party",
        "context_set",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "sqlite":
        op.drop_table("site_rtree")


def _context_set() -> None:
    op.create_table(
        "context_set",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("attribution", sa.String(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("added_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_context_set"),
        sa.UniqueConstraint("kind", "name", name="uq_context_set_kind_name"),
    )


def _party() -> None:
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_party"),
        sa.UniqueConstraint("kind", "name", name="uq_party_kind_name"),
    )


def _record() -> None:
    op.create_table(
        "record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("file", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_record"),
        sa.UniqueConstraint("ref", name="uq_record_ref"),
    )


def _run() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("outputs", sa.JSON(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
    )
    op.create_index("ix_run_fingerprint", "run", ["fingerprint"])
    op.create_index("ix_run_kind_finished_at", "run", ["kind", "finished_at"])


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", OrderedText, nullable=False),
        sa.Column("ref", OrderedText, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("folded", OrderedText, nullable=False),
        sa.Column("geom", Geom(), nullable=False),
        sa.Column("west", sa.Double(), nullable=False),
        sa.Column("south", sa.Double(), nullable=False),
        sa.Column("east", sa.Double(), nullable=False),
        sa.Column("north", sa.Double(), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=True),
        sa.Column("length_m", sa.Double(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("certainty", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("retired_by", sa.Integer(), nullable=True),
        sa.Column("checksum", sa.String(), nullable=False),
        sa.Column("fragment", sa.String(), nullable=False),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.CheckConstraint("certainty BETWEEN 0 AND 10", name="ck_site_certainty_is_0_to_10"),
        sa.CheckConstraint("until IS NULL OR retired_by IS NOT NULL", name="ck_site_retired_by_a_record"),
        sa.ForeignKeyConstraint(["created_by"], ["record.id"], name="fk_site_created_by"),
        sa.ForeignKeyConstraint(["parent_id"], ["site.id"], name="fk_site_parent_id"),
        sa.ForeignKeyConstraint(["retired_by"], ["record.id"], name="fk_site_retired_by"),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.UniqueConstraint("layer", "ref", name="uq_site_layer_ref"),
    )
    op.create_index("ix_site_parent_id", "site", ["parent_id"])


def _lineage() -> None:
    op.create_table(
        "lineage",
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("old_site_id", sa.Integer(), nullable=False),
        sa.Column("new_site_id", sa.Integer(), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.CheckConstraint("old_site_id <> new_site_id", name="ck_lineage_two_sites"),
        sa.ForeignKeyConstraint(["new_site_id"], ["site.id"], name="fk_lineage_new_site_id"),
        sa.ForeignKeyConstraint(["old_site_id"], ["site.id"], name="fk_lineage_old_site_id"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_lineage_record_id"),
        sa.PrimaryKeyConstraint("record_id", "old_site_id", "new_site_id", name="pk_lineage"),
    )
    op.create_index("ix_lineage_new_site_id", "lineage", ["new_site_id"])


def _site_state() -> None:
    op.create_table(
        "site_state",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_site_state_site_id", ondelete="CASCADE"),
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
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_stretch_state_site_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("site_id", "valid_from", "from_m", name="pk_stretch_state"),
    )


def _tenure() -> None:
    op.create_table(
        "tenure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("class", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("claimant", sa.String(), nullable=False),
        sa.Column("from_m", sa.Double(), nullable=True),
        sa.Column("to_m", sa.Double(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("exclusive", sa.Boolean(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(from_m IS NULL AND to_m IS NULL) OR (from_m >= 0 AND to_m > from_m)", name="ck_tenure_extent_runs_forward"
        ),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="ck_tenure_ends_after_it_starts"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name="fk_tenure_record_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_tenure_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tenure"),
    )
    op.create_index("ix_tenure_record_id", "tenure", ["record_id"])
    op.create_index(
        "uq_tenure_same_claim",
        "tenure",
        ["site_id", "type", "claimant", "valid_from", sa.text("coalesce(from_m, -1)")],
        unique=True,
    )
    op.create_index("ix_tenure_site_id_valid_from", "tenure", ["site_id", "valid_from"])


def _tenure_party() -> None:
    op.create_table(
        "tenure_party",
        sa.Column("tenure_id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("share_num", sa.Integer(), nullable=False),
        sa.Column("share_den", sa.Integer(), nullable=False),
        sa.CheckConstraint("share_num > 0 AND share_den >= share_num", name="ck_tenure_party_share_is_a_fraction"),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name="fk_tenure_party_party_id"),
        sa.ForeignKeyConstraint(["tenure_id"], ["tenure.id"], name="fk_tenure_party_tenure_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("tenure_id", "party_id", name="pk_tenure_party"),
    )
    op.create_index("ix_tenure_party_party_id", "tenure_party", ["party_id"])


def _register_version() -> None:
    # One row that every transaction of the register raises (geocommons/store/version.py).
    op.create_table("register_version", sa.Column("number", sa.BigInteger(), nullable=False))
    op.execute("INSERT INTO register_version VALUES (1)")
