"""The master key in an operator's hands: made, checked, changed under load, mixed up."""

import asyncio
import json
import os
import signal
import sqlite3
import stat
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from server.demo.processes import free_port
from server.foundation.clock import SystemClock
from server.foundation.database import Database
from server.foundation.settings import Settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.migrations.migrate import migrate
from server.support.tables import StaffMember
from tests.flows.server_process import running_server, secuhome

pytestmark = pytest.mark.flow

MANY = 1_500


async def fill(folder: Path, many: int = MANY) -> None:
    """A database with so many subjects."""
    settings = Settings(data_dir=folder)
    await migrate(settings.database, load_keys(settings))
    database = Database(settings.database, Vault(load_keys(settings), SystemClock()))
    now = SystemClock().now()
    async with database.writing() as db:
        for number in range(many):
            name = f"Canary {number}"
            db.add(
                StaffMember(id=f"stf_{number:05}", name=name, password_hash="hash", created_at=now)
            )
    await database.close()


def versions(folder: Path) -> Counter[int]:
    with closing(sqlite3.connect(folder / "secuhome.sqlite")) as database:
        return Counter(it[0] for it in database.execute("SELECT master_version FROM subject_key"))


async def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "keys" / "master.key"
    status, out, err = await secuhome("vault", "make-key", str(path))
    assert (status, err) == (0, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    assert json.loads(before)["index"] not in out
    status, _, err = await secuhome("vault", "make-key", str(path))
    assert status == 1
    assert "there already" in err
    assert path.read_bytes() == before
    status, out, err = await secuhome("vault", "add-version", str(path))
    assert (status, out, err) == (0, "version 2 is the current one\n", "")
    assert json.loads(path.read_bytes())["index"] == json.loads(before)["index"]


async def test_the_check_counts_and_shows_no_value(tmp_path: Path):
    await fill(tmp_path, 3)
    status, out, err = await secuhome("vault", "check", DATA_DIR=str(tmp_path))
    assert (status, err) == (0, "")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["table", "column", "open", "erased", "broken"]
    assert ["staff_member", "name", "3", "0", "0"] in lines
    assert ["account", "email_index", "0", "0", "0"] in lines
    assert "Canary" not in out
    with closing(sqlite3.connect(tmp_path / "secuhome.sqlite")) as database:
        database.execute("UPDATE staff_member SET name = password_hash WHERE id = 'stf_00001'")
        database.commit()
    status, out, err = await secuhome("vault", "check", DATA_DIR=str(tmp_path))
    assert status == 1
    assert ["staff_member", "name", "2", "0", "1"] in [line.split() for line in out.splitlines()]
    assert "1 values don't open" in err


async def test_a_change_of_keys_that_is_killed_is_finished_by_the_next_one(tmp_path: Path):
    await fill(tmp_path)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server.command_line", "vault", "rotate", "--batch", "3"),
        env={**os.environ, "SECUHOME_DATA_DIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"version 2 is the current one\n"
    assert await process.stdout.readline() == b"3 subject keys wrapped anew, 1497 left\n"
    os.kill(process.pid, signal.SIGKILL)
    await process.communicate()
    found = versions(tmp_path)
    assert set(found) == {1, 2}
    assert sum(found.values()) == MANY
    status, out, _ = await secuhome("vault", "check", DATA_DIR=str(tmp_path))
    assert status == 0
    assert ["staff_member", "name", str(MANY), "0", "0"] in [it.split() for it in out.splitlines()]
    status, out, _ = await secuhome("vault", "rotate", DATA_DIR=str(tmp_path))
    assert out.startswith("version 2 is the current one\n")
    assert out.endswith(" 0 left\n")
    assert versions(tmp_path) == {2: MANY}
    status, _, _ = await secuhome("vault", "check", DATA_DIR=str(tmp_path))
    assert status == 0


async def test_people_come_in_while_the_key_changes(tmp_path: Path):
    """A server that is up learns of the new version by itself, for old people and for new ones."""
    async with running_server(tmp_path, TRIES_PER_MINUTE="1000") as server:
        await fill(tmp_path, 300)
        async with httpx.AsyncClient(base_url=server.url) as http:
            changing = asyncio.create_task(
                secuhome("vault", "rotate", "--batch", "5", DATA_DIR=str(tmp_path))
            )
            asked = 0
            while not changing.done() or asked < 3:
                asked += 1
                body = {
                    "email": f"canary{asked}@example.com",
                    "password": "violet ladder under tin rain",
                    "area": "PT",
                }
                answer = await http.post("/v1/registrations", json=body)
                assert answer.status_code == 202, answer.text
                wrong = {"name": "Canary 7", "password": "not the right one"}
                answer = await http.post("/v1/staff/sessions", json=wrong)
                assert answer.status_code == 401, answer.text  # it opened the row to say so
        status, _, err = await changing
        assert status == 0, err
    assert versions(tmp_path) == {2: 300 + asked}
    assert "fault" not in (tmp_path / "server.log").read_text()
    status, _, _ = await secuhome("vault", "check", DATA_DIR=str(tmp_path))
    assert status == 0


FOREIGN = "this is not the key file that the database was sealed with"


@pytest.mark.parametrize(
    ("command", "wrong", "told"),
    [
        ("serve", "old", "lacks the master 2 key"),
        ("serve", "damaged", "this is no key file, or a damaged one"),
        ("serve", "open", "everybody on this machine may read the file"),
        *((it, "another", FOREIGN) for it in ("serve", "migrate", "vault check", "staff-add Olga")),
    ],
)
async def test_a_wrong_key_file_refuses_the_start_and_is_told(
    command: str, wrong: str, told: str, tmp_path: Path
):
    await fill(tmp_path, 2)
    path = tmp_path / "master.key"
    before = path.read_bytes()
    await secuhome("vault", "rotate", DATA_DIR=str(tmp_path))
    if wrong == "another":
        path.unlink()
        await secuhome("vault", "make-key", str(path))
    elif wrong == "old":
        path.write_bytes(before)
    elif wrong == "damaged":
        path.write_bytes(before[:100])
    else:
        path.chmod(0o644)
    ports = {"HTTP_PORT": str(free_port(0)), "SIGNALING_PORT": str(free_port(0))}
    status, _, err = await secuhome(
        *command.split(), stdin="violet ladder under tin rain\n", DATA_DIR=str(tmp_path), **ports
    )
    assert status == 1
    assert err.strip().splitlines()[-1].startswith("SECUHOME_MASTER_KEY_PATH: ")
    assert told in err
    assert "Traceback" not in err
