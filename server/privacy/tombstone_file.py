"""Whom we erased, in a file that outlives the database: a restore erases them again.

One line for each: an opaque id, a moment, and a keyed hash over both under the vault's index key.
Lines are added and never changed. Files of several machines may be put together in any order,
and a line may stand there twice.
"""

import fcntl
import os
from collections.abc import Iterable
from datetime import datetime
from hmac import compare_digest
from pathlib import Path
from typing import IO, Final

from server.foundation.file_labels import plain_file
from server.foundation.settings import Settings
from server.foundation.vault.keys import KeyProvider
from server.foundation.vault.sealing_rules import index_of

TOMBSTONES: Final = plain_file(
    "tombstones", "random ids of accounts that are no more; nothing leads from them to anybody"
)
MOST_IN_A_LINE: Final = 4096  # far more than one has; all of a shorter file
PURPOSE: Final = ("tombstones", "line")  # a table and column that there aren't


class BadTombstones(Exception):  # noqa: N818 - says what was found
    """A line isn't one that we wrote with these keys."""


class TombstoneFile:
    """The file, there or not."""

    def __init__(self, path: Path, keys: KeyProvider) -> None:
        self._path, self._keys = path, keys

    def exists(self) -> bool:
        """Whether there is one. An empty one says that nobody was erased."""
        return self._path.exists()

    def add(self, subjects: Iterable[str], now: datetime) -> None:
        """Add these ids; they are on the disk when this returns. None is enough to make the file.

        Call it before the erasure is committed: somebody who is listed and then not erased can be
        erased anew, somebody who was erased and isn't listed comes back. Raises OSError.
        """
        lines = "".join(self._line(subject, now.isoformat()) for subject in subjects)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
        with os.fdopen(number, "a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            _forget_half_a_line(file)
            file.write(lines.encode())
            file.flush()
            os.fsync(file.fileno())

    def erased(self) -> dict[str, datetime]:
        """Each id with its earliest moment. Raises BadTombstones and OSError."""
        told = self._path.read_bytes()
        whole = told[: told.rfind(b"\n") + 1]  # the rest was being written when the power failed
        return earliest(self._read(line) for line in whole.splitlines())

    def _line(self, subject: str, at: str) -> str:
        return f"{subject} {at} {self._hash(subject, at)}\n"

    def _read(self, line: bytes) -> tuple[str, datetime]:
        try:
            subject, at, found = line.decode("ascii").split(" ")
        except ValueError:
            raise BadTombstones from None
        if not compare_digest(found, self._hash(subject, at)):
            raise BadTombstones
        return subject, datetime.fromisoformat(at)

    def _hash(self, subject: str, at: str) -> str:
        return index_of(self._keys.index_key(), *PURPOSE, (subject, at)).hex()


def earliest(told: Iterable[tuple[str, datetime]]) -> dict[str, datetime]:
    """Each id once, in the order that they come in, with the earliest of its moments."""
    found: dict[str, datetime] = {}
    for subject, at in told:
        found[subject] = min(at, found.get(subject, at))
    return found


def tombstones_of(settings: Settings, keys: KeyProvider) -> TombstoneFile:
    """The file that the settings name: by default in the data folder."""
    return TombstoneFile(settings.tombstones, keys)


def _forget_half_a_line(file: IO[bytes]) -> None:
    """Cut off what a power failure left of a line: who wrote it never heard that it was written."""
    begin = file.seek(0, os.SEEK_END)
    found = -1
    while begin and found < 0:  # once, unless there is junk
        end, begin = begin, max(0, begin - MOST_IN_A_LINE)
        file.seek(begin)
        found = file.read(end - begin).rfind(b"\n")
    file.truncate(begin + found + 1)
