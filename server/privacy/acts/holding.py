"""The staff sets a legal hold: categories of one account's data stay until a day, and no longer.

It hangs on a request that the staff has opened: that of the owner, or one that was entered because
a court or an authority wrote to us. The owner reads that it was set.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import SQLModel, col, select

from server.accounts import queries as accounts
from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest
from server.foundation.requests import Foundation
from server.privacy.acts.act_rules import Act
from server.privacy.acts.errors import NothingToActOn
from server.privacy.acts.tables import CaseAct
from server.privacy.cases.answering import case_in_hand
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.history import note_unless_erased
from server.privacy.erasure.hold_rules import categories, end_of
from server.privacy.erasure.tables import LegalHold, LockedData, Tombstone
from server.privacy.locking import limits_of
from server.security.audit import enter
from server.security.events import EventKind


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be kept, on which ground, until which day, and why we think so.

    `concerning` is the address of the account; without it, it is the asker's own.
    """

    reason: str
    ground: str
    categories: frozenset[str]
    last_day: date
    concerning: str | None = None


async def hold(parts: Foundation, staff_id: str, number: str, order: Order) -> CaseAct:
    """Set a hold. A category that is held already is held as this one says from now on.

    After an erasure nothing can be added; what is locked then may go on an earlier day.
    Raises UnknownRequest, RequestNotOpened, RequestClosed, InvalidRequest, NothingToActOn.
    """
    now = parts.clock.now()
    until = _end(order, now)
    async with parts.database.writing() as db:
        case = await case_in_hand(db, staff_id, number, now)
        account = await _concerned(db, case, order)
        erased = await db.get(Tombstone, account.id) is not None
        if erased:
            await _shorten(db, account.id, order, until)
        else:
            await _set(parts, db, account.id, order, until)
        done = CaseAct(
            id=parts.ids.new("act"),
            case_id=case.id,
            account_id=account.id,
            staff_id=staff_id,
            act=Act.HOLD.value,
            reason=order.reason,
            at=now,
        )
        db.add(done)
        held = EventKind.DATA_HELD
        await note_unless_erased(db, parts.ids, account.id, held, now, case.number)
        await enter(db, done)
        return done


def _end(order: Order, now: datetime) -> datetime:
    if not order.categories <= categories(SQLModel.metadata):
        message = "name categories as the data map does"
        raise InvalidRequest([{"field": "categories", "message": message}])
    try:
        return end_of(order.last_day, now)
    except ValueError as fault:
        raise InvalidRequest([{"field": "last_day", "message": str(fault)}]) from None


async def _concerned(db: Db, case: PrivacyCase, order: Order) -> Account:
    """The account, locked."""
    found = None
    if order.concerning is not None:
        found = await accounts.account_with_email(db, order.concerning)
    elif case.account_id is not None:
        found = await db.get(Account, case.account_id)
    locked = await accounts.locked_account(db, found.id) if found else None
    if locked is None:
        raise NothingToActOn
    return locked


async def _shorten(db: Db, account_id: str, order: Order, until: datetime) -> None:
    """What a hold has locked of these categories goes on this day, if it is earlier.

    What a law demands of everybody is no hold: it stays for as long as the law says.
    """
    query = select(LockedData).where(
        LockedData.account_id == account_id, col(LockedData.category).in_(order.categories)
    )
    demands = limits_of(db).demands
    there = [it for it in (await db.exec(query)).all() if not demands(it.law)]
    if not there:
        raise NothingToActOn
    for row in there:
        row.until = min(row.until, until)


async def _set(parts: Foundation, db: Db, account_id: str, order: Order, until: datetime) -> None:
    query = select(LegalHold).where(LegalHold.account_id == account_id)
    there = {it.category: it for it in (await db.exec(query)).all()}
    for category in sorted(order.categories):
        if (row := there.get(category)) is not None:
            row.ground, row.until = order.ground, until
            continue
        db.add(
            LegalHold(
                id=parts.ids.new("hld"),
                account_id=account_id,
                category=category,
                ground=order.ground,
                until=until,
            )
        )
    await db.flush()
