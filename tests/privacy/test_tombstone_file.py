"""The list of people who were erased outlives power failures, and takes no line from others."""

import stat
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest

from server.foundation.vault.key_file import FileKeys, make_key_file
from server.privacy.tombstone_file import BadTombstones, TombstoneFile
from tests.movable_clock import MORNING


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    """A key file of this test's own."""
    make_key_file(tmp_path / "master.key")
    return FileKeys(tmp_path / "master.key")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "kept" / "tombstones"


def test_who_was_added_is_found_once_with_the_earliest_moment(path: Path, keys: FileKeys):
    file = TombstoneFile(path, keys)
    file.add([], MORNING)
    assert file.erased() == {}
    file.add(["acc_b", "acc_a"], MORNING)
    later = MORNING + timedelta(days=1)
    file.add(["acc_b", "acc_c"], later)
    told = {"acc_b": MORNING, "acc_a": MORNING, "acc_c": later}
    assert TombstoneFile(path, keys).erased() == told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_files_of_two_machines_can_be_put_together(path: Path, keys: FileKeys, tmp_path: Path):
    for name, subject in (("one", "acc_a"), ("two", "acc_b")):
        TombstoneFile(tmp_path / name, keys).add([subject], MORNING)
    path.parent.mkdir()
    path.write_bytes((tmp_path / "two").read_bytes() + (tmp_path / "one").read_bytes())
    assert list(TombstoneFile(path, keys).erased()) == ["acc_b", "acc_a"]


@pytest.mark.parametrize("there", [1, 100])  # a hundred lines are more than is looked at
def test_half_a_line_counts_for_nothing_and_is_in_nobodys_way(
    there: int, path: Path, keys: FileKeys
):
    file, before = TombstoneFile(path, keys), [f"acc_{number}" for number in range(there)]
    file.add([*before, "acc_b"], MORNING)
    for junk in (b"", bytes(10_000)):  # as a power failure leaves it
        path.write_bytes(path.read_bytes()[:-10] + junk)
    assert list(file.erased()) == before
    file.add(["acc_c"], MORNING)
    assert list(file.erased()) == [*before, "acc_c"]


@pytest.mark.parametrize(
    ("old", "new"), [(b"acc_a", b"acc_z"), (b"2026-", b"2027-"), (b" ", b""), (b"a", b"\xff")]
)
def test_a_changed_line_is_noticed(old: bytes, new: bytes, path: Path, keys: FileKeys):
    file = TombstoneFile(path, keys)
    file.add(["acc_a"], MORNING)
    path.write_bytes(path.read_bytes().replace(old, new, 1))
    with pytest.raises(BadTombstones):
        file.erased()


def test_another_installations_list_is_noticed(path: Path, keys: FileKeys, tmp_path: Path):
    make_key_file(tmp_path / "another.key")
    TombstoneFile(path, FileKeys(tmp_path / "another.key")).add(["acc_a"], MORNING)
    with pytest.raises(BadTombstones):
        TombstoneFile(path, keys).erased()


def add_many(path: Path, key_file: Path, name: str) -> None:
    """Add twenty ids, one after the other."""
    file = TombstoneFile(path, FileKeys(key_file))
    for number in range(20):
        file.add([f"{name}_{number}"], MORNING)


def test_several_processes_write_whole_lines(path: Path, keys: FileKeys, tmp_path: Path):
    context = get_context("spawn")
    processes = [
        context.Process(target=add_many, args=(path, tmp_path / "master.key", name))
        for name in ("one", "two", "three")
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    assert len(TombstoneFile(path, keys).erased()) == 60
