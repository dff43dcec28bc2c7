"""The audit: looks and acts of staff in a chain, old ones by their time. The register of reviews."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from server.foundation.columns import UtcMoment
from server.foundation.vault.sealing_rules import index_of
from server.security.audit_rules import BEGINNING, Entry, end_linked, fields_told, linked

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# As they were entered at this revision; what a later one adds to them it enters anew.
AUDITED = {
    "lookup": ("id", "staff_id", "device_id", "at"),
    "case_opening": ("id", "case_id", "staff_id", "at", "until"),
    "case_act": ("id", "case_id", "account_id", "staff_id", "act", "at"),
}
MOMENTS = ("at", "until")
CASE_KEPT = timedelta(days=3 * 366)


def upgrade() -> None:
    """Bring the tables to this revision."""
    table = op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("of_table", sa.String(length=32), nullable=False),
        sa.Column("row_id", sa.String(length=64), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("row_ends_at", UtcMoment(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("before_at", UtcMoment(), nullable=True),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit_entry"),
        sa.UniqueConstraint("of_table", "row_id", name="uq_audit_entry_of_table_row_id"),
    )
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])
    _make_register()
    _enter(table, sorted(_rows(), key=lambda it: (it[1][-1], it[0], it[1][0])))


def downgrade() -> None:
    """Bring them back to the one before."""
    op.drop_table("review_finding")
    op.drop_table("practice_review")
    op.drop_index("ix_audit_entry_at", table_name="audit_entry")
    op.drop_table("audit_entry")


def _make_register() -> None:
    op.create_table(
        "practice_review",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("practice", sa.String(length=16), nullable=False),
        sa.Column("reviewer", sa.String(length=64), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("summary", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["reviewer"], ["staff_member.id"], name="fk_practice_review_reviewer"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_practice_review"),
    )
    op.create_index("ix_practice_review_practice", "practice_review", ["practice"])
    op.create_table(
        "review_finding",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("review_id", sa.String(length=64), nullable=False),
        sa.Column("finding", sa.String(length=1000), nullable=False),
        sa.Column("due_at", UtcMoment(), nullable=False),
        sa.Column("action", sa.String(length=1000), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["review_id"], ["practice_review.id"], name="fk_review_finding_review_id"
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["staff_member.id"], name="fk_review_finding_closed_by"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review_finding"),
    )
    op.create_index("ix_review_finding_review_id", "review_finding", ["review_id"])


def _rows() -> list[tuple[str, tuple[Any, ...]]]:
    """Table and audited fields of each row, and behind them its moment."""
    found: list[tuple[str, tuple[Any, ...]]] = []
    for name, fields in AUDITED.items():
        columns = [sa.column(it, UtcMoment() if it in MOMENTS else sa.String()) for it in fields]
        query = sa.select(*columns, columns[fields.index("at")]).select_from(sa.table(name))
        found += [(name, tuple(row)) for row in op.get_bind().execute(query)]
    return found


def _enter(table: sa.Table, rows: list[tuple[str, tuple[Any, ...]]]) -> None:
    chain, before_at, ends = BEGINNING, None, _ends_of_cases()
    for number, (name, (*values, at)) in enumerate(rows, start=1):
        digest = _keyed("digest", (name, *fields_told(values)))
        ends_at = ends.get(values[1]) if name == "case_opening" else None
        entry = Entry(number, name, values[0], at, ends_at, digest, chain, before_at)
        chain, before_at = _keyed("chain", linked(entry)), at
        op.get_bind().execute(table.insert().values(**entry._asdict(), chain=chain))
    if before_at is not None:
        end = Entry(0, "end", str(len(rows)), before_at, None, BEGINNING, chain, None)
        keyed = _keyed("chain", end_linked(len(rows), before_at, chain))
        op.get_bind().execute(table.insert().values(**end._asdict(), chain=keyed))


def _ends_of_cases() -> dict[str, datetime]:
    """When the cases that are answered go, with all that belongs to them."""
    id_, closed_at = sa.column("id", sa.String()), sa.column("closed_at", UtcMoment())
    query = sa.select(id_, closed_at).select_from(sa.table("privacy_case"))
    found = op.get_bind().execute(query.where(closed_at.is_not(None)))
    return {case_id: at + CASE_KEPT for case_id, at in found}


def _keyed(column: str, values: tuple[str, ...]) -> bytes:
    keys = context.config.attributes["keys"]
    return index_of(keys.index_key(), "audit_entry", column, values)
