"""Backups leave after their term, and no other file with them."""

from datetime import timedelta
from pathlib import Path

from server.backups.ageing import delete_aged
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from tests.backups.rows import BEFORE, CELL, backed_up, fill_much
from tests.movable_clock import MovableClock

KEEP = timedelta(days=30)


async def test_what_is_older_than_its_term_is_deleted(
    database_url: str, keys: FileKeys, tmp_path: Path
):
    folder, clock = tmp_path / "backups", MovableClock(BEFORE)
    folder.mkdir()
    await fill_much(database_url, Vault(keys, clock), 1)
    for day in range(40):
        if day % 10 == 0:
            await backed_up(database_url, Vault(keys, clock), folder / f"day-{day}")
        clock.advance(days=1)
    clock.advance(days=-10)  # the morning of day 30
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == []
    clock.advance(seconds=1)
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == [folder / "day-0"]
    clock.advance(days=15)
    deleted = delete_aged(folder, keys, CELL, clock.now(), KEEP)
    assert deleted == [folder / "day-10"]
    assert sorted(it.name for it in folder.iterdir()) == ["day-20", "day-30"]


async def test_what_is_not_ours_stays(database_url: str, keys: FileKeys, tmp_path: Path):
    folder, clock = tmp_path / "backups", MovableClock(BEFORE)
    folder.mkdir()
    await fill_much(database_url, Vault(keys, clock), 1)
    await backed_up(database_url, Vault(keys, clock), folder / "ours")
    (folder / "notes").write_bytes(b"SecuHome backup")
    (folder / "below").mkdir()
    whole = (folder / "ours").read_bytes()
    (folder / "changed").write_bytes(whole.replace(b'"id":"bak_', b'"id":"bac_', 1))
    clock.advance(days=1_000)
    make_key_file(tmp_path / "another.key")
    others = FileKeys(tmp_path / "another.key")
    for other_keys, cell in ((others, CELL), (keys, "us1")):
        assert delete_aged(folder, other_keys, cell, clock.now(), KEEP) == []
    assert delete_aged(folder, keys, CELL, clock.now(), KEEP) == [folder / "ours"]
    assert sorted(it.name for it in folder.iterdir()) == ["below", "changed", "notes"]
