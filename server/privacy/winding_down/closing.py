"""The end of the service begins, and the doors are shut to whatever is new."""

from datetime import date
from typing import Final

from fastapi import Request
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.errors import ServiceCloses
from server.foundation.requests import Foundation, RequestFoundation
from server.privacy.erasure.agreeing import (
    EndNotAgreed,
    WhyNot,
    agreed_end,
    propose_end,
)
from server.privacy.erasure.ceasing import Whom, concerned
from server.privacy.erasure.tables import AreaEnd
from server.privacy.winding_down.closing_rules import fault_of, is_closed
from server.privacy.winding_down.tables import EndOfService
from server.security.two_people import Operator

MOST_CHARACTERS: Final = 500


class EndRefused(Exception):  # noqa: N818 - says what it is
    """The end can't be begun so. The message says why."""


async def the_end(db: AsyncSession) -> EndOfService | None:
    """The end of the service; None while it goes on."""
    return await db.get(EndOfService, 1)


async def propose_closing(parts: Foundation, reason: str, erases_on: date, by: Operator) -> AreaEnd:
    """Write down that somebody wants to end the service. It takes two. Raises EndRefused."""
    now = parts.clock.now()
    if fault := fault_of(erases_on, now):
        raise EndRefused(fault)
    if not reason.strip() or not reason.isprintable() or len(reason) > MOST_CHARACTERS:
        raise EndRefused(f"give a reason that people can read, in {MOST_CHARACTERS} characters")
    found = len(await concerned(parts.database, Whom(everybody=True)))
    async with parts.database.writing() as db:
        return await propose_end(db, parts.ids, erases_on, reason.strip(), found, by, now)


async def begin_the_end(parts: Foundation, proposal_id: str) -> EndOfService:
    """From now on nothing new is taken; the running server tells everybody.

    Nobody can take it back: people act upon what they are told. Raises EndNotAgreed where only one
    person wants it, EndRefused.
    """
    now = parts.clock.now()
    async with parts.database.reading() as db:
        agreed = await agreed_end(db, proposal_id, now)
    if agreed.erases_on is None:
        raise EndNotAgreed(WhyNot.UNKNOWN)
    if fault := fault_of(agreed.erases_on, now):
        raise EndRefused(fault)
    end = EndOfService(number=1, begun_at=now, erases_on=agreed.erases_on, reason=agreed.reason)
    try:
        async with parts.database.writing() as db:
            db.add(end)
    except IntegrityError:
        raise EndRefused("the service is ending already") from None
    return end


async def takes_new(db: AsyncSession) -> None:
    """Raises ServiceCloses once the end has begun."""
    if await the_end(db) is not None:
        raise ServiceCloses


async def nothing_new_at_the_end(request: Request, parts: RequestFoundation) -> None:
    """A dependency of every route: those that take something new are shut. Raises ServiceCloses.

    If the database can't be asked, nothing new is taken.
    """
    endpoint = request.scope.get("endpoint")
    if is_closed(request.method, getattr(endpoint, "__name__", "")):
        async with parts.database.reading() as db:
            await takes_new(db)
