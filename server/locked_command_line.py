"""`secuhome locked`: what only a law still keeps, and opening it for that law."""

from typing import Annotated

import msgspec
import typer
from sqlmodel import col, select

from server.foundation.settings import BadSettings
from server.foundation.vault.faults import CannotOpen
from server.house_for_a_command import with_house
from server.main import House
from server.privacy.erasure.hold_rules import Hold, last_day
from server.privacy.erasure.tables import LockedData
from server.privacy.locking import opened_for
from server.staff_word import password_of, proven_staff


def show_locked(
    open_: Annotated[str | None, typer.Option("--open", help="The id of what to open.")] = None,
    law: Annotated[
        str | None, typer.Option(help="The law that demands it, as it is listed.")
    ] = None,
    by: Annotated[
        str | None, typer.Option(help="Your name on the staff; the password is asked for.")
    ] = None,
) -> None:
    """List what is locked (id, last day, account, fields, law), or open one for its law.

    Who opens something is in the audit.
    """
    if open_ is not None and law is not None and by is not None:
        password = password_of(by)
        lines = with_house(lambda house: _opened(house, open_, law, by, password))
    elif open_ is None and law is None and by is None:
        lines = with_house(_listed)
    else:
        raise typer.BadParameter("give --open, --law and --by together")
    for line in lines:
        typer.echo(line)


async def _opened(house: House, locked_id: str, law: str, by: str, password: str) -> list[str]:
    parts, member = house.foundation, await proven_staff(house, by, password)
    try:
        async with parts.database.writing() as db:
            now = parts.clock.now()
            told = await opened_for(db, parts.ids, member.id, locked_id, law, now)
    except (CannotOpen, LookupError):
        raise BadSettings("there is nothing of this id that this law keeps") from None
    return [msgspec.json.encode(it).decode() for it in told]


async def _listed(house: House) -> list[str]:
    async with house.foundation.database.reading() as db:
        rows = (await db.exec(select(LockedData).order_by(col(LockedData.until)))).all()
    return [
        f"{it.id}  {last_day(Hold('', it.until))}  {it.account_id or '-'}  {it.fields}  {it.law}"
        for it in rows
    ] or ["nothing is locked"]
