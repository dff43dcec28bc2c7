"""A file that is not whole, not ours or not for here is refused, and the database stays empty."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.backups.records import End, Header, Rows, Table, header_bytes, record_bytes
from server.backups.refusals import (
    DAMAGED,
    NO_BACKUP,
    NOT_EMPTY,
    OLD_KEYS,
    OTHER_CELL,
    OTHER_INSTANCE,
    UNKNOWN_SCHEMA,
    BackupRefused,
    Refusal,
)
from server.backups.restoring import restore
from server.backups.sealed_file import new_header
from server.backups.stream_rules import SEALED_BYTES, Sealing
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from tests.backups.conftest import Fresh
from tests.backups.rows import BEFORE, CELL, backed_up, fill_much, restored, tables_at

Change = Callable[[bytes], bytes]


@dataclass
class Parts:
    """A backup taken apart: its header, and its chunks."""

    header: bytes
    chunks: list[bytes]

    @classmethod
    def of(cls, told: bytes) -> "Parts":
        start = told.index(b"}") + 1
        rest = told[start:]
        chunks = [rest[at : at + SEALED_BYTES] for at in range(0, len(rest), SEALED_BYTES)]
        assert len(chunks) > 3
        return cls(told[:start], chunks)

    def together(self) -> bytes:
        return self.header + b"".join(self.chunks)


def flipped(told: bytes, at: int) -> bytes:
    return told[:at] + bytes([told[at] ^ 1]) + told[at + 1 :]


def chunks(change: Callable[[list[bytes]], list[bytes]]) -> Change:
    def changed(told: bytes) -> bytes:
        parts = Parts.of(told)
        return Parts(parts.header, change(parts.chunks)).together()

    return changed


def header(old: bytes, new: bytes) -> Change:
    def changed(told: bytes) -> bytes:
        assert old in Parts.of(told).header
        return told.replace(old, new, 1)

    return changed


CHANGES: dict[str, tuple[Change, Refusal]] = {
    "nothing": (lambda _: b"", NO_BACKUP),
    "another file": (lambda _: b"SQLite format 3\0" * 100, NO_BACKUP),
    "the header is cut off": (lambda told: told[:60], DAMAGED),
    "no more than its first word": (lambda told: told[:16], DAMAGED),
    "the header alone": (lambda told: Parts.of(told).header, DAMAGED),
    "an endless header": (lambda told: told[:16] + b"\xff" * 5_000, DAMAGED),
    "cut off in a chunk": (lambda told: told[:-1000], DAMAGED),
    "the last byte is missing": (lambda told: told[:-1], DAMAGED),
    "something is added": (lambda told: told + b"x", DAMAGED),
    "a bit of the first chunk": (lambda told: flipped(told, 1_000), DAMAGED),
    "a bit of the last chunk": (lambda told: flipped(told, len(told) - 20), DAMAGED),
    "the last chunk is missing": (chunks(lambda it: it[:-1]), DAMAGED),
    "a chunk in the middle is missing": (chunks(lambda it: [it[0], *it[2:]]), DAMAGED),
    "two chunks change places": (chunks(lambda it: [it[1], it[0], *it[2:]]), DAMAGED),
    "a chunk comes twice": (chunks(lambda it: [it[0], *it]), DAMAGED),
    "another moment": (header(b'"made_at":"2026', b'"made_at":"2025'), DAMAGED),
    "another id": (header(b'"id":"bak_', b'"id":"bac_'), DAMAGED),
    "one space more": (header(b'"format":1,', b'"format": 1'), DAMAGED),
    "another cell's name": (header(b'"cell":"eu1"', b'"cell":"us1"'), OTHER_CELL),
    "a key version to come": (header(b'"master_version":1', b'"master_version":2'), OLD_KEYS),
    "a format to come": (header(b'"format":1', b'"format":2'), UNKNOWN_SCHEMA),
    "a schema to come": (header(b'"revision":"0', b'"revision":"9'), UNKNOWN_SCHEMA),
}


@pytest.mark.parametrize("name", CHANGES)
async def test_a_changed_backup_is_refused_and_leaves_nothing(
    name: str, database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    path = tmp_path / "backup"
    await fill_much(database_url, vault)
    await backed_up(database_url, vault, path)
    change, refusal = CHANGES[name]
    whole = path.read_bytes()
    path.write_bytes(change(whole))
    other = await fresh(database_kind)
    with pytest.raises(BackupRefused) as why:
        await restored(other, vault, path)
    assert why.value.refusal == refusal
    assert await tables_at(other, vault) == []
    path.write_bytes(whole)
    await restored(other, vault, path)  # it is as empty as before


async def test_only_the_cell_that_made_it_takes_it(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill_much(database_url, vault, 1)
    await backed_up(database_url, vault, tmp_path / "backup")
    with pytest.raises(BackupRefused) as why:
        await restore(await fresh(database_kind), vault, "us1", tmp_path / "backup", {})
    assert why.value.refusal == OTHER_CELL


async def test_only_the_installation_that_made_it_opens_it(
    database_url: str, database_kind: str, fresh: Fresh, vault: Vault, tmp_path: Path
):
    await fill_much(database_url, vault, 1)
    await backed_up(database_url, vault, tmp_path / "backup")
    make_key_file(tmp_path / "another.key")
    others = Vault(FileKeys(tmp_path / "another.key"), vault.clock)
    with pytest.raises(BackupRefused) as why:
        await restored(await fresh(database_kind), others, tmp_path / "backup")
    assert why.value.refusal == OTHER_INSTANCE


async def test_an_older_key_file_is_told_apart_from_damage(
    database_url: str,
    database_kind: str,
    fresh: Fresh,
    keys: FileKeys,
    vault: Vault,
    tmp_path: Path,
):
    await fill_much(database_url, vault, 1)
    old = (tmp_path / "master.key").read_bytes()
    keys.add_version()
    await backed_up(database_url, vault, tmp_path / "backup")
    (tmp_path / "old.key").write_bytes(old)
    (tmp_path / "old.key").chmod(0o600)
    with pytest.raises(BackupRefused) as why:
        older = Vault(FileKeys(tmp_path / "old.key"), vault.clock)
        await restored(await fresh(database_kind), older, tmp_path / "backup")
    assert why.value.refusal == OLD_KEYS


async def test_nothing_is_restored_over_anything(database_url: str, vault: Vault, tmp_path: Path):
    await fill_much(database_url, vault)
    await backed_up(database_url, vault, tmp_path / "backup")
    before = await tables_at(database_url, vault)
    with pytest.raises(BackupRefused) as why:
        await restored(database_url, vault, tmp_path / "backup")
    assert why.value.refusal == NOT_EMPTY
    assert await tables_at(database_url, vault) == before


DEVICE = Table("used_assertion", ("device_id", "jti", "expires_at"))
TOLD: dict[str, tuple[list[Table | Rows | End], Refusal]] = {
    "a table that isn't there": ([Table("nothing", ("id",)), End({"nothing": 0})], UNKNOWN_SCHEMA),
    "a column that isn't there": (
        [Table("used_assertion", ("device_id",)), End({"used_assertion": 0})],
        UNKNOWN_SCHEMA,
    ),
    "fewer rows than it says": ([DEVICE, End({"used_assertion": 1})], DAMAGED),
    "no end": ([DEVICE], DAMAGED),
    "rows of nothing": ([Rows((("a", "b", None),)), End({})], DAMAGED),
}


@pytest.mark.parametrize("name", TOLD)
async def test_what_was_sealed_by_us_and_makes_no_sense_is_refused_too(
    name: str, database_url: str, keys: FileKeys, vault: Vault, tmp_path: Path
):
    records, refusal = TOLD[name]
    made, key = new_header(keys, "bak_1", CELL, "0004", BEFORE)
    path = tmp_path / "backup"
    path.write_bytes(_sealed(made, key, b"".join(map(record_bytes, records))))
    with pytest.raises(BackupRefused) as why:
        await restored(database_url, vault, path)
    assert why.value.refusal == refusal
    assert await tables_at(database_url, vault) == []


async def test_half_a_record_is_refused(
    database_url: str, keys: FileKeys, vault: Vault, tmp_path: Path
):
    made, key = new_header(keys, "bak_1", CELL, "0004", BEFORE)
    (tmp_path / "backup").write_bytes(_sealed(made, key, record_bytes(DEVICE)[:-1]))
    with pytest.raises(BackupRefused) as why:
        await restored(database_url, vault, tmp_path / "backup")
    assert why.value.refusal == DAMAGED


def _sealed(made: Header, key: bytes, told: bytes) -> bytes:
    sealing = Sealing(key, header_bytes(made))
    return header_bytes(made) + sealing.after(told) + sealing.at_the_end()
