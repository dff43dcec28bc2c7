"""What is remembered of backups and drills, and of accounts that two people end together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "backup_run",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("backup_id", sa.String(length=64), nullable=True),
        sa.Column("made_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_backup_run"),
    )
    op.create_table(
        "area_end",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("erases_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", UtcMoment(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("confirmed_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["staff_member.id"], name="fk_area_end_proposed_by"
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["staff_member.id"], name="fk_area_end_confirmed_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_area_end"),
    )


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("area_end")
    op.drop_table("backup_run")
