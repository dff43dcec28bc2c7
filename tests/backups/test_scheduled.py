"""Backups that nobody has to think of, on two disks; and an alarm when they or the drills fail."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from server.accounts.tables import Account
from server.backups.drill import practise
from server.backups.metrics import WHAT
from server.backups.reading_back import read_back
from server.backups.refusals import DAMAGED, BackupRefused
from server.backups.second_place import TOMBSTONES
from server.foundation.vault.subject_keys import SubjectKey
from server.migrations.known_tables import METADATA
from server.privacy.tombstone_file import TombstoneFile
from tests.backups.conftest import Fresh
from tests.backups.rows import CELL, digests, opened, restored
from tests.backups.test_restored_people import vault_of
from tests.privacy.erasure.test_erasing import erase
from tests.registry.world import World, running_world

DAY = {"hours": 24}
GROWS = {"backup_run", "session", "staff_session"}  # written by the restore, or after the backup


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server, with a folder for backups and one that is another machine's."""
    away = tmp_path / "away"
    away.mkdir()
    where: dict[str, Any] = {"backup_folder": tmp_path / "here", "backup_copy_folder": away}
    async with running_world(tmp_path, database_url, **where) as running:
        yield running


async def look(world: World) -> list[str]:
    """One round, and what the log says of backups in it."""
    structlog.reset_defaults()
    with capture_logs() as lines:
        await world.house.backups.run_due()
    return [it["event"] for it in lines if it["event"].startswith("backup_")]


def alarms(world: World) -> dict[str, set[str]]:
    """What a scrape sees: what is late, and what failed."""
    scraped = {it.name: it.samples for it in world.house.metrics.registry.collect()}
    return {
        state: {it.labels["what"] for it in scraped[f"secuhome_backup_{state}"] if it.value}
        for state in ("late", "failed")
    }


def backups(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.secuhome"))


async def drilled(world: World, path: Path) -> Any:
    """A drill with the list of tombstones that the server keeps."""
    vault, settings = vault_of(world), world.house.foundation.settings
    gone = TombstoneFile(settings.tombstones, vault.keys).erased()
    return await practise(world.database, vault, settings, path, gone)


async def test_a_destroyed_database_comes_back_as_of_its_backup_and_the_erased_do_not(
    world: World, database_kind: str, fresh: Fresh, tmp_path: Path
):
    """All of the machine is lost: what is left is the other one's folder, and the key."""
    away, vault = tmp_path / "away", vault_of(world)
    anna, ben = await world.person(), await world.person()
    before = await digests(world.database.url, vault)
    await look(world)
    late = await world.person()  # after the backup: lost with the disk
    await erase(world, anna, None)
    world.clock.advance(hours=1)
    await look(world)  # an hour later the second place knows of it
    assert len(backups(away)) == 1
    await world.database.close()
    shutil.rmtree(tmp_path / "here")
    (tmp_path / "tombstones").unlink()

    gone = TombstoneFile(away / TOMBSTONES, vault.keys).erased()
    assert set(gone) == {anna.id}
    (path,) = backups(away)
    untouched, other = await fresh(database_kind), await fresh(database_kind)
    await restored(untouched, vault, path)
    after = await digests(untouched, vault)
    assert {it for it in before if before[it] != after[it]} <= GROWS
    await restored(other, vault, path, *gone)
    async with opened(other, vault) as database, database.reading() as db:
        assert await db.get(Account, ben.id) is not None
        assert await db.get(SubjectKey, ben.id) is not None
        assert await db.get(Account, late.id) is None
        assert await db.get(SubjectKey, anna.id) is None


async def test_one_is_made_each_day_and_leaves_after_its_term(world: World, tmp_path: Path):
    here, away = tmp_path / "here", tmp_path / "away"
    await look(world)
    for hour in range(1, 49):
        world.clock.advance(hours=1)
        await look(world)
        assert len(backups(here)) == len(backups(away)) == 1 + hour // 24
    assert alarms(world)["late"] == {"drill"}
    world.clock.advance(days=31)
    await look(world)
    assert [it.name for it in backups(here)] == [it.name for it in backups(away)]
    assert len(backups(here)) == 1
    for folder in (here, away):
        read_back(backups(folder)[0], vault_of(world).keys, CELL)
        assert {it.stat().st_mode & 0o077 for it in backups(folder)} == {0}


async def test_a_second_place_that_is_away_is_an_alarm_and_is_made_up_for(
    world: World, tmp_path: Path
):
    here, away = tmp_path / "here", tmp_path / "away"
    assert await look(world) == ["backup_copy_on_same_disk", "backup_drill_late"]
    away.rename(tmp_path / "unmounted")
    world.clock.advance(**DAY)
    for _ in range(6):
        assert "backup_failed" in await look(world)
        assert alarms(world) == {"late": {"drill"}, "failed": {"backup"}}
        world.clock.advance(hours=1)
    assert not away.exists()  # not made on the wrong disk
    world.clock.advance(seconds=1)
    assert "backup_late" in await look(world)
    assert alarms(world)["late"] == {"backup", "drill"}
    assert len(backups(here)) == 2  # this machine's own is made all the same
    (tmp_path / "unmounted").rename(away)
    world.clock.advance(hours=1)
    assert "backup_failed" not in await look(world)
    assert alarms(world) == {"late": {"drill"}, "failed": set()}
    assert [it.name for it in backups(away)] == [it.name for it in backups(here)]


async def test_a_broken_backup_is_found_by_the_next_look_and_by_a_drill(
    world: World, tmp_path: Path
):
    keys = vault_of(world).keys
    await look(world)
    (path,) = backups(tmp_path / "away")
    whole = path.read_bytes()
    for broken in (whole[:-1], whole[:-20] + bytes([whole[-20] ^ 1]) + whole[-19:]):
        path.write_bytes(broken)
        with pytest.raises(BackupRefused) as refused:
            read_back(path, keys, CELL)
        assert refused.value.refusal == DAMAGED
        with pytest.raises(BackupRefused):
            await drilled(world, path)
        await look(world)
        assert alarms(world)["failed"] == {"drill"}
    path.write_bytes(whole)
    assert (await drilled(world, path)).faults == ()
    await look(world)
    assert alarms(world) == {"late": set(), "failed": set()}
    assert list(tmp_path.glob("drill-*")) == []


async def test_a_missed_drill_is_an_alarm(world: World, tmp_path: Path):
    person = await world.person()
    assert "backup_drill_late" in await look(world)  # nobody has ever practised
    await erase(world, person, None)
    done = await drilled(world, backups(tmp_path / "away")[0])
    assert done.faults == ()
    assert done.restored.counts.keys() == {it.name for it in METADATA.sorted_tables}
    assert await look(world) == []
    assert alarms(world)["late"] == set()
    world.clock.advance(days=114)  # 92, and a quarter of it
    assert "backup_drill_late" not in await look(world)
    for _ in range(2):
        world.clock.advance(**DAY)
        assert "backup_drill_late" in await look(world)
    assert alarms(world)["late"] == {"drill"}
    assert set(WHAT) == {"backup", "drill"}
    await drilled(world, backups(tmp_path / "away")[-1])
    await look(world)
    assert alarms(world)["late"] == set()
