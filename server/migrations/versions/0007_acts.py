"""Requests are acted upon: for whom they were made, what was done, copies that wait,
and what a law makes us keep for a time."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("privacy_case") as batch:
        batch.add_column(
            sa.Column("on_behalf_of", sa.String(length=16), nullable=False, server_default="self")
        )
    with op.batch_alter_table("erasure") as batch:
        batch.add_column(sa.Column("held_until", UtcMoment(), nullable=True))
    with op.batch_alter_table("account") as batch:
        batch.add_column(sa.Column("last_used_at", UtcMoment(), nullable=True))
        batch.add_column(sa.Column("idle_warned_at", UtcMoment(), nullable=True))
    account = sa.table(
        "account", sa.column("last_used_at", UtcMoment()), sa.column("created_at", UtcMoment())
    )
    # Nobody is idle for a time in which nobody counted.
    counted = account.update().where(account.c.created_at.is_not(None))
    op.execute(counted.values(last_used_at=datetime.now(UTC)))
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("ground", sa.LargeBinary(), nullable=False),
        sa.Column("until", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_legal_hold_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
        sa.UniqueConstraint("account_id", "category", name="uq_legal_hold_account_id_category"),
    )
    op.create_index("ix_legal_hold_account_id", "legal_hold", ["account_id"])
    op.create_table(
        "case_act",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=True),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("proof_seen", sa.LargeBinary(), nullable=True),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["privacy_case.id"], name="fk_case_act_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_case_act_account_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_case_act_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_act"),
    )
    op.create_index("ix_case_act_case_id", "case_act", ["case_id"])
    op.create_index("ix_case_act_account_id", "case_act", ["account_id"])
    op.create_index("ix_case_act_staff_id", "case_act", ["staff_id"])
    op.create_table(
        "case_copy",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.Column("fetched_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["privacy_case.id"], name="fk_case_copy_case_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_case_copy_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_copy"),
    )
    op.create_index("ix_case_copy_case_id", "case_copy", ["case_id"])
    op.create_index("ix_case_copy_account_id", "case_copy", ["account_id"])


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_index("ix_case_copy_account_id", table_name="case_copy")
    op.drop_index("ix_case_copy_case_id", table_name="case_copy")
    op.drop_table("case_copy")
    op.drop_index("ix_case_act_staff_id", table_name="case_act")
    op.drop_index("ix_case_act_account_id", table_name="case_act")
    op.drop_index("ix_case_act_case_id", table_name="case_act")
    op.drop_table("case_act")
    op.drop_index("ix_legal_hold_account_id", table_name="legal_hold")
    op.drop_table("legal_hold")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("idle_warned_at")
        batch.drop_column("last_used_at")
    with op.batch_alter_table("erasure") as batch:
        batch.drop_column("held_until")
    with op.batch_alter_table("privacy_case") as batch:
        batch.drop_column("on_behalf_of")
