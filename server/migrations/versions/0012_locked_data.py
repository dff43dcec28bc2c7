"""What only a law makes us keep: sealed by itself, until its last day.

An erasure under way goes on by the order that its steps have now: letters and key before the news.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "locked_data",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=128), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("law", sa.LargeBinary(), nullable=False),
        sa.Column("until", UtcMoment(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_locked_data_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_locked_data"),
    )
    op.create_index("ix_locked_data_account_id", "locked_data", ["account_id"])
    op.execute("UPDATE erasure SET next_step = 'letters' WHERE next_step = 'news'")


def downgrade() -> None:
    """Bring them back to the one before."""
    op.execute("UPDATE erasure SET next_step = 'rows' WHERE next_step = 'news'")
    op.drop_table("locked_data")
