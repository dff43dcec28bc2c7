"""Backups older than their term are deleted: with the last of them, who was erased is gone.

Only files that a header of this installation stands in are touched, whatever their names; and
never the newest, because a backup that failed must not cost the last one that didn't.
"""

from datetime import datetime, timedelta
from pathlib import Path

from server.backups.records import Header
from server.backups.refusals import BackupRefused
from server.backups.sealed_file import key_of, opened_backup
from server.foundation.vault.keys import KeyProvider


def delete_aged(
    folder: Path, keys: KeyProvider, cell: str, now: datetime, keep: timedelta
) -> list[Path]:
    """Delete the backups of `cell` in the folder that were made before `now - keep`; which.

    The newest stays, however old. A backup that this installation's keys don't open is left alone.
    Raises OSError.
    """
    made_at = {path: it.made_at for path, it in backups_in(folder, keys, cell).items()}
    newest = max(made_at.values(), default=now)
    aged = [path for path, at in made_at.items() if at < now - keep and at < newest]
    for path in aged:
        path.unlink()
    return aged


def backups_in(folder: Path, keys: KeyProvider, cell: str) -> dict[Path, Header]:
    """The backups of `cell` in the folder that our keys open, by what their headers say.

    Raises OSError.
    """
    return {
        path: header
        for path in sorted(folder.iterdir())
        if path.is_file() and (header := _header_of(path, keys, cell)) is not None
    }


def newest_in(folder: Path, keys: KeyProvider, cell: str) -> tuple[Path, Header] | None:
    """The newest backup of `cell` in the folder; None where there is none. Raises OSError."""
    found = backups_in(folder, keys, cell).items()
    return max(found, key=lambda it: it[1].made_at, default=None)


def _header_of(path: Path, keys: KeyProvider, cell: str) -> Header | None:
    try:
        with opened_backup(path) as backup:
            key_of(backup.header, keys, cell)
            return backup.header
    except BackupRefused:
        return None
