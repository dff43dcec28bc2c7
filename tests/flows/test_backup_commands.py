"""Backup and restore in an operator's hands: refused in a line, and killed at any moment."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select
from typer.testing import CliRunner

from server.backups import refusals
from server.backups.tables import BackupRun
from server.command_line import app
from server.foundation.clock import SystemClock
from server.foundation.settings import Settings
from server.foundation.vault.key_file import FileKeys, load_keys
from server.foundation.vault.keyring import Vault
from server.migrations.migrate import is_current
from server.privacy.tombstone_file import TombstoneFile
from tests.backups.rows import backed_up, fill_much, opened, tables_at
from tests.databases import empty_postgres
from tests.flows.server_process import running_server, secuhome
from tests.movable_clock import MovableClock

pytestmark = pytest.mark.flow


@pytest.fixture
async def other_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[str]:
    """A second database of the same kind, empty."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'other.sqlite'}"
        return
    async with empty_postgres(request.getfixturevalue("postgres_address")) as url:
        yield url


def vault_in(folder: Path) -> Vault:
    return Vault(load_keys(Settings(data_dir=folder)), SystemClock())


@asynccontextmanager
async def running(*command: str, **settings: str) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A command that is killed at the end, if it is there still."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.command_line", *command),
        env={**os.environ, **{f"SECUHOME_{name}": value for name, value in settings.items()}},
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
        await process.communicate()


async def test_a_backup_that_is_killed_leaves_no_file_under_its_name(
    database_url: str, other_url: str, tmp_path: Path
):
    where = {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url}
    await fill_much(database_url, vault_in(tmp_path), 40_000)
    path, part = tmp_path / "backup", tmp_path / "backup.part"
    async with running("backup", str(path), **where) as process:
        while not (part.exists() and part.stat().st_size):
            assert process.returncode is None
            await asyncio.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    assert part.exists()  # it was in the middle
    assert not path.exists()
    status, out, err = await secuhome("backup", str(path), **where)
    assert (status, err) == (0, "")
    assert out.startswith("40003 rows of ")
    assert not part.exists()
    status, _, err = await secuhome("restore", str(path), **{**where, "DATABASE_URL": other_url})
    assert (status, err) == (0, "")


async def test_a_restore_that_is_killed_leaves_an_empty_database(
    database_url: str, other_url: str, tmp_path: Path
):
    where = {"DATA_DIR": str(tmp_path), "DATABASE_URL": database_url}
    await fill_much(database_url, vault_in(tmp_path), 20_000)
    path, pipe = tmp_path / "backup", tmp_path / "pipe"
    await secuhome("backup", str(path), **where)
    whole = path.read_bytes()
    os.mkfifo(pipe)
    where["DATABASE_URL"] = other_url
    async with running("restore", str(pipe), **where) as process:
        # it has read nearly all that was written when this returns, and waits for the rest
        number = await asyncio.to_thread(_write_half, pipe, whole)
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        os.close(number)
    assert await tables_at(other_url, vault_in(tmp_path)) == []
    status, out, err = await secuhome("restore", str(path), **where)
    assert (status, err) == (0, "")
    assert "20003 rows" in out
    assert await is_current(other_url)


def _write_half(pipe: Path, whole: bytes) -> int:
    """Write half; the pipe is left open, because its end would be the end of the file."""
    number = os.open(pipe, os.O_WRONLY)
    rest = memoryview(whole)[: len(whole) // 2]
    while rest:
        rest = rest[os.write(number, rest) :]
    return number


async def test_a_new_backup_takes_the_place_of_those_whose_term_is_over(tmp_path: Path):
    where = {"DATA_DIR": str(tmp_path / "var")}
    folder, keys = tmp_path / "backups", vault_in(tmp_path / "var").keys
    folder.mkdir()
    url = Settings(data_dir=tmp_path / "var").database
    await fill_much(url, vault_in(tmp_path / "var"), 1)
    for age in (31, 29, 3):
        then = MovableClock(datetime.now(UTC) - timedelta(days=age))
        await backed_up(url, Vault(keys, then), folder / f"{age} days old")
    status, out, err = await secuhome("backup", str(folder / "new"), **where)
    assert (status, err) == (0, "")
    assert out.splitlines()[1:] == [
        f"deleted {folder / '31 days old'}, which is older than 30 days"
    ]
    await secuhome("backup", str(folder / "newer"), BACKUP_KEEP_DAYS="28", **where)
    assert sorted(it.name for it in folder.iterdir()) == ["3 days old", "new", "newer"]
    status, out, _ = await secuhome("backup", str(folder / "last"), "--keep-days", "2", **where)
    assert sorted(it.name for it in folder.iterdir()) == ["last", "new", "newer"]


async def test_people_of_a_lost_server_are_there_again(tmp_path: Path):
    """The disk is lost; what was kept elsewhere is the key, a backup and the list of tombstones."""
    lost, kept = tmp_path / "lost", tmp_path / "kept"
    kept.mkdir()
    body = {"email": "canary@example.com", "password": "violet ladder under tin rain", "area": "PT"}
    async with running_server(lost) as server, httpx.AsyncClient(base_url=server.url) as http:
        assert (await http.post("/v1/registrations", json=body)).status_code == 202
        status, out, err = await secuhome("backup", str(kept / "backup"), DATA_DIR=str(lost))
        assert (status, err) == (0, "")
        assert f" are in {kept / 'backup'}" in out
    for name in ("master.key", "tombstones"):
        (lost / name).rename(kept / name)
    new = {
        "DATA_DIR": str(tmp_path / "new"),
        "MASTER_KEY_PATH": str(kept / "master.key"),
        "TOMBSTONES_PATH": str(kept / "tombstones"),
    }
    status, out, err = await secuhome("restore", str(kept / "backup"), **new)
    assert (status, err) == (0, "")
    assert out.splitlines()[0].endswith(" UTC")
    status, out, _ = await secuhome("vault", "check", **new)
    assert status == 0
    assert ["registration", "email", "1", "0", "0"] in [it.split() for it in out.splitlines()]
    status, _, _ = await secuhome("consents", "check", **new)
    assert status == 0
    async with running_server(tmp_path / "new", **new) as server:
        assert "fault" not in (server.folder / "server.log").read_text()


REFUSED = {
    "no file": (["restore", "nowhere"], "nowhere No such file or directory"),
    "no backup": (["restore", "master.key"], str(refusals.BackupRefused(refusals.NO_BACKUP))),
    "not empty": (["restore", "backup"], str(refusals.BackupRefused(refusals.NOT_EMPTY))),
    "another cell": (["restore", "us1"], str(refusals.BackupRefused(refusals.OTHER_CELL))),
    "is there": (["backup", "backup"], str(refusals.BackupRefused(refusals.FILE_THERE))),
    "no list": (
        ["restore", "backup", "--tombstones", "nowhere"],
        str(refusals.BackupRefused(refusals.NO_TOMBSTONES)),
    ),
    "a foreign list": (
        ["restore", "backup", "--tombstones", "foreign"],
        str(refusals.BackupRefused(refusals.BAD_TOMBSTONES)),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_refused_is_told_in_a_line(name: str, tmp_path: Path):
    where = {"DATA_DIR": str(tmp_path)}
    await fill_much(Settings(data_dir=tmp_path).database, vault_in(tmp_path), 1)
    await secuhome("backup", str(tmp_path / "backup"), **where)
    await secuhome("backup", str(tmp_path / "us1"), CELL="us1", **where)
    await secuhome("vault", "make-key", str(tmp_path / "foreign.key"))
    foreign = FileKeys(tmp_path / "foreign.key")
    TombstoneFile(tmp_path / "foreign", foreign).add(["acc_1"], datetime.now(UTC))
    (command, *arguments), told = REFUSED[name]
    files = [it if it.startswith("-") else str(tmp_path / it) for it in arguments]
    status, out, err = await secuhome(command, *files, **where)
    assert (status, out) == (1, "")
    assert err.strip().endswith(told)
    assert len(err.strip().splitlines()) == 1


async def test_whole_backups_and_drills_are_told_from_broken_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder, var = tmp_path / "backups", tmp_path / "var"
    folder.mkdir()
    monkeypatch.setenv("SECUHOME_DATA_DIR", str(var))
    monkeypatch.setenv("SECUHOME_BACKUP_FOLDER", str(folder))

    async def said(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, app, arguments)

    url = Settings(data_dir=var).database
    await fill_much(url, vault_in(var), 1)
    assert (await said("backup", str(folder / "first"))).exit_code == 0
    drill = await said("backup-drill")
    assert drill.output.startswith(f"{folder / 'first'}: ")
    assert drill.output.endswith("all of it opens, and none of 0 erased people came back\n")
    await said("backup", str(folder / "second"))
    whole = (folder / "second").read_bytes()
    (folder / "second").write_bytes(whole[:-1])
    checked = await said("backup-check", str(folder))
    first, second = checked.output.splitlines()
    assert checked.exit_code == 1
    assert first.startswith(f"{folder / 'first'}: whole, as of ")
    assert second == f"{folder / 'second'}: {refusals.BackupRefused(refusals.DAMAGED)}"
    assert isinstance((await said("backup-drill")).exception, refusals.BackupRefused)
    async with opened(url, vault_in(var)) as database, database.reading() as db:
        runs = list(await db.exec(select(BackupRun).order_by(col(BackupRun.at))))
    assert [(it.kind, it.whole) for it in runs] == [
        ("backup", True), ("drill", True), ("backup", True), ("drill", False)
    ]  # fmt: skip
