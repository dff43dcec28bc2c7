"""`secuhome consents check`: choices and the audit are as they were written, and uses fit them."""

import asyncio
from typing import Final

import typer

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import load_settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.privacy.chain_check import Checked, check_chains
from server.privacy.use_audit import Audited, audit_uses
from server.security.audit_check import CheckedAudit, check_audit

consents_app = typer.Typer(help="What people chose about purposes (docs/purposes.md).")
BROKEN: Final = 1
MOST_PLACES: Final = 20  # told of the audit; the first is where to look


@consents_app.callback()
def consents() -> None:
    """What people chose about purposes."""  # with one command, typer would drop its name


@consents_app.command()
def check() -> None:
    """Follow every account's chain of choices, the audit's, and each use back to its choice.

    Names the first row that doesn't follow, and the first use that nothing allowed.
    """
    settings = load_settings()

    async def run() -> tuple[Checked, Audited, CheckedAudit]:
        database = Database(settings.database, Vault(load_keys(settings), SystemClock()))
        try:
            await database.recognise_keys()
            audit = await check_audit(database, SystemClock().now())
            return await check_chains(database), await audit_uses(database), audit
        finally:
            await database.close()

    found, uses, audit = asyncio.run(run())
    typer.echo(f"{found.rows} choices, {len(found.broken)} broken chains")
    typer.echo(f"{uses.rows} uses, {len(uses.unfounded)} that no choice allowed")
    typer.echo(f"{audit.entries} looks and acts of staff, {len(audit.broken)} broken")
    if found.broken:
        typer.echo(f"first broken row: {found.broken[0]}", err=True)
    if uses.unfounded:
        typer.echo(f"first use that no choice allowed: {uses.unfounded[0]}", err=True)
    for place in audit.broken[:MOST_PLACES]:
        typer.echo(f"audit: {place}", err=True)
    if found.broken or uses.unfounded or audit.broken:
        raise typer.Exit(BROKEN)
