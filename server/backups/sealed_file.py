"""A backup as a file: written beside its name and given the name at the end, read with its checks.

The key of a backup is fresh, and wrapped by the master key for the backup's own id.
"""

import fcntl
import os
import secrets
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from server.backups.records import (
    FORMAT,
    LENGTH_BYTES,
    MAGIC,
    Header,
    NotARecord,
    Record,
    header_of,
    records_in,
)
from server.backups.refusals import (
    DAMAGED,
    FILE_BUSY,
    FILE_THERE,
    NO_BACKUP,
    OLD_KEYS,
    OTHER_CELL,
    OTHER_INSTANCE,
    UNKNOWN_SCHEMA,
    BackupRefused,
)
from server.backups.stream_rules import SEALED_BYTES, NotThisStream, opened_chunks
from server.foundation.secret_files import settle
from server.foundation.vault.faults import CannotUnwrap, UnknownMasterVersion
from server.foundation.vault.key_file import INDEX
from server.foundation.vault.keys import KeyProvider, WrappedKey
from server.foundation.vault.sealing_rules import KEY_BYTES

MOST_HEADER_BYTES: Final = 4_096
PART: Final = ".part"


def new_header(
    keys: KeyProvider, backup_id: str, cell: str, revision: str, now: datetime
) -> tuple[Header, bytes]:
    """The header of a new backup, and the key that it holds wrapped."""
    key = secrets.token_bytes(KEY_BYTES)
    wrapped = keys.wrap(backup_id, key)
    instance = keys.check_values()[INDEX]
    return Header(FORMAT, backup_id, cell, instance, revision, now, *wrapped), key


@contextmanager
def file_to_be(path: Path, *, replace: bool) -> Generator[IO[bytes]]:
    """A new file that gets its name when all of it is on the disk; else there is none.

    Only its owner may read it. Raises BackupRefused (FILE_THERE, FILE_BUSY) and OSError.
    """
    part = path.with_name(path.name + PART)
    _see_that_it_is_free(path, replace=replace)
    flags = os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW
    with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
        _be_the_only_one(file, part)
        try:
            os.fchmod(file.fileno(), 0o600)
            file.truncate()  # what a backup that was killed has left
            yield file
            file.flush()
            os.fsync(file.fileno())
            _see_that_it_is_free(path, replace=replace)  # it took a while
            part.rename(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    settle(path.parent)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup file, open behind its header."""

    file: IO[bytes]
    told: bytes  # the header as it stands there; every chunk is bound to it
    header: Header


@contextmanager
def opened_backup(path: Path) -> Generator[Backup]:
    """The backup in this file. Raises BackupRefused (NO_BACKUP, DAMAGED) and OSError."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise BackupRefused(NO_BACKUP)
        length = file.read(LENGTH_BYTES)
        told = file.read(min(int.from_bytes(length), MOST_HEADER_BYTES))
        try:
            yield Backup(file, MAGIC + length + told, header_of(told))
        except NotARecord:
            raise BackupRefused(DAMAGED) from None


def key_of(header: Header, keys: KeyProvider, cell: str) -> bytes:
    """The backup's own key, if the backup is ours to open. Raises BackupRefused."""
    if header.format != FORMAT:
        raise BackupRefused(UNKNOWN_SCHEMA)
    if header.cell != cell:
        raise BackupRefused(OTHER_CELL)
    if header.instance != keys.check_values()[INDEX]:
        raise BackupRefused(OTHER_INSTANCE)
    try:
        return keys.unwrap(header.id, WrappedKey(header.master_version, header.wrapped_key))
    except UnknownMasterVersion:
        raise BackupRefused(OLD_KEYS) from None
    except CannotUnwrap:
        raise BackupRefused(DAMAGED) from None


def records_of(backup: Backup, key: bytes) -> Iterator[Record]:
    """What is told behind the header. Raises BackupRefused (DAMAGED) where it isn't ours."""
    try:
        yield from records_in(opened_chunks(_blocks(backup.file), key, backup.told))
    except (NotThisStream, NotARecord):
        raise BackupRefused(DAMAGED) from None


def _blocks(file: IO[bytes]) -> Iterable[bytes]:
    return iter(lambda: file.read(SEALED_BYTES), b"")


def _see_that_it_is_free(path: Path, *, replace: bool) -> None:
    if path.exists() and not replace:
        raise BackupRefused(FILE_THERE)


def _be_the_only_one(file: IO[bytes], part: Path) -> None:
    """Hold the file. One who waited meanwhile finds that the name has gone, or is another's."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        same = os.path.samestat(os.fstat(file.fileno()), part.stat())
    except (BlockingIOError, FileNotFoundError):
        same = False
    if not same:
        raise BackupRefused(FILE_BUSY)
