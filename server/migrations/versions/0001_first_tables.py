"""The first tables: accounts, security, cameras, pairings, warranties, the policy, support."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# What was accepted is never rewritten: the database refuses it to everybody.
APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER policy_acceptance_append_only BEFORE UPDATE ON policy_acceptance
        BEGIN SELECT RAISE(ABORT, 'policy_acceptance is append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
        """CREATE TRIGGER policy_acceptance_append_only BEFORE UPDATE ON policy_acceptance
        FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()""",
    ),
}


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("area", sa.String(length=2), nullable=True),
        sa.Column("avatar_url", sa.String(), nullable=True),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("email", name="uq_account_email"),
    )
    op.create_table(
        "device",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("public_key", sa.String(length=512), nullable=False),
        sa.Column("key_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("imported_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("key_thumbprint", name="uq_device_key_thumbprint"),
        sa.UniqueConstraint("serial", name="uq_device_serial"),
    )
    op.create_table(
        "provider_sign_in",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("used_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name="pk_provider_sign_in"),
    )
    op.create_table(
        "registration",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("area", sa.String(length=2), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_registration"),
    )
    op.create_table(
        "staff_member",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_staff_member"),
        sa.UniqueConstraint("name", name="uq_staff_member_name"),
    )
    op.create_table(
        "first_use",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("phone_thumbprint", sa.String(length=43), nullable=False),
        sa.Column("place_id", sa.String(length=16), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_first_use_account_id"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_first_use_device_id"),
        sa.PrimaryKeyConstraint("device_id", "account_id", name="pk_first_use"),
    )
    op.create_index("ix_first_use_account_id", "first_use", ["account_id"], unique=False)
    op.create_table(
        "lookup",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=True),
        sa.Column("case_number", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_lookup_device_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_lookup_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lookup"),
    )
    op.create_index("ix_lookup_device_id", "lookup", ["device_id"], unique=False)
    op.create_index("ix_lookup_staff_id", "lookup", ["staff_id"], unique=False)
    op.create_table(
        "ownership",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("camera_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("since", UtcMoment(), nullable=False),
        sa.Column("until", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_ownership_account_id"),
        sa.ForeignKeyConstraint(["camera_id"], ["device.id"], name="fk_ownership_camera_id"),
        sa.PrimaryKeyConstraint("id", name="pk_ownership"),
        sa.UniqueConstraint("camera_id", "epoch", name="uq_ownership_camera_id_epoch"),
    )
    op.create_index("ix_ownership_account_id", "ownership", ["account_id"], unique=False)
    op.create_index(
        "ux_ownership_in_force",
        "ownership",
        ["camera_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_table(
        "pairing",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("phone_key", sa.String(length=512), nullable=False),
        sa.Column("place_id", sa.String(length=16), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("paired_at", UtcMoment(), nullable=True),
        sa.Column("camera_id", sa.String(length=64), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=True),
        sa.Column("proof", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_pairing_account_id"),
        sa.ForeignKeyConstraint(["camera_id"], ["device.id"], name="fk_pairing_camera_id"),
        sa.PrimaryKeyConstraint("id", name="pk_pairing"),
        sa.UniqueConstraint("token_sha256", name="uq_pairing_token_sha256"),
    )
    op.create_index("ix_pairing_account_id", "pairing", ["account_id"], unique=False)
    op.create_table(
        "policy_acceptance",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("accepted_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_policy_acceptance_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_policy_acceptance"),
        sa.UniqueConstraint(
            "account_id", "version", name="uq_policy_acceptance_account_id_version"
        ),
    )
    op.create_table(
        "provider_identity",
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_provider_identity_account_id"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_provider_identity"),
    )
    op.create_index(
        "ix_provider_identity_account_id", "provider_identity", ["account_id"], unique=False
    )
    op.create_table(
        "security_event",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("network", sa.String(), nullable=True),
        sa.Column("place_id", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("device", sa.String(), nullable=True),
        sa.Column("about", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_security_event_account_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_security_event"),
    )
    op.create_index("ix_security_event_account_id", "security_event", ["account_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("remember", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.Column("last_used_at", UtcMoment(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_session_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
    )
    op.create_index("ix_session_account_id", "session", ["account_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name="fk_staff_session_staff_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_session"),
    )
    op.create_index("ix_staff_session_staff_id", "staff_session", ["staff_id"], unique=False)
    op.create_table(
        "used_assertion",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("jti", sa.String(length=128), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_used_assertion_device_id"),
        sa.PrimaryKeyConstraint("device_id", "jti", name="pk_used_assertion"),
    )
    op.create_table(
        "warranty",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("activated_at", UtcMoment(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_warranty_device_id"),
        sa.PrimaryKeyConstraint("device_id", name="pk_warranty"),
    )
    op.create_table(
        "refresh_token",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("used_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["session_id"], ["session.id"], name="fk_refresh_token_session_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_refresh_token"),
    )
    op.create_index("ix_refresh_token_session_id", "refresh_token", ["session_id"], unique=False)
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take every table, with what is in it."""
    op.drop_index("ix_refresh_token_session_id", table_name="refresh_token")
    op.drop_table("refresh_token")
    op.drop_table("warranty")
    op.drop_table("used_assertion")
    op.drop_index("ix_staff_session_staff_id", table_name="staff_session")
    op.drop_table("staff_session")
    op.drop_index("ix_session_account_id", table_name="session")
    op.drop_table("session")
    op.drop_index("ix_security_event_account_id", table_name="security_event")
    op.drop_table("security_event")
    op.drop_index("ix_provider_identity_account_id", table_name="provider_identity")
    op.drop_table("provider_identity")
    op.drop_table("policy_acceptance")
    op.drop_index("ix_pairing_account_id", table_name="pairing")
    op.drop_table("pairing")
    op.drop_index(
        "ux_ownership_in_force",
        table_name="ownership",
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.drop_index("ix_ownership_account_id", table_name="ownership")
    op.drop_table("ownership")
    op.drop_index("ix_lookup_staff_id", table_name="lookup")
    op.drop_index("ix_lookup_device_id", table_name="lookup")
    op.drop_table("lookup")
    op.drop_index("ix_first_use_account_id", table_name="first_use")
    op.drop_table("first_use")
    op.drop_table("staff_member")
    op.drop_table("registration")
    op.drop_table("provider_sign_in")
    op.drop_table("device")
    op.drop_table("account")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_rewriting()")
