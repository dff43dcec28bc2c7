"""Requests with due dates, and who on the staff opened them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "privacy_case",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("region", sa.String(length=2), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("contact_kind", sa.String(length=16), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("proven_at", UtcMoment(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("proof_expires_at", UtcMoment(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("answering_until", UtcMoment(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("review", sa.LargeBinary(), nullable=True),
        sa.Column("authority", sa.LargeBinary(), nullable=True),
        sa.Column("court", sa.LargeBinary(), nullable=True),
        sa.Column("cause", sa.LargeBinary(), nullable=True),
        sa.Column("resolution", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_privacy_case_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_case"),
        sa.UniqueConstraint("number", name="uq_privacy_case_number"),
    )
    op.create_index("ix_privacy_case_account_id", "privacy_case", ["account_id"])
    op.create_index("ix_privacy_case_closed_at", "privacy_case", ["closed_at"])
    op.create_index("ix_privacy_case_due_on", "privacy_case", ["due_on"])
    op.create_table(
        "case_opening",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("until", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["privacy_case.id"], name="fk_case_opening_case_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_case_opening_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_case_opening"),
    )
    op.create_index("ix_case_opening_case_id", "case_opening", ["case_id"])
    op.create_index("ix_case_opening_staff_id", "case_opening", ["staff_id"])


def downgrade() -> None:
    """Bring them back to the one before. Nothing stays of a case, its key neither."""
    op.execute("DELETE FROM subject_key WHERE id IN (SELECT id FROM privacy_case)")
    op.drop_index("ix_case_opening_staff_id", table_name="case_opening")
    op.drop_index("ix_case_opening_case_id", table_name="case_opening")
    op.drop_table("case_opening")
    op.drop_index("ix_privacy_case_due_on", table_name="privacy_case")
    op.drop_index("ix_privacy_case_closed_at", table_name="privacy_case")
    op.drop_index("ix_privacy_case_account_id", table_name="privacy_case")
    op.drop_table("privacy_case")
