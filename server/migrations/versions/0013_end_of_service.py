"""The end of the whole service: since when, and who was told how."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "end_of_service",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", UtcMoment(), nullable=False),
        sa.Column("erases_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_letter", sa.Integer(), nullable=False),
        sa.Column("by_announcement", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("closed_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_end_of_service"),
    )
    op.create_table(
        "end_notice",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_end_notice_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_end_notice"),
    )


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("end_notice")
    op.drop_table("end_of_service")
