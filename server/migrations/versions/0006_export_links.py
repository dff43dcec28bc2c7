"""Links that open an export once."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "export_link",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_export_link_account_id"),
        sa.PrimaryKeyConstraint("hash", name="pk_export_link"),
    )
    op.create_index("ix_export_link_account_id", "export_link", ["account_id"], unique=False)


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_index("ix_export_link_account_id", table_name="export_link")
    op.drop_table("export_link")
