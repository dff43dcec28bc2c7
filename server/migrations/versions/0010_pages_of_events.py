"""A page of an account's events is found by an index, however many events there are."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_index("ix_security_event_account_id_id", "security_event", ["account_id", "id"])
    op.drop_index("ix_security_event_account_id", table_name="security_event")


def downgrade() -> None:
    """Bring the tables back to the revision before."""
    op.create_index("ix_security_event_account_id", "security_event", ["account_id"])
    op.drop_index("ix_security_event_account_id_id", table_name="security_event")
