"""How people chose that the place of their uses is found."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "place_source",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_place_source_account_id"),
        sa.PrimaryKeyConstraint("account_id", name="pk_place_source"),
    )


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("place_source")
