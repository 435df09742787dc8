"""Add people: accounts, what lets them in, consents, memberships, mail and the audit trail."""

import sqlalchemy as sa
from alembic import op

from geocommons.model.base import Instant
from geocommons.store.migrations.parties import (
    change_party,
    make_consent,
    make_member_invitation,
    make_membership,
    make_party_merge,
    number_claimants,
    restore_party,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for make in (
        change_party,
        make_consent,
        number_claimants,
        make_membership,
        make_party_merge,
        _account,
        make_member_invitation,
        _reach,
        _sign_in_request,
        _login_session,
        _passkey,
        _identity,
        _challenge,
        _api_token,
        _attempts,
        _mail,
        _audit_entry,
        _seal_key,
    ):
        make()


def downgrade() -> None:
    for table in (
        "seal_key",
        "audit_entry",
        "mail",
        "attempts",
        "api_token",
        "challenge",
        "identity",
        "passkey",
        "login_session",
        "sign_in_request",
        "reach",
        "member_invitation",
        "account",
        "party_merge",
        "membership",
        "consent",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change_of_audit()")
    op.drop_column("register_version", "audit_digest")
    op.drop_column("register_version", "audit_id")
    restore_party()


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("quiet_from_h", sa.Integer(), nullable=True),
        sa.Column("quiet_to_h", sa.Integer(), nullable=True),
        sa.Column("unsubscribed", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=True),
        sa.Column("erased_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["party_id"], ["party.id"], name="fk_account_party_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("address", name="uq_account_address"),
        sa.UniqueConstraint("party_id", name="uq_account_party_id"),
    )


def _reach() -> None:
    op.create_table(
        "reach",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('layer', 'district')", name="ck_reach_layer_or_district"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reach_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("account_id", "kind", "name", name="pk_reach"),
    )


def _sign_in_request() -> None:
    op.create_table(
        "sign_in_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("link_digest", sa.String(), nullable=False),
        sa.Column("code_digest", sa.String(), nullable=False),
        sa.Column("browser_digest", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("reach", sa.JSON(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_request"),
        sa.UniqueConstraint("link_digest", name="uq_sign_in_request_link_digest"),
    )
    op.create_index("ix_sign_in_request_address", "sign_in_request", ["address"], unique=False)
    op.create_index("ix_sign_in_request_expires_at", "sign_in_request", ["expires_at"], unique=False)


def _login_session() -> None:
    op.create_table(
        "login_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("previous_digest", sa.String(), nullable=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("acting_for", sa.Integer(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("rotated_at", Instant(), nullable=False),
        sa.Column("confirmed_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_login_session_account_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["acting_for"], ["party.id"], name="fk_login_session_acting_for"),
        sa.PrimaryKeyConstraint("id", name="pk_login_session"),
        sa.UniqueConstraint("secret_digest", name="uq_login_session_secret_digest"),
    )
    op.create_index("ix_login_session_account_id", "login_session", ["account_id"], unique=False)
    op.create_index("ix_login_session_expires_at", "login_session", ["expires_at"], unique=False)
    op.create_index("ix_login_session_previous_digest", "login_session", ["previous_digest"], unique=False)


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_passkey_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential_id", name="uq_passkey_credential_id"),
    )
    op.create_index("ix_passkey_account_id", "passkey", ["account_id"], unique=False)


def _identity() -> None:
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_identity_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.UniqueConstraint("issuer", "subject", name="uq_identity_issuer_subject"),
    )
    op.create_index("ix_identity_account_id", "identity", ["account_id"], unique=False)


def _challenge() -> None:
    op.create_table(
        "challenge",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_challenge"),
    )
    op.create_index("ix_challenge_expires_at", "challenge", ["expires_at"], unique=False)


def _api_token() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret_digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_api_token_account_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("secret_digest", name="uq_api_token_secret_digest"),
    )
    op.create_index("ix_api_token_account_id", "api_token", ["account_id"], unique=False)


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_attempts"),
    )


def _mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("essential", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("claimed_until", Instant(), nullable=True),
        sa.Column("useful_until", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_mail_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sa.UniqueConstraint("message_id", name="uq_mail_message_id"),
    )
    op.create_index("ix_mail_account_id", "mail", ["account_id"], unique=False)
    op.create_index("ix_mail_state_next_try_at", "mail", ["state", "next_try_at"], unique=False)


def _audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("acting_for", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("subject_last", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("party_id", sa.Integer(), nullable=True),
        sa.Column("other_party_id", sa.Integer(), nullable=True),
        sa.Column("of_account_id", sa.Integer(), nullable=True),
        sa.Column("changes", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_entry"),
    )
    op.create_index("ix_audit_entry_subject_subject_id", "audit_entry", ["subject", "subject_id"], unique=False)
    for column in ("account_id", "site_id", "party_id", "other_party_id", "of_account_id"):
        op.create_index(f"ix_audit_entry_{column}", "audit_entry", [column], unique=False)
    # The newest entry, beside the number that every transaction raises: a tail that was cut off shows.
    op.add_column("register_version", sa.Column("audit_id", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("register_version", sa.Column("audit_digest", sa.String(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        _append_only_in_postgis()
    else:
        _append_only_in_sqlite()


def _append_only_in_postgis() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$"
    )
    act = "audit_entry FOR EACH {each} EXECUTE FUNCTION refuse_change_of_audit()"
    op.execute("CREATE TRIGGER audit_entry_is_kept BEFORE UPDATE OR DELETE ON " + act.format(each="ROW"))
    op.execute("CREATE TRIGGER audit_entry_is_not_emptied BEFORE TRUNCATE ON " + act.format(each="STATEMENT"))


def _append_only_in_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END"
    op.execute(f"CREATE TRIGGER audit_entry_is_not_changed BEFORE UPDATE ON audit_entry {refuse}")
    op.execute(f"CREATE TRIGGER audit_entry_is_not_removed BEFORE DELETE ON audit_entry {refuse}")
    # INSERT OR REPLACE deletes without telling the trigger above.
    op.execute(
        "CREATE TRIGGER audit_entry_is_not_replaced BEFORE INSERT ON audit_entry"
        f" WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM audit_entry) {refuse}"
    )


def _seal_key() -> None:
    op.create_table(
        "seal_key",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_seal_key"),
    )
