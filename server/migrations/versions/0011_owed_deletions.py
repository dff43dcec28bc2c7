"""Legal holds: what is to be deleted as soon as they are over."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.add_column("legal_hold", sa.Column("owed", sa.Text(), nullable=True))


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_column("legal_hold", "owed")
