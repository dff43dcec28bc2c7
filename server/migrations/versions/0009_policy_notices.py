"""Changes of the policy: whom a letter told, and who answers for the data by now."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "policy_letter",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("sent_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_policy_letter_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_policy_letter"),
        sa.UniqueConstraint("account_id", "version", name="uq_policy_letter_account_id_version"),
    )
    op.create_table(
        "published_contacts",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("policy_version", sa.String(length=32), nullable=False),
        sa.Column("since", UtcMoment(), nullable=False),
        sa.Column("controller", sa.String(length=200), nullable=False),
        sa.Column("department", sa.String(length=200), nullable=False),
        sa.Column("mailbox", sa.String(length=320), nullable=False),
        sa.Column("post", sa.String(length=500), nullable=False),
        sa.Column("notice", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_published_contacts"),
    )


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("published_contacts")
    op.drop_table("policy_letter")
