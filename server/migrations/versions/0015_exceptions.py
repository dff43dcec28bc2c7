"""Purposes that are followed without consent: in which situation, on which evidence, until when."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLE = "consent_exception"
LINKS = ("account_id", "asked_by", "approved_by")


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        TABLE,
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("situation", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcMoment(), nullable=False),
        sa.Column("approved_by", sa.String(length=64), nullable=True),
        sa.Column("approved_at", UtcMoment(), nullable=True),
        sa.Column("until", UtcMoment(), nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column],
                ["account.id" if column == "account_id" else "staff_member.id"],
                name=f"fk_{TABLE}_{column}",
            )
            for column in LINKS
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
    )
    for column in LINKS:
        op.create_index(f"ix_{TABLE}_{column}", TABLE, [column])


def downgrade() -> None:
    """Bring them back to the one before."""
    for column in LINKS:
        op.drop_index(f"ix_{TABLE}_{column}", table_name=TABLE)
    op.drop_table(TABLE)
