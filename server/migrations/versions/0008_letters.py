"""Letters that people asked for: who confirmed, what is sent, to whom."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from server.foundation.columns import UtcMoment

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "letters_wanted",
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("link_id", sa.String(length=32), nullable=False),
        sa.Column("news_confirmed_at", UtcMoment(), nullable=True),
        sa.Column("invitations_confirmed_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name="fk_letters_wanted_account_id"
        ),
        sa.PrimaryKeyConstraint("account_id", name="pk_letters_wanted"),
        sa.UniqueConstraint("link_id", name="uq_letters_wanted_link_id"),
    )
    op.create_table(
        "news_issue",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("queued_at", UtcMoment(), nullable=False),
        sa.Column("reached", sa.String(length=32), nullable=False),
        sa.Column("written_at", UtcMoment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_news_issue"),
    )
    op.create_table(
        "news_letter",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("issue_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("consent_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("queued_at", UtcMoment(), nullable=False),
        sa.Column("taken_at", UtcMoment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("try_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["news_issue.id"], name="fk_news_letter_issue_id"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_news_letter_account_id"),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name="fk_news_letter_consent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_news_letter"),
        sa.UniqueConstraint("issue_id", "account_id", name="uq_news_letter_issue_id"),
    )
    op.create_index("ix_news_letter_account_id", "news_letter", ["account_id"], unique=False)
    op.create_index("ix_news_letter_state", "news_letter", ["state", "try_at"], unique=False)


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_index("ix_news_letter_state", table_name="news_letter")
    op.drop_index("ix_news_letter_account_id", table_name="news_letter")
    op.drop_table("news_letter")
    op.drop_table("news_issue")
    op.drop_table("letters_wanted")
