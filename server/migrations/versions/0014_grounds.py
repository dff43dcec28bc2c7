"""Deletions are asked for on a ground, which decides what is looked into."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("privacy_case", sa.Column("ground", sa.String(length=16), nullable=True))


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_column("privacy_case", "ground")
