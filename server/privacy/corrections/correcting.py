"""Storing what somebody put right: all of it, or nothing."""

from collections.abc import Sequence

from sqlmodel import SQLModel

from server.accounts import queries as accounts
from server.accounts.visit import Visit
from server.foundation.correcting import put_right
from server.foundation.correction_rules import Unfit
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.foundation.origins import Origin
from server.privacy import held
from server.privacy.corrections.errors import ImpossibleValue, NotCorrectable
from server.privacy.corrections.fields import correctable_tables
from server.privacy.corrections.schemas import CorrectionIn
from server.privacy.subject_paths import SUBJECT
from server.security.errors import BadToken
from server.security.events import EventKind


async def correct(db: Db, owner: Identity, given: Sequence[CorrectionIn], visit: Visit) -> None:
    """Store these corrections, in their order, and note which categories changed.

    Raises NotCorrectable, ImpossibleValue, BadToken; then the unit of work must be undone.
    """
    account = await accounts.locked_account(db, owner.id)
    if account is None or account.ended_at is not None:
        raise BadToken
    changed: list[str] = []
    for number, it in enumerate(given):
        row, column, category = await _found(db, owner.id, it, number)
        try:
            if put_right(row, column, it.value, visit.now.date(), origin=Origin.INTERACTION):
                changed.append(category)
        except Unfit as fault:
            raise ImpossibleValue(str(fault), field=it.field, row=it.row) from None
    if changed:
        await db.flush()
        about = ", ".join(dict.fromkeys(changed))
        await visit.note(db, owner.id, EventKind.DATA_CORRECTED, about)


async def _found(
    db: Db, account_id: str, it: CorrectionIn, number: int
) -> tuple[SQLModel, str, str]:
    """The caller's row, the column and its category. Raises NotCorrectable."""
    table_name, _, column = it.field.partition(".")
    for table, rules in correctable_tables():
        if str(table.rows.table.name) != table_name or column not in rules:
            continue
        row_id = account_id if table_name == SUBJECT and it.row is None else it.row
        (key,) = table.key
        row: SQLModel | None = None
        if row_id is not None:
            query = table.rows.rows_of(account_id).where(key == row_id)
            row = next(iter(await held.read_rows(db, query)), None)
        if row is None:
            raise NotCorrectable(field=it.field)
        return row, column, rules[column][0]
    raise NotCorrectable(field=f"corrections.{number}.field")
