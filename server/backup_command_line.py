"""`secuhome backup` and `restore`: the database in a file, and back; checks and drills."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from server.backups.ageing import backups_in, delete_aged, newest_in
from server.backups.backing_up import Made, back_up
from server.backups.drill import Drilled, practise
from server.backups.reading_back import read_back
from server.backups.refusals import BAD_TOMBSTONES, NO_BACKUP, NO_TOMBSTONES, BackupRefused
from server.backups.register import remember
from server.backups.restoring import Restored, restore
from server.backups.schedule_rules import Kind
from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.ids import Ids
from server.foundation.settings import Settings, load_settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.foundation.vault.keys import KeyProvider
from server.privacy.limits_file import legal_limits
from server.privacy.tombstone_file import BadTombstones, TombstoneFile, earliest, tombstones_of

BROKEN: Final = 1


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
            made = await back_up(database, keys, settings.cell, clock, file, replace=replace)
            read_back(file, keys, settings.cell)
            ids = Ids(settings.cell, clock)
            await remember(database, ids, Kind.BACKUP, clock.now(), made.header, whole=True)
            return made
        finally:
            await database.close()

    made = asyncio.run(run())
    typer.echo(f"{made.rows} rows of {len(made.counts)} tables are in {file}")
    keep = settings.backup_keep if keep_days is None else timedelta(days=keep_days)
    for aged in delete_aged(file.parent, keys, settings.cell, clock.now(), keep):
        typer.echo(f"deleted {aged}, which is older than {keep.days} days")


def backup_check(
    path: Annotated[Path, typer.Argument(help="A backup, or a folder of them.")],
) -> None:
    """Read backups to their end, as a restore would, and say which are whole."""
    settings = load_settings()
    keys, cell = load_keys(settings), settings.cell
    files = list(backups_in(path, keys, cell)) if path.is_dir() else [path]
    if not files:
        raise BackupRefused(NO_BACKUP)
    broken = 0
    for file in files:
        try:
            header = read_back(file, keys, cell)
        except BackupRefused as why:
            broken += 1
            typer.echo(f"{file}: {why}", err=True)
        else:
            typer.echo(f"{file}: whole, as of {header.made_at:%F %T} UTC")
    if broken:
        raise typer.Exit(BROKEN)


def backup_drill(
    file: Annotated[
        Path | None, typer.Argument(help="A backup; by default the newest of the settings' folder.")
    ] = None,
) -> None:
    """Restore a backup into a database that is thrown away, look at it, and remember the drill.

    Nothing of the server's database is changed but the register of drills.
    """
    settings = load_settings()
    keys, clock = load_keys(settings), SystemClock()
    path = file or _newest(settings, keys)
    erased = _erased([tombstones_of(settings, keys)])

    async def run() -> Drilled:
        database = Database(settings.database)
        try:
            return await practise(database, Vault(keys, clock), settings, path, erased)
        finally:
            await database.close()

    done = asyncio.run(run())
    restored = done.restored
    typer.echo(f"{path}: {restored.rows} rows as of {restored.made_at:%F %T} UTC came back")
    for fault in done.faults:
        typer.echo(fault, err=True)
    if done.faults:
        raise typer.Exit(BROKEN)
    typer.echo(f"all of it opens, and none of {len(erased)} erased people came back")


def _newest(settings: Settings, keys: KeyProvider) -> Path:
    """The newest backup: the one in the second place, if there is such a place."""
    folder = settings.backup_copy_folder or settings.backup_folder
    if folder is None:
        raise typer.BadParameter("name a file, or set SECUHOME_BACKUP_FOLDER")
    found = newest_in(folder, keys, settings.cell)
    if found is None:
        raise BackupRefused(NO_BACKUP)
    return found[0]


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
