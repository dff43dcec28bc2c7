"""`secuhome backup` and `secuhome restore`: the database in a file, and back."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from server.backups.ageing import delete_aged
from server.backups.backing_up import Made, back_up
from server.backups.refusals import BAD_TOMBSTONES, NO_TOMBSTONES, BackupRefused
from server.backups.restoring import Restored, restore
from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import load_settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.privacy.limits_file import legal_limits
from server.privacy.tombstone_file import BadTombstones, TombstoneFile, earliest, tombstones_of


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    *,
    replace: Annotated[bool, typer.Option("--replace", help="Over one that is there.")] = False,
    keep_days: Annotated[
        int | None,
        typer.Option(
            help="Then delete our backups in that folder that are older; by default the setting's.",
            min=1,
            max=3650,
        ),
    ] = None,
) -> None:
    """Write all of the database into an encrypted file, while servers run."""
    settings = load_settings()
    keys, clock = load_keys(settings), SystemClock()
    tombstones_of(settings, keys).add([], clock.now())  # from now on there is one to take along

    async def run() -> Made:
        database = Database(settings.database)
        try:
            return await back_up(database, keys, settings.cell, clock, file, replace=replace)
        finally:
            await database.close()

    made = asyncio.run(run())
    typer.echo(f"{made.rows} rows of {len(made.counts)} tables are in {file}")
    keep = settings.backup_keep if keep_days is None else timedelta(days=keep_days)
    for aged in delete_aged(file.parent, keys, settings.cell, clock.now(), keep):
        typer.echo(f"deleted {aged}, which is older than {keep.days} days")


def restore_(
    file: Annotated[Path, typer.Argument(help="A file that `secuhome backup` wrote.")],
    *,
    tombstones: Annotated[
        list[Path] | None,
        typer.Option(help="A list of people who were erased; may be given several times."),
    ] = None,
    without_tombstones: Annotated[
        bool, typer.Option("--without-tombstones", help="Nobody was erased since the backup.")
    ] = False,
) -> None:
    """Bring a backup back, into an empty database. Whoever was erased since is erased again."""
    settings = load_settings()
    keys = load_keys(settings)
    lists = [TombstoneFile(it, keys) for it in tombstones or ()]
    if not lists and not without_tombstones:
        lists = [tombstones_of(settings, keys)]
    erased = _erased(lists)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    vault = Vault(keys, SystemClock())
    limits = legal_limits(settings)
    done = asyncio.run(restore(settings.database, vault, settings.cell, file, erased, limits))
    _tell(done, len(erased))


def _erased(lists: list[TombstoneFile]) -> dict[str, datetime]:
    try:
        return earliest(one for it in lists for one in it.erased().items())
    except FileNotFoundError:
        raise BackupRefused(NO_TOMBSTONES) from None
    except BadTombstones:
        raise BackupRefused(BAD_TOMBSTONES) from None


def _tell(done: Restored, erased: int) -> None:
    typer.echo(f"{done.rows} rows of {len(done.counts)} tables, as of {done.made_at:%F %T} UTC")
    typer.echo(f"{erased} people are in the list of those who were erased; they are erased again")
    typer.echo("every sign-in was ended")
