"""Copies in a second folder: a mount from another machine, which survives the loss of this one.

The folder must be there: a mount that is away would otherwise be a folder of the same disk.
"""

import shutil
from pathlib import Path
from typing import Final

import structlog

from server.backups.reading_back import read_back
from server.backups.refusals import DAMAGED, BackupRefused
from server.backups.sealed_file import file_to_be
from server.foundation.vault.keys import KeyProvider

TOMBSTONES: Final = "tombstones"
log = structlog.get_logger()


def copy_backup(path: Path, folder: Path, keys: KeyProvider, cell: str) -> None:
    """See that the backup lies whole in the second folder too. Raises BackupRefused, OSError."""
    there = folder / path.name
    if not there.exists():
        with path.open("rb") as source, file_to_be(there, replace=True) as file:
            shutil.copyfileobj(source, file)
    read_or_remove(there, keys, cell)


def read_or_remove(path: Path, keys: KeyProvider, cell: str) -> None:
    """Read a backup to its end; a damaged one is deleted, so that it is made or copied anew.

    Raises BackupRefused and OSError.
    """
    try:
        read_back(path, keys, cell)
    except BackupRefused as why:
        if why.refusal == DAMAGED:
            path.unlink()
        raise


def copy_tombstones(path: Path, folder: Path) -> None:
    """Put the list of people who were erased into the second folder, beside what is there.

    Lines are put together and none is taken away: several machines may share the folder, and one
    that was made anew has an empty list. Raises BackupRefused (FILE_BUSY) and OSError.
    """
    there = folder / TOMBSTONES
    known = there.read_bytes() if there.exists() else b""
    ours = path.read_bytes()
    lines = dict.fromkeys(it for it in (known + ours).splitlines(keepends=True) if it[-1:] == b"\n")
    together = b"".join(lines)
    if together != known or not there.exists():
        with file_to_be(there, replace=True) as file:
            file.write(together)


def tell_of_one_disk(folder: Path, other: Path) -> None:
    """Warn in the log where both folders are lost with the same disk. Raises OSError."""
    if folder.stat().st_dev == other.stat().st_dev:
        log.warning("backup_copy_on_same_disk")
