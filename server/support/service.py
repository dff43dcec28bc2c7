"""How the staff signs in, and what happens when one of them looks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from devices.registry.coverage_port import WarrantyOut
from devices.registry.queries import device_with_serial, ownership_in_force
from devices.registry.tables import Device, Ownership
from devices.warranty.service import coverage_of
from server.foundation.clock import Clock
from server.foundation.database import Database, Db
from server.foundation.identity import Identity
from server.foundation.ids import Ids
from server.foundation.purposes import Purpose, allowed
from server.security.audit import enter
from server.security.events import EventKind, note
from server.security.passwords import Passwords, check_new_password
from server.support import queries
from server.support.errors import (
    ProcessingRestricted,
    StaffNameTaken,
    UnknownSerial,
    WrongStaffCredentials,
)
from server.support.lookup_rules import is_staff_name, told_to_owner
from server.support.tables import Lookup, StaffMember, StaffSession


async def add_staff(
    db: Db, ids: Ids, clock: Clock, passwords: Passwords, name: str, password: str
) -> StaffMember:
    """Let somebody on the staff sign in.

    Raises WeakPassword, BreachedPassword, StaffNameTaken, and ValueError for a name that is
    empty, longer than 64 characters or not printable.
    """
    if not is_staff_name(name):
        raise ValueError("a staff member's name has 1 to 64 printable characters")
    check_new_password(password, [name])
    if await queries.member_named(db, name):
        raise StaffNameTaken
    member = StaffMember(
        id=ids.new("stf"),
        name=name,
        password_hash=await passwords.hash(password),
        created_at=clock.now(),
    )
    db.add(member)
    try:
        await db.flush()
    except IntegrityError:  # the same name from another terminal
        raise StaffNameTaken from None
    return member


async def prove(database: Database, passwords: Passwords, name: str, password: str) -> StaffMember:
    """The active staff member with this name and password. Raises WrongStaffCredentials.

    A name that nobody has costs the same work. The database is given back before the password
    is hashed: guessing holds up nobody.
    """
    async with database.reading() as db:
        member = await queries.member_named(db, name)
    kept = member.password_hash if member and member.active else None
    if not await passwords.verify(password, kept) or member is None:
        raise WrongStaffCredentials
    return member


async def sign_in(
    db: Db, ids: Ids, member: StaffMember, life: timedelta, now: datetime
) -> StaffSession:
    """Begin a sign-in that ends by itself with its token."""
    session = StaffSession(
        id=ids.new("ses"), staff_id=member.id, created_at=now, expires_at=now + life
    )
    db.add(session)
    await db.flush()
    return session


async def sign_out(db: Db, caller: Identity, now: datetime) -> None:
    """End the sign-in that the caller came by; its token is worth nothing from now on."""
    session = await queries.session_in_force(db, caller.id, caller.session_id, now)
    if session:
        session.ended_at = now


class StaffSessions:
    """Implements `server.security.parts.SessionCheck` for the staff."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def is_alive(self, db: Db, caller: Identity) -> bool:
        """Whether the sign-in holds and its staff member still works here."""
        now = self._clock.now()
        return await queries.session_in_force(db, caller.id, caller.session_id, now) is not None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a staff member wants to see, for which case, and why."""

    case_number: str
    reason: str
    serial: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a look shows."""

    device: Device
    warranty: WarrantyOut
    looked_at: datetime


async def look_up(
    db: Db, ids: Ids, staff_id: str, wanted: Wanted, now: datetime
) -> Answer | UnknownSerial | ProcessingRestricted:
    """Look at a camera's warranty, or why there is nothing to be seen.

    The look is on record either way, and in the owner's own history where there is an owner:
    neither leaves without the other, and the answer not without both.
    """
    device = await device_with_serial(db, wanted.serial)
    look = Lookup(
        id=ids.new("lkp"),
        staff_id=staff_id,
        device_id=device.id if device else None,
        case_number=wanted.case_number,
        reason=wanted.reason,
        at=now,
    )
    db.add(look)
    ownership = await ownership_in_force(db, device.id) if device else None
    if ownership is not None:
        await note(
            db,
            id=ids.new("evt"),
            account_id=ownership.account_id,
            kind=EventKind.SUPPORT_LOOKED_UP,
            at=now,
            about=told_to_owner(ownership.name, wanted.case_number),
        )
    found = await _found(db, device, ownership, now)
    await enter(db, look)
    return found


async def _found(
    db: Db, device: Device | None, ownership: Ownership | None, now: datetime
) -> Answer | UnknownSerial | ProcessingRestricted:
    if device is None:
        return UnknownSerial()
    if ownership and not await allowed(db, ownership.account_id, Purpose.WARRANTY):
        return ProcessingRestricted()
    return Answer(device, await coverage_of(db, device, now), now)
