"""Makes backups by itself, as the settings say: every hour it looks whether one is due.

A backup counts once it was read back to its end, here and in the second folder. What fails is told
in the log and tried again at the next look. Whatever makes them, how they stand is looked at: late
ones are told in the log each hour, and in the metrics.
"""

import asyncio
import fcntl
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from server.backups.ageing import delete_aged, newest_in
from server.backups.backing_up import back_up
from server.backups.metrics import BackupMetrics
from server.backups.records import Header
from server.backups.refusals import BackupRefused
from server.backups.register import known_runs, remember
from server.backups.schedule_rules import Kind, Terms, is_due, late
from server.backups.second_place import (
    copy_backup,
    copy_tombstones,
    read_or_remove,
    tell_of_one_disk,
)
from server.foundation.log import log_fault
from server.foundation.requests import Foundation
from server.foundation.rounds import in_rounds
from server.foundation.settings import Settings
from server.foundation.vault.faults import VaultFault
from server.foundation.vault.keys import KeyProvider
from server.privacy.tombstone_file import tombstones_of

HOURLY_S: Final = 3_600
FAULTS: Final = (SQLAlchemyError, OSError, VaultFault, BackupRefused)
LATE: Final = {Kind.BACKUP: "backup_late", Kind.DRILL: "backup_drill_late"}
LOCK: Final = ".turn"
log = structlog.get_logger()


def terms_of(settings: Settings) -> Terms:
    """How often the settings want backups and drills."""
    return Terms(settings.backup_every, settings.backup_drill_every)


class BackupWork:
    """The backups of one process with HTTP. Of several, one makes them: whoever has the lock."""

    def __init__(self, foundation: Foundation, keys: KeyProvider, metrics: BackupMetrics) -> None:
        self._parts, self._keys, self._metrics = foundation, keys, metrics

    async def keep_on(self, over: asyncio.Event) -> None:
        """Make what is due until `over`."""
        await in_rounds("backups", self.run_due, HOURLY_S, over)

    async def run_due(self) -> None:
        """Make a backup if one is due, then see what is late. Raises SQLAlchemyError."""
        settings = self._parts.settings
        if settings.backup_folder is not None:
            await self._make_due(settings.backup_folder, settings.backup_copy_folder)
        if settings.backup_folder is not None or settings.mode == "production":
            await self._watch()

    async def _make_due(self, folder: Path, second: Path | None) -> None:
        cell = self._parts.settings.cell
        header: Header | None = None
        try:
            with _turn(folder) as ours:
                if not ours:
                    return
                path: Path | None = None
                if await self._is_due():
                    path, header = await self._fresh(folder)
                    await asyncio.to_thread(read_or_remove, path, self._keys, cell)
                if second is not None:
                    await asyncio.to_thread(self._carry_tombstones, second)
                if path is None:
                    return
                if second is not None:
                    await asyncio.to_thread(tell_of_one_disk, folder, second)
                    await asyncio.to_thread(copy_backup, path, second, self._keys, cell)
        except FAULTS as fault:
            log_fault("backup_failed", fault)
            await self._remember(header, whole=False)
        else:
            await self._remember(header, whole=True)
            for place in filter(None, (folder, second)):
                await asyncio.to_thread(self._delete_aged, place)

    async def _is_due(self) -> bool:
        parts = self._parts
        async with parts.database.reading() as db:
            newest = (await known_runs(db))[Kind.BACKUP].newest
        return is_due(newest, parts.settings.backup_every, parts.clock.now())

    async def _fresh(self, folder: Path) -> tuple[Path, Header]:
        """The newest backup in the folder: a new one, unless one is left that wasn't copied yet."""
        parts, settings = self._parts, self._parts.settings
        found = await asyncio.to_thread(newest_in, folder, self._keys, settings.cell)
        if found and not is_due(found[1].made_at, settings.backup_every, parts.clock.now()):
            return found
        path = folder / f"{settings.cell}-{parts.clock.now():%Y-%m-%dT%H%M%SZ}.secuhome"
        made = await back_up(parts.database, self._keys, settings.cell, parts.clock, path)
        return path, made.header

    async def _watch(self) -> None:
        async with self._parts.database.reading() as db:
            known = await known_runs(db)
        late_ones = late(known, terms_of(self._parts.settings), self._parts.clock.now())
        self._metrics.looked(known, late_ones)
        for kind in sorted(late_ones):
            log.error(LATE[kind])  # at every look: it can't be got used to silently

    async def _remember(self, header: Header | None, *, whole: bool) -> None:
        parts = self._parts
        now = parts.clock.now()
        await remember(parts.database, parts.ids, Kind.BACKUP, now, header, whole=whole)

    def _carry_tombstones(self, second: Path) -> None:
        settings = self._parts.settings
        tombstones_of(settings, self._keys).add([], self._parts.clock.now())
        copy_tombstones(settings.tombstones, second)

    def _delete_aged(self, folder: Path) -> None:
        settings, now = self._parts.settings, self._parts.clock.now()
        delete_aged(folder, self._keys, settings.cell, now, settings.backup_keep)


@contextmanager
def _turn(folder: Path) -> Generator[bool]:
    """Whether it is our turn to look into the folder; it ends with the process, too."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / LOCK).open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
