"""Ending what is held of one category, as far as it may go by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, func, select

from server.accounts import queries as accounts
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.foundation.labels import Personal
from server.foundation.table_labels import row_label
from server.privacy import held
from server.privacy.corrections.deletion_rules import (
    Kept,
    kept_by,
    kept_until,
    may_go,
    why_kept,
)
from server.privacy.corrections.errors import NotDeletable, UnknownCategory
from server.privacy.deleting import delete_values, number_that_goes
from server.privacy.deletion_work import parts_where
from server.privacy.held import HeldTable
from server.security.errors import BadToken
from server.security.events import EventKind


@dataclass(frozen=True, slots=True)
class Deleted:
    """How many values are gone, and what stays of their category."""

    count: int
    kept: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of one category in one table."""

    table: HeldTable
    columns: tuple[tuple[Column[Any], Personal], ...]


async def delete(db: Db, owner: Identity, category: str, visit: Visit) -> Deleted:
    """Delete what may go of a category, and note it.

    Raises UnknownCategory, NotDeletable, BadToken.
    """
    account = await accounts.locked_account(db, owner.id)
    if account is None or account.ended_at is not None:
        raise BadToken
    parts = _parts(category)
    if not parts:
        raise UnknownCategory(field="category")
    kept = await _kept(db, parts, owner.id)
    going = parts_where(lambda _, label: label.category == category and may_go(label))
    if not going:
        raise NotDeletable(kept or _reasons(parts))
    count = await number_that_goes(db, owner.id, going, visit.now)
    if count:
        # Noted before: where the owner is now may be of the category, too.
        await visit.note(db, owner.id, EventKind.DATA_DELETED, category)
        await db.flush()
    held = await delete_values(db, owner.id, going, visit.now)
    return Deleted(count, (*kept, *(kept_by(it, category) for it in held)))


def _parts(category: str) -> list[_Part]:
    parts = (
        _Part(it, tuple(pair for pair in it.columns if pair[1].category == category))
        for it in held.held_tables()
    )
    return [it for it in parts if it.columns]


async def _kept(db: Db, parts: Sequence[_Part], account_id: str) -> tuple[Kept, ...]:
    """What stays: one for each reason, with the latest day."""
    latest: dict[str, Kept] = {}
    for part in parts:
        staying = [(column, label) for column, label in part.columns if not may_go(label)]
        if not staying:
            continue
        counts = await held.counts(db, part.table, account_id)
        newest = await _newest(db, part.table, account_id)
        for column, label in staying:
            if counts[str(column.name)]:
                it = Kept(label.category, why_kept(label), kept_until(label, newest))
                latest[it.why] = _later(latest.get(it.why), it)
    return tuple(latest.values())


def _later(one: Kept | None, other: Kept) -> Kept:
    """The one that stays longer; a day that isn't known yet is the longest."""
    if one is None or other.until is None:
        return other
    return one if one.until is None or one.until >= other.until else other


def _reasons(parts: Sequence[_Part]) -> tuple[Kept, ...]:
    """Why a category stays of which nothing is held now."""
    labels = [label for part in parts for _, label in part.columns]
    by_reason = {why_kept(it): Kept(it.category, why_kept(it), None) for it in labels}
    return tuple(by_reason.values())


async def _newest(db: Db, it: HeldTable, account_id: str) -> datetime | None:
    """The latest moment that terms count from; None where none is known for a row, or at all."""
    name = row_label(it.rows.table).counted_from
    if name is None:
        return None
    moment = it.rows.table.c[name]
    query = select(func.max(moment), func.count(), func.count(moment)).where(
        it.rows.is_of(account_id)
    )
    newest, rows, counted = (await (await db.connection()).execute(query)).one()
    return newest if rows == counted and isinstance(newest, datetime) else None
