"""`secuhome locked`: what only a law still keeps, and opening it for that law."""

import asyncio
from typing import Annotated

import msgspec
import typer
from sqlmodel import col, select

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import BadSettings, load_settings
from server.foundation.vault.faults import CannotOpen
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.privacy.erasure.hold_rules import Hold, last_day
from server.privacy.erasure.tables import LockedData
from server.privacy.locking import opened_for


def show_locked(
    open_: Annotated[str | None, typer.Option("--open", help="The id of what to open.")] = None,
    law: Annotated[
        str | None, typer.Option(help="The law that demands it, as it is listed.")
    ] = None,
) -> None:
    """List what is locked (id, last day, account, fields, law), or open one for its law."""
    if (open_ is None) != (law is None):
        raise typer.BadParameter("give --open and --law together")
    for line in asyncio.run(_lines(open_, law)):
        typer.echo(line)


async def _lines(locked_id: str | None, law: str | None) -> list[str]:
    settings = load_settings()
    database = Database(settings.database, Vault(load_keys(settings), SystemClock()))
    try:
        async with database.reading() as db:
            if locked_id is not None and law is not None:
                told = await opened_for(db, locked_id, law)
                return [msgspec.json.encode(it).decode() for it in told]
            rows = (await db.exec(select(LockedData).order_by(col(LockedData.until)))).all()
    except (CannotOpen, LookupError):
        raise BadSettings("there is nothing of this id that this law keeps") from None
    finally:
        await database.close()
    return [
        f"{it.id}  {last_day(Hold('', it.until))}  {it.account_id or '-'}  {it.fields}  {it.law}"
        for it in rows
    ] or ["nothing is locked"]
