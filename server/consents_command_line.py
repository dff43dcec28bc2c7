"""`secuhome consents check`: the history of what people chose is the one that was written."""

import asyncio
from typing import Final

import typer

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import load_settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.privacy.chain_check import Checked, check_chains

consents_app = typer.Typer(help="What people chose about purposes (docs/purposes.md).")
BROKEN: Final = 1


@consents_app.callback()
def consents() -> None:
    """What people chose about purposes."""  # with one command, typer would drop its name


@consents_app.command()
def check() -> None:
    """Follow every account's chain of choices. Names the first row that doesn't follow."""
    settings = load_settings()

    async def run() -> Checked:
        database = Database(settings.database, Vault(load_keys(settings), SystemClock()))
        try:
            await database.recognise_keys()
            return await check_chains(database)
        finally:
            await database.close()

    found = asyncio.run(run())
    typer.echo(f"{found.rows} choices, {len(found.broken)} broken chains")
    if found.broken:
        typer.echo(f"first broken row: {found.broken[0]}", err=True)
        raise typer.Exit(BROKEN)
