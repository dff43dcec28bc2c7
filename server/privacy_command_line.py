"""`secuhome data-map`, `retention` and `erasures`: what is held, what ends, who is leaving."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import load_settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.migrations.known_tables import METADATA
from server.privacy.data_map import as_json, data_map
from server.privacy.data_map_page import as_html
from server.privacy.erasure import queries
from server.privacy.erasure.tables import Erasure
from server.privacy.limits_file import legal_limits
from server.privacy.retention import Due, end_what_is_over, what_is_over


def show_data_map(
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines (the default).")] = False,
    html: Annotated[bool, typer.Option("--html", help="For people.")] = False,
) -> None:
    """Print what is held about people: purpose, term, erasure, whose (GDPR Art. 30)."""
    if json and html:
        raise typer.BadParameter("choose one of --json and --html")
    mapped = data_map(METADATA)
    typer.echo(as_html(mapped) if html else as_json(mapped), nl=False)


def run_retention(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Delete nothing.")] = False,
) -> None:
    """Delete what is over, as the server does every hour; table, column and count of it."""
    due = asyncio.run(_end_what_is_over(dry_run=dry_run))
    for it in due:
        typer.echo(f"{it.table:24}{it.column:24}{it.count:>10}")
    if not due:
        typer.echo("nothing is over")


def show_erasures() -> None:
    """List the erasures that wait or are under way: begin, last day, next step, account."""
    unfinished = asyncio.run(_unfinished())
    for it in unfinished:
        begins = f"{it.starts_at:%Y-%m-%d %H:%M}"
        typer.echo(f"{begins}  {it.due_on}  {it.next_step:12}  {it.account_id}")
    if not unfinished:
        typer.echo("nobody waits")


async def _unfinished() -> Sequence[Erasure]:
    database = Database(load_settings().database)
    try:
        async with database.reading() as db:
            return await queries.all_unfinished(db)
    finally:
        await database.close()


async def _end_what_is_over(*, dry_run: bool) -> list[Due]:
    settings, clock = load_settings(), SystemClock()
    database, now = Database(settings.database, Vault(load_keys(settings), clock)), clock.now()
    database.limits = legal_limits(settings)
    try:
        async with database.reading() if dry_run else database.writing() as db:
            due = await what_is_over(db, now)
            if not dry_run:
                await end_what_is_over(db, now)
            return due
    finally:
        await database.close()
