"""The key file: made once, kept safe, and refused in plain words when it isn't the right one."""

import json
import multiprocessing
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from server.foundation.database import Database
from server.foundation.settings import BadSettings, Settings
from server.foundation.vault.faults import CannotUnwrap, UnknownMasterVersion
from server.foundation.vault.key_file import FileKeys, load_keys, make_key_file
from server.foundation.vault.keyring import Vault
from server.foundation.vault.subject_keys import remember
from tests.foundation.vault.diary import Writer, diary, keys_in

KEY = bytes(range(32))


def settings(folder: Path, **other: Any) -> Settings:
    return Settings.model_validate({"data_dir": folder, **other})


async def remembers(database: Database, keys: FileKeys) -> None:
    async with database.engine.begin() as connection:
        await connection.run_sync(remember, keys)


def test_the_demo_makes_a_file_that_nobody_else_can_read_and_keeps_it(tmp_path: Path):
    first = load_keys(settings(tmp_path))
    path = tmp_path / "master.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    wrapped = first.wrap("acc_1", KEY)
    assert load_keys(settings(tmp_path)).unwrap("acc_1", wrapped) == KEY
    assert [it.name for it in tmp_path.iterdir()] == ["master.key"]


def test_processes_that_start_at_once_agree_on_one_file(tmp_path: Path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(make_key_file, [tmp_path / "master.key"] * 8)
    assert [it.name for it in tmp_path.iterdir()] == ["master.key"]
    FileKeys(tmp_path / "master.key")


def test_production_makes_no_key_and_tells_that_it_is_missing(tmp_path: Path):
    """With a new key in the place of the lost one everything stored would be unreadable."""
    given = settings(tmp_path, master_key_path=tmp_path / "away")
    with pytest.raises(BadSettings, match="SECUHOME_MASTER_KEY_PATH: the file can't be read"):
        load_keys(given.model_copy(update={"mode": "production"}))
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_everybody_may_read_is_refused(tmp_path: Path):
    keys_in(tmp_path)
    (tmp_path / "master.key").chmod(0o644)
    with pytest.raises(BadSettings, match="SECUHOME_MASTER_KEY_PATH: everybody"):
        load_keys(settings(tmp_path))
    (tmp_path / "master.key").chmod(0o640)  # as docker/ hands it to a group
    load_keys(settings(tmp_path))


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda raw: raw[: len(raw) // 2],
        lambda _: os.urandom(200),
        lambda raw: raw.replace(b'"format": 1', b'"format": 2'),
        lambda raw: raw.replace(b'"current": 1', b'"current": 2'),
        lambda raw: raw.replace(b'"1": "', b'"1": "00'),
        lambda raw: raw.replace(b'"1": "', b'"1": "zz'),
        lambda raw: raw.replace(b'"index"', b'"more": 1, "index"'),
    ],
    ids=["empty", "half", "noise", "format", "current", "longer", "no digits", "more"],
)
def test_a_damaged_file_is_refused_and_not_repeated(change: Any, tmp_path: Path):
    keys_in(tmp_path)
    path = tmp_path / "master.key"
    before = path.read_bytes()
    path.write_bytes(change(before))
    with pytest.raises(BadSettings, match="SECUHOME_MASTER_KEY_PATH: this is no key file") as told:
        load_keys(settings(tmp_path))
    assert json.loads(before)["index"] not in str(told.value)
    assert told.value.__suppress_context__


def test_the_keys_do_not_show(tmp_path: Path):
    keys = keys_in(tmp_path)
    digits = json.loads((tmp_path / "master.key").read_bytes())["masters"]["1"]
    shown = f"{vars(keys)!r} {keys._content} {keys._content!r}"
    assert digits not in shown
    assert repr(bytes.fromhex(digits)) not in shown


def test_a_key_is_wrapped_for_one_subject_and_by_one_version(tmp_path: Path):
    keys = keys_in(tmp_path)
    wrapped = keys.wrap("acc_1", KEY)
    assert KEY not in wrapped.wrapped
    with pytest.raises(CannotUnwrap):
        keys.unwrap("acc_2", wrapped)
    keys.add_version()
    with pytest.raises(CannotUnwrap):
        keys.unwrap("acc_1", wrapped._replace(master_version=2))
    with pytest.raises(UnknownMasterVersion):
        keys.unwrap("acc_1", wrapped._replace(master_version=3))


def test_a_running_process_learns_of_a_new_version(tmp_path: Path):
    running, other = keys_in(tmp_path), keys_in(tmp_path)
    old = running.wrap("acc_1", KEY)
    assert other.add_version() == 2
    assert running.unwrap("acc_1", other.wrap("acc_1", KEY)) == KEY
    assert running.unwrap("acc_1", old) == KEY
    assert running.wrap("acc_1", KEY).master_version == 2
    assert stat.S_IMODE((tmp_path / "master.key").stat().st_mode) == 0o600
    assert running.index_key() == keys_in(tmp_path).index_key()


@pytest.mark.parametrize("put", ["another", "nothing", "noise"])
def test_a_running_process_takes_no_file_that_is_not_its_own(put: str, tmp_path: Path):
    """What a new process would refuse must not be what a running one wraps new keys with."""
    running, foreign = keys_in(tmp_path), keys_in(tmp_path, "foreign.key")
    path = tmp_path / "master.key"
    if put == "another":
        (tmp_path / "foreign.key").replace(path)
    elif put == "nothing":
        path.unlink()
    else:
        path.write_bytes(b"noise")
    wrapped = running.wrap("acc_1", KEY)
    assert running.unwrap("acc_1", wrapped) == KEY
    with pytest.raises(CannotUnwrap):
        foreign.unwrap("acc_1", wrapped)


async def test_the_database_refuses_keys_that_it_was_not_sealed_with(
    database: Database, keys: FileKeys, tmp_path: Path
):
    await remembers(database, keys)
    await database.recognise_keys()
    foreign = Database(database.url, Vault(keys_in(tmp_path, "foreign.key"), database.vault.clock))  # pyright: ignore[reportOptionalMemberAccess] - it has one
    try:
        with pytest.raises(BadSettings, match="SECUHOME_MASTER_KEY_PATH: this is not the key file"):
            await foreign.recognise_keys()
        with pytest.raises(BadSettings):  # and where nobody looked at the start
            async with foreign.writing() as db:
                db.add(Writer(id="w_1", motto="morgen"))
    finally:
        await foreign.close()


async def test_the_database_refuses_a_copy_of_the_file_from_before_the_last_change(
    database_url: str, tmp_path: Path
):
    keys = keys_in(tmp_path)
    before = (tmp_path / "master.key").read_bytes()
    async with diary(database_url, keys) as database:
        keys.add_version()
        await remembers(database, keys)
        (tmp_path / "old.key").write_bytes(before)
        (tmp_path / "old.key").chmod(0o600)
        async with diary(database_url, FileKeys(tmp_path / "old.key")) as old:
            with pytest.raises(BadSettings, match="lacks the master 2 key"):
                await old.recognise_keys()
