"""What our staff does and no other row says."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "staff_act",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("deed", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=64), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name="fk_staff_act_staff_id"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_act"),
    )
    op.create_index("ix_staff_act_staff_id", "staff_act", ["staff_id"])
    op.create_index("ix_staff_act_at", "staff_act", ["at"])


def downgrade() -> None:
    """Bring them back to the one before. Their entries stay: the check then says what is missing."""
    op.drop_index("ix_staff_act_at", table_name="staff_act")
    op.drop_index("ix_staff_act_staff_id", table_name="staff_act")
    op.drop_table("staff_act")
