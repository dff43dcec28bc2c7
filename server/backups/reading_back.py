"""A backup is read to its end, as a restore would, and nothing is done with what it says.

So a file that was damaged on its disk is found before somebody needs it.
"""

from collections.abc import Iterator
from pathlib import Path

from server.backups import records
from server.backups.records import Header
from server.backups.refusals import DAMAGED, BackupRefused
from server.backups.sealed_file import key_of, opened_backup, records_of
from server.foundation.vault.keys import KeyProvider


def read_back(path: Path, keys: KeyProvider, cell: str) -> Header:
    """The header of a backup that is whole to its last byte. Raises BackupRefused, OSError."""
    with opened_backup(path) as backup:
        _follow(records_of(backup, key_of(backup.header, keys, cell)))
        return backup.header


def _follow(told: Iterator[records.Record]) -> None:
    counts, table = dict[str, int](), None
    ended = False
    for record in told:  # to the end of the stream: its last chunk must be there too
        match record:
            case records.Table(name) if not ended:
                table, counts[name] = name, 0
            case records.Rows(rows) if table is not None and not ended:
                counts[table] += len(rows)
            case records.End(expected) if expected == counts and not ended:
                ended = True
            case _:
                raise BackupRefused(DAMAGED)
    if not ended:
        raise BackupRefused(DAMAGED)
