"""Make the tables of parties: what they agreed to, who belongs to them, and which two turned out to be one."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

from geocommons.model.base import Instant

NAMED_UNASKED = "('group', 'organisation', 'municipality')"


def change_party() -> None:
    """Let two people have one name, and keep who is to be named until there are consents to say it."""
    op.create_table(
        "was_shown", sa.Column("party_id", sa.Integer(), primary_key=True), sa.Column("kind", sa.String()),
        sa.Column("shown", sa.Boolean()),
    )  # fmt: skip
    op.execute("INSERT INTO was_shown SELECT id, kind, shown FROM party")
    points_to_the_one_it_is = sa.ForeignKeyConstraint(["merged_into"], ["party.id"], name="fk_party_merged_into")
    new: tuple[sa.Column[Any], ...] = (
        sa.Column("public_name", sa.String(), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("uq_party_kind_name", "party")
        op.drop_column("party", "shown")
        for column in new:
            op.add_column("party", column)
        op.create_foreign_key("fk_party_merged_into", "party", "party", ["merged_into"], ["id"])
    else:
        _make_party_again(*new, points_to_the_one_it_is)
    op.create_index("ix_party_kind_name", "party", ["kind", "name"])
    op.create_index("ix_party_merged_into", "party", ["merged_into"])


def _make_party_again(*parts: sa.schema.SchemaItem) -> None:
    """Make SQLite's table anew, which cannot drop a constraint; whoever points to a party points to it afterwards.

    A foreign key that hangs in the air is counted, not refused, until the transaction ends; inserting the parties
    again brings the count back to nothing.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TABLE party_kept AS SELECT * FROM party")
    op.drop_table("party")
    op.create_table(
        "party",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *parts,
        sa.PrimaryKeyConstraint("id", name="pk_party"),
    )
    op.execute("INSERT INTO party (id, kind, name) SELECT id, kind, name FROM party_kept ORDER BY id")
    op.drop_table("party_kept")


def restore_party() -> None:
    """Give parties back what they had before: one name for one, and a mark that says whether it is shown."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if not sqlite:
        op.drop_index("ix_party_kind_name")
        for column in ("public_name", "merged_into", "erased_at"):
            op.drop_column("party", column)
        op.add_column("party", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))
        op.create_unique_constraint("uq_party_kind_name", "party", ["kind", "name"])
    else:
        _make_party_again(
            sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.UniqueConstraint("kind", "name", name="uq_party_kind_name"),
        )
    op.execute(f"UPDATE party SET shown = (kind IN {NAMED_UNASKED})")


def number_claimants() -> None:
    """Say who claims by the number of the party: a name is nothing to find a tenure by, and can be erased."""
    op.execute(
        "UPDATE tenure SET claimant = 'party:' ||"
        " (SELECT min(party_id) FROM tenure_party WHERE tenure_id = tenure.id)"
        " WHERE EXISTS (SELECT 1 FROM tenure_party WHERE tenure_id = tenure.id)"
    )


def make_member_invitation() -> None:
    """Make the table of invitations to groups."""
    op.create_table(
        "member_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["party.id"], name="fk_member_invitation_group_id"),
        sa.ForeignKeyConstraint(["invited_by"], ["account.id"], name="fk_member_invitation_invited_by"),
        sa.PrimaryKeyConstraint("id", name="pk_member_invitation"),
        sa.UniqueConstraint("secret_digest", name="uq_member_invitation_secret_digest"),
    )
    op.create_index("ix_member_invitation_address", "member_invitation", ["address"])
    op.create_index("ix_member_invitation_group_id", "member_invitation", ["group_id"])


def make_consent() -> None:
    """Make the table of consents, with those that the old mark stood for."""
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name="fk_consent_party_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
    )
    op.create_index("ix_consent_party_id", "consent", ["party_id"], unique=False)
    now = datetime.now(UTC)
    for unasked, withdrawn_at in ((f"shown AND kind NOT IN {NAMED_UNASKED}", None),
                                  (f"NOT shown AND kind IN {NAMED_UNASKED}", now)):  # fmt: skip
        moved = sa.text(
            "INSERT INTO consent (party_id, use, given_at, withdrawn_at, how)"
            " SELECT party_id, 'map', :given_at, :withdrawn_at, 'table' FROM was_shown"
            f" WHERE {unasked} ORDER BY party_id"
        )
        times = sa.bindparam("given_at", now, Instant()), sa.bindparam("withdrawn_at", withdrawn_at, Instant())
        op.execute(moved.bindparams(*times))
    op.drop_table("was_shown")


def make_membership() -> None:
    """Make the table of who belongs to which group."""
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.CheckConstraint("group_id <> member_id", name="ck_membership_two_parties"),
        sa.CheckConstraint("role IN ('member', 'lead')", name="ck_membership_member_or_lead"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="ck_membership_ends_after_it_starts"),
        sa.ForeignKeyConstraint(["group_id"], ["party.id"], name="fk_membership_group_id"),
        sa.ForeignKeyConstraint(["member_id"], ["party.id"], name="fk_membership_member_id"),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
        sa.UniqueConstraint("group_id", "member_id", "valid_from", name="uq_membership_group_id_member_id_valid_from"),
    )
    op.create_index("ix_membership_member_id", "membership", ["member_id"], unique=False)


def make_party_merge() -> None:
    """Make the table of merges."""
    op.create_table(
        "party_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", Instant(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("moved", sa.JSON(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["party.id"], name="fk_party_merge_gone_id"),
        sa.ForeignKeyConstraint(["kept_id"], ["party.id"], name="fk_party_merge_kept_id"),
        sa.PrimaryKeyConstraint("id", name="pk_party_merge"),
    )
