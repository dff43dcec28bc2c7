"""Every reason not to make a backup or not to restore one, each with its remedy.

They are in a table of `docs/operations.md`; none names a person, and none leaves anything changed.
"""

from typing import Final, NamedTuple


class Refusal(NamedTuple):
    """What is wrong, and what to do about it."""

    what: str
    remedy: str


FILE_THERE: Final = Refusal("the file is there already", "name another one, or give --replace")
FILE_BUSY: Final = Refusal(
    "another backup is being written to this file", "wait for it, or name another file"
)
NO_TABLES: Final = Refusal("the database has no tables yet", "run secuhome migrate first")
NO_BACKUP: Final = Refusal("this is no backup", "name a file that secuhome backup wrote")
DAMAGED: Final = Refusal(
    "the backup was damaged, changed or cut off", "fetch another copy of it, or restore another one"
)
OTHER_CELL: Final = Refusal(
    "the backup is of another cell", "restore it there, or set SECUHOME_CELL to that cell's name"
)
OTHER_INSTANCE: Final = Refusal(
    "the backup was made with another master key file, so it is another installation's",
    "set SECUHOME_MASTER_KEY_PATH to the file of the installation that made it",
)
OLD_KEYS: Final = Refusal(
    "the master key file is older than the backup",
    "set SECUHOME_MASTER_KEY_PATH to its newest copy",
)
UNKNOWN_SCHEMA: Final = Refusal(
    "this release doesn't know the backup's schema",
    "restore it with the release that made it, or a newer one",
)
NOT_EMPTY: Final = Refusal(
    "the database isn't empty", "set SECUHOME_DATABASE_URL to one without any tables"
)
NO_TOMBSTONES: Final = Refusal(
    "the list of people who were erased since isn't where SECUHOME_TOMBSTONES_PATH says",
    "name a copy with --tombstones, or give --without-tombstones if nobody was erased",
)
BAD_TOMBSTONES: Final = Refusal(
    "the list of people who were erased was damaged or changed, or is another installation's",
    "name another copy with --tombstones",
)
REFUSALS: Final = (
    *(FILE_THERE, FILE_BUSY, NO_TABLES),
    *(NO_BACKUP, DAMAGED, OTHER_CELL, OTHER_INSTANCE, OLD_KEYS, UNKNOWN_SCHEMA),
    *(NOT_EMPTY, NO_TOMBSTONES, BAD_TOMBSTONES),
)


class BackupRefused(Exception):  # noqa: N818 - says what was done
    """A backup or a restore didn't come about. Nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"{refusal.what}; {refusal.remedy}")
        self.refusal = refusal
