"""`secuhome vault`: the key file, and what is sealed under it."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import BadSettings, load_settings
from server.foundation.vault import rotation
from server.foundation.vault.checking import check as check_all
from server.foundation.vault.key_file import SETTING, FileKeys, load_keys, make_key_file
from server.foundation.vault.keyring import Vault
from server.migrations.known_tables import METADATA

vault_app = typer.Typer(help="The master key, and what is sealed under it (docs/operations.md).")
BROKEN: Final = 1


@vault_app.command()
def make_key(
    file: Annotated[Path, typer.Argument(help="The file; there must be none yet.")],
) -> None:
    """Make a new key file for a new installation."""
    if file.exists():
        raise BadSettings(f"{file} is there already; it may be the only key to a database")
    make_key_file(file)
    typer.echo(f"made {file}; keep a copy, apart from the database and its backups")


@vault_app.command()
def add_version(file: Annotated[Path, typer.Argument(help="The key file.")]) -> None:
    """Put a new version into the key file, for `rotate` to use once every process has the file."""
    with _file_can_be_written():
        version = FileKeys(file).add_version()
    typer.echo(f"version {version} is the current one")


@vault_app.command()
def rotate(
    *,
    batch: Annotated[
        int, typer.Option(help="Subject keys at each step.", min=1, max=10_000)
    ] = rotation.BATCH,
) -> None:
    """Change the master key. May run while servers do; run it again if it was broken off."""

    async def work(database: Database, vault: Vault) -> None:
        with _file_can_be_written():
            version = await rotation.new_version(database, vault.keys)
        typer.echo(f"version {version} is the current one")
        async for step in rotation.rewrap(database, vault.keys, batch):
            typer.echo(f"{step.done} subject keys wrapped anew, {step.left} left")

    _with_database(work)


@vault_app.command()
def check() -> None:
    """Open every sealed value. Prints how many there are in each column, and no value."""
    broken = 0

    async def work(database: Database, vault: Vault) -> None:
        nonlocal broken
        typer.echo(f"{'table':20}{'column':20}{'open':>10}{'erased':>10}{'broken':>10}")
        async for found in check_all(database, vault, METADATA.sorted_tables):
            counts = f"{found.open:>10}{found.erased:>10}{found.broken:>10}"
            typer.echo(f"{found.table:20}{found.column:20}{counts}")
            broken += found.broken

    _with_database(work)
    if broken:
        typer.echo(f"{broken} values don't open, or aren't found by their index", err=True)
        raise typer.Exit(BROKEN)


@contextmanager
def _file_can_be_written() -> Generator[None]:
    try:
        yield
    except OSError as why:
        raise BadSettings(
            f"{SETTING}: the file can't be written here ({why.strerror}); run "
            "`secuhome vault add-version` where it can"
        ) from None


def _with_database(work: Callable[[Database, Vault], Awaitable[None]]) -> None:
    settings = load_settings()
    vault = Vault(load_keys(settings), SystemClock())

    async def run() -> None:
        database = Database(settings.database, vault)
        try:
            await database.recognise_keys()
            await work(database, vault)
        finally:
            await database.close()

    asyncio.run(run())
