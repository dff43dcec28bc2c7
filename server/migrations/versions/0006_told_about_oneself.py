"""What people may tell about themselves: birthday, gender, hobbies. Sealed, and empty at first."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    """Bring them back to the one before."""
    with op.batch_alter_table("account") as batch:
        for name in reversed(COLUMNS):
            batch.drop_column(name)
