"""What people put right themselves: birthday, gender, hobbies; and a new address on its way."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

COLUMNS = ("birthday", "gender", "hobbies")


def upgrade() -> None:
    """Bring the tables to this revision."""
    with op.batch_alter_table("account") as batch:
        for name in COLUMNS:
            batch.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
    op.create_table(
        "email_change",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("tries_left", sa.Integer(), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_email_change_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_email_change"),
        sa.UniqueConstraint("account_id", name="uq_email_change_account_id"),
    )


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("email_change")
    with op.batch_alter_table("account") as batch:
        for name in reversed(COLUMNS):
            batch.drop_column(name)
