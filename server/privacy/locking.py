"""What only a law still keeps: copied into a place of its own, sealed for that law, and dated.

What is to be deleted, or belongs to somebody who is erased, goes as if there were no law. Before
that, the values that one names are put into `locked_data`: sealed under a key of their own, which
is none of the person's, with the law's name bound to them. Asked under another name they don't
open. Nothing else reads them: not the app, the export, the staff. Retention takes them, with their
key, once their last day is over.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
import structlog
from sqlalchemy import Column, ColumnElement, Table
from sqlmodel import SQLModel, select

from server.foundation.database import LIMITS, Db
from server.foundation.ids import Ids
from server.foundation.labels import AfterAccountEnds, OnErasure, Personal
from server.foundation.table_labels import row_label
from server.foundation.vault.sealed_text import ErasedText
from server.foundation.vault.sealing_rules import Place
from server.foundation.vault.sealing_session import keyring_of
from server.privacy.data_map import personal_columns
from server.privacy.erasure.counting import Kept
from server.privacy.erasure.hold_rules import OF_HOLDS, Hold, Holds, last_day
from server.privacy.erasure.tables import LockedData
from server.privacy.legal_limits import LegalLimits
from server.privacy.subject_paths import SubjectTable, all_about, model_of
from server.security.staff_acts import Deed, note_deed

LOCKS: Final = frozenset({"locked_data", "legal_hold"})  # how it is kept, and not what
NO_LAW: Final = LegalLimits((), "")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column whose values a law keeps: which, and for a row until when."""

    column: Column[Any]
    label: Personal
    law: str
    until: Callable[[SQLModel], datetime]


class Locked(NamedTuple):
    """What was locked, in words; when that ends; whether its values go where they were."""

    kept: Kept
    until: datetime
    goes: bool


@dataclass(frozen=True, slots=True)
class _Lot:
    """Values that are locked together."""

    category: str
    law: str
    until: datetime


async def lock_what_goes(
    db: Db, table: Table, column: str | None, goes: ColumnElement[bool], now: datetime
) -> None:
    """Lock what a law keeps of values (`column`) or whole rows that are to be deleted now."""
    wanted = [
        Wanted(it, label, limit.law, _until(table, label, limit.least, now))
        for it, label in _columns(table)
        if column in (None, it.name)
        and (limit := limits_of(db).least_of(label)) is not None
        and limit.least is not None
    ]
    if wanted:
        await _lock(db, table, wanted, goes, now)


async def lock_before_erasure(
    db: Db, account_id: str, held: Holds, now: datetime
) -> Sequence[Locked]:
    """Lock what holds and laws keep of an account; what that is, with what was locked before.

    What its label keeps after an erasure anyway is not locked for a law until that is over; for a
    hold it is, as the hold goes with the account.
    """
    kept = [_as_told(it) for it in await _locked_before(db, account_id, now)]
    for it in _about() if held or limits_of(db).demand_anything else ():
        wanted = [*_held(it.table, held), *_demanded(db, it.table, now)]
        if wanted:
            lots = await _lock(db, it.table, wanted, it.is_of(account_id), now)
            kept += _told(lots)
    return kept


async def opened_for(
    db: Db, ids: Ids, staff_id: str, locked_id: str, law: str, now: datetime
) -> list[dict[str, Any]]:
    """The locked rows, for the law that keeps them. Raises CannotOpen for any other, LookupError.

    The audit says by whom it was done.
    """
    row = await db.get(LockedData, locked_id)
    if row is None:
        raise LookupError(locked_id)
    keyring = keyring_of(db.sync_session)
    await (await db.connection()).run_sync(keyring.fetch, [row.id])
    text = keyring.open(row.id, _place(row.id, law), row.content)
    log.warning("locked_data_opened", account_id=row.account_id)
    await note_deed(db, ids, staff_id, Deed.LOCKED_OPENED, row.id, now)
    return msgspec.json.decode(text.encode())


@cache
def _about() -> tuple[SubjectTable, ...]:
    """Found once: each erasure asks."""
    return all_about()


def _held(table: Table, held: Holds) -> Iterator[Wanted]:
    for column, label in _columns(table):
        hold = held.get(label.category)
        if hold is not None and label.category != OF_HOLDS:
            yield Wanted(column, label, hold.ground, _always(hold))


def _demanded(db: Db, table: Table, now: datetime) -> Iterator[Wanted]:
    for column, label in _columns(table):
        limit = limits_of(db).least_of(label)
        if limit is None or limit.least is None or label.on_erasure is OnErasure.KEEP:
            continue
        yield Wanted(column, label, limit.law, _until(table, label, limit.least, now, ends=True))


def _columns(table: Table) -> Sequence[tuple[Column[Any], Personal]]:
    return () if table.name in LOCKS else personal_columns(table)


def limits_of(db: Db) -> LegalLimits:
    """What laws say where this server is."""
    limits = db.info.get(LIMITS)
    return limits if isinstance(limits, LegalLimits) else NO_LAW


def _always(hold: Hold) -> Callable[[SQLModel], datetime]:
    return lambda _: hold.until


def _until(
    table: Table, label: Personal, least: timedelta, now: datetime, *, ends: bool = False
) -> Callable[[SQLModel], datetime]:
    """When a row's shortest term is over: at the end of its last day (UTC).

    It counts from the same moment as the label's term, and from now where that is still to come.
    """
    moment = row_label(table).counted_from
    fixed = now - label.keep.further if isinstance(label.keep, AfterAccountEnds) else now

    def of(row: SQLModel) -> datetime:
        begun = getattr(row, moment) if moment else None
        if isinstance(label.keep, AfterAccountEnds) or not isinstance(begun, date):
            begun = now if ends else fixed
        if not isinstance(begun, datetime):
            begun = datetime.combine(begun, time(), UTC)
        last = (min(begun, now) + least).astimezone(UTC).date()
        return datetime.combine(last + timedelta(days=1), time(), UTC)

    return of


async def _lock(
    db: Db, table: Table, wanted: Sequence[Wanted], which: ColumnElement[bool], now: datetime
) -> list[tuple[LockedData, Sequence[Wanted]]]:
    """Lock the wanted values of these rows that are there; what was stored, of which columns."""
    rows = (await db.exec(select(model_of(table)).where(which))).all()
    lots: dict[tuple[_Lot, str | None], list[dict[str, Any]]] = {}
    for row in rows:
        whose = getattr(row, "id" if table.name == "account" else "account_id", None)
        for lot, values in _values(table, row, wanted).items():
            if lot.until > now:
                lots.setdefault((lot, whose), []).append(values)
    return [
        (
            await _store(db, table, lot, whose, values),
            [it for it in wanted if (it.label.category, it.law) == (lot.category, lot.law)],
        )
        for (lot, whose), values in lots.items()
    ]


def _values(table: Table, row: SQLModel, wanted: Iterable[Wanted]) -> dict[_Lot, dict[str, Any]]:
    found: dict[_Lot, dict[str, Any]] = {}
    for it in wanted:
        value = getattr(row, str(it.column.name))
        if value is None or isinstance(value, ErasedText):
            continue
        lot = _Lot(it.label.category, it.law, it.until(row))
        found.setdefault(lot, {})[str(it.column.name)] = _plain(value)
    key = {f"{table.name} {it.name}": getattr(row, str(it.name)) for it in table.primary_key}
    return {lot: {**key, **values} for lot, values in found.items()}


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value  # no longer as it was sealed


async def _store(
    db: Db, table: Table, lot: _Lot, whose: str | None, values: Sequence[dict[str, Any]]
) -> LockedData:
    names = {name for it in values for name in it if not name.startswith(f"{table.name} ")}
    row = LockedData(
        id=f"lkd_{secrets.token_hex(16)}",
        account_id=whose,
        category=lot.category,
        fields=" ".join(sorted(f"{table.name}.{it}" for it in names)),
        count=sum(name in names for it in values for name in it),
        law=lot.law,
        until=lot.until,
        content=b"",
    )
    db.add(row)
    await db.flush()  # makes its key
    keyring = keyring_of(db.sync_session)
    text = msgspec.json.encode(values).decode()
    row.content = keyring.seal(row.id, _place(row.id, lot.law), text).sealed
    await db.flush()
    return row


async def _locked_before(db: Db, account_id: str, now: datetime) -> Sequence[LockedData]:
    query = select(LockedData).where(LockedData.account_id == account_id, LockedData.until > now)
    return (await db.exec(query)).all()


def _told(lots: Iterable[tuple[LockedData, Sequence[Wanted]]]) -> Iterator[Locked]:
    for row, wanted in lots:
        goes = all(it.label.on_erasure is not OnErasure.KEEP for it in wanted)
        yield _as_told(row, goes=goes)


def _as_told(row: LockedData, *, goes: bool = False) -> Locked:
    fields = tuple(str(row.fields).split())
    law, table = str(row.law), fields[0].partition(".")[0]
    day = last_day(Hold(law, row.until))
    kept = Kept(row.category, table, row.count, law, day, held=True, fields=fields)
    return Locked(kept, row.until, goes)


def _place(locked_id: str, law: str) -> Place:
    return Place("locked_data", "content", (locked_id, law))
