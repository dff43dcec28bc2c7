"""Accounts end: the work of erasing them, the marks that stay, and what can be blanked.

What became nullable stays so on the way back: rows of erased people have nothing to fill in.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("account") as batch:
        batch.alter_column("created_at", existing_type=UtcMoment(), nullable=True)
        batch.add_column(sa.Column("ends_at", UtcMoment(), nullable=True))
        batch.add_column(sa.Column("ended_at", UtcMoment(), nullable=True))
    with op.batch_alter_table("lookup") as batch:
        batch.alter_column("reason", existing_type=sa.LargeBinary(), nullable=True)
    with op.batch_alter_table("provider_sign_in") as batch:
        batch.add_column(
            sa.Column("take_back", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcMoment(), nullable=False),
        sa.Column("starts_at", UtcMoment(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("next_step", sa.String(length=16), nullable=False),
        sa.Column("counted", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("finished_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_erasure_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure"),
    )
    op.create_index("ix_erasure_account_id", "erasure", ["account_id"], unique=False)
    op.create_index(
        "ux_erasure_unfinished",
        "erasure",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "tombstone",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("ended_at", UtcMoment(), nullable=False),
        sa.Column("kept", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_tombstone"),
    )


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("tombstone")
    op.drop_index("ux_erasure_unfinished", table_name="erasure")
    op.drop_index("ix_erasure_account_id", table_name="erasure")
    op.drop_table("erasure")
    with op.batch_alter_table("provider_sign_in") as batch:
        batch.drop_column("take_back")
    with op.batch_alter_table("account") as batch:
        batch.drop_column("ended_at")
        batch.drop_column("ends_at")
