"""Somebody with the raw database touches the record of what staff did: its place is named."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import LargeBinary, delete, insert, select, text, type_coerce
from sqlmodel import SQLModel
from typer.testing import CliRunner

from server.accounts.tables import Account
from server.command_line import app
from server.foundation.table_labels import row_label
from server.foundation.vault.checking import check
from server.foundation.vault.keyring import destroy_keys
from server.foundation.vault.sealed_text import Sealed
from server.migrations.known_tables import METADATA
from server.migrations.migrate import downgrade, migrate
from server.privacy.acts.tables import CaseAct
from server.privacy.cases.tables import CASE_KEPT, CaseOpening, PrivacyCase
from server.privacy.retention import end_what_is_over
from server.security.audit import AUDIT_KEPT, AuditEntry
from server.security.audit_check import check_audit
from tests.privacy.acts.test_holds import cancelled, hold, ordered
from tests.privacy.cases.counter import ADA, Counter

AUDITED: Final = [it for it in METADATA.sorted_tables if row_label(it).audited]
TOUCHED: Final = [*AUDITED, METADATA.tables["audit_entry"]]
PUT_IN: Final = (
    "INSERT INTO lookup (id, staff_id, case_number, at)"
    " SELECT 'lkp_x', staff_id, case_number, at FROM lookup WHERE id = '{}'"
)
Kept = dict[str, list[dict[str, Any]]]


async def looked(counter: Counter, staff: dict[str, str]) -> None:
    """A member of the staff looks for a camera; we never made it, and the look is on record."""
    body = {"serial": "SN-9", "case_number": "C-1", "reason": "The owner has called."}
    assert (await counter.post("/v1/support/lookups", body, staff)).status_code == 404


async def a_day(counter: Counter) -> list[tuple[str, str]]:
    """Two looks, an opened case, an act, a look; what the audit has of them, in order."""
    staff = await counter.staff("Uma")
    for _ in range(2):
        await looked(counter, staff)
        counter.world.clock.advance(seconds=1)
    _, olga, number = await ordered(counter)
    assert (await hold(counter, olga, number, concerning=ADA))[0] < 300
    await looked(counter, olga)
    return [(it.of_table, it.row_id) for it in await entries(counter)]


async def entries(counter: Counter) -> list[AuditEntry]:
    rows = await counter.world.rows(AuditEntry)
    return sorted((it for it in rows if it.number), key=lambda it: it.number)


async def broken(counter: Counter, after: timedelta = timedelta(0)) -> list[str]:
    """What the check finds."""
    now: datetime = counter.world.clock.now() + after
    return list((await check_audit(counter.world.database, now)).broken)


async def raw(counter: Counter, *commands: str) -> None:
    """Write past us, as whoever owns the database can."""
    async with counter.world.database.engine.begin() as connection:
        for command in commands:
            await connection.execute(text(command))


async def kept(counter: Counter) -> Kept:
    """All of the record, as it lies there."""
    async with counter.world.database.engine.connect() as connection:
        found: Kept = {}
        for table in TOUCHED:
            columns = [
                type_coerce(it, LargeBinary).label(it.name) if isinstance(it.type, Sealed) else it
                for it in table.columns
            ]
            rows = (await connection.execute(select(*columns))).mappings()
            found[table.name] = [dict(it) for it in rows]
        return found


async def put_back(counter: Counter, before: Kept) -> None:
    async with counter.world.database.engine.begin() as connection:
        for table in TOUCHED:
            plain = table.to_metadata(SQLModel.metadata.__class__())
            for column in plain.columns:
                column.type = LargeBinary() if isinstance(column.type, Sealed) else column.type
            await connection.execute(delete(plain))
            if before[table.name]:
                await connection.execute(insert(plain), before[table.name])


async def test_whatever_is_touched_is_found_with_its_place(counter: Counter):
    told = await a_day(counter)
    assert [name for name, _ in told] == [
        "lookup", "lookup", "staff_act", "case_opening", "case_act", "lookup"
    ]  # fmt: skip
    one, two, deed, opening, act, last = [row_id for _, row_id in told]
    assert await broken(counter) == []
    before = await kept(counter)
    changed = "is not as it was written"
    for commands, found in (
        # a bit, in the row or in the chain
        ([f"UPDATE lookup SET at = '2026-11-24 00:00:00+00:00' WHERE id = '{one}'"],
         [f"lookup {one} {changed} (entry 1)"]),
        ([f"UPDATE case_act SET act = 'copy' WHERE id = '{act}'"],
         [f"case_act {act} {changed} (entry 5)"]),
        ([f"UPDATE case_opening SET until = '2030-01-01 00:00:00+00:00' WHERE id = '{opening}'"],
         [f"case_opening {opening} {changed} (entry 4)"]),
        ([f"UPDATE staff_act SET about = 'pcs_x' WHERE id = '{deed}'"],
         [f"staff_act {deed} {changed} (entry 3)"]),
        (["UPDATE audit_entry SET at = '2026-11-24 00:00:00+00:00' WHERE number = 2"],
         [f"lookup {two} {changed} (entry 2)"]),
        # removed: the row, the entry, both, at the end, all
        ([f"DELETE FROM lookup WHERE id = '{two}'"], [f"lookup {two} is gone (entry 2)"]),
        (["DELETE FROM audit_entry WHERE number = 2"],
         ["what stood before entry 3 is gone", f"lookup {two} was never entered"]),
        ([f"DELETE FROM lookup WHERE id = '{two}'", "DELETE FROM audit_entry WHERE number = 2"],
         ["what stood before entry 3 is gone"]),
        ([f"DELETE FROM lookup WHERE id = '{one}'", "DELETE FROM audit_entry WHERE number = 1"],
         ["what stood before entry 2 is gone"]),
        ([f"DELETE FROM lookup WHERE id = '{last}'", "DELETE FROM audit_entry WHERE number = 6"],
         ["entries are gone at the end, up to 6"]),
        (["DELETE FROM lookup", "DELETE FROM case_opening", "DELETE FROM case_act",
          "DELETE FROM staff_act", "DELETE FROM audit_entry WHERE number > 0"],
         ["entries are gone at the end, up to 6"]),
        (["DELETE FROM audit_entry WHERE number = 0"], ["the chain's end is gone"]),
        (["UPDATE audit_entry SET row_id = '5' WHERE number = 0"],
         ["the chain's end is not as it was written"]),
        # put in
        ([PUT_IN.format(one)], ["lookup lkp_x was never entered"]),
        # swapped: two entries, and what two rows say
        (["UPDATE audit_entry SET number = 9 WHERE number = 1",
          "UPDATE audit_entry SET number = 1 WHERE number = 2",
          "UPDATE audit_entry SET number = 2 WHERE number = 9"],
         ["what stood before entry 1 is gone", f"lookup {two} {changed} (entry 1)",
          "what stood before entry 2 is gone", f"lookup {one} {changed} (entry 2)",
          "what stood before entry 3 is gone"]),
        ([f"UPDATE lookup SET id = 'lkp_y' WHERE id = '{one}'",
          f"UPDATE lookup SET id = '{one}' WHERE id = '{last}'",
          f"UPDATE lookup SET id = '{last}' WHERE id = 'lkp_y'"],
         [f"lookup {one} {changed} (entry 1)", f"lookup {last} {changed} (entry 6)"]),
    ):  # fmt: skip
        await raw(counter, *commands)
        assert await broken(counter) == found, commands
        await put_back(counter, before)
    assert await broken(counter) == []


async def test_what_was_written_is_sealed_to_its_row(counter: Counter):
    """The reason for a look, moved to another look or with a bit flipped, doesn't open there."""
    told = await a_day(counter)
    one, two = told[0][1], told[1][1]
    database, vault = counter.world.database, counter.world.database.vault
    assert vault is not None

    async def sealed_faults() -> list[str]:
        found = check(database, vault, METADATA.sorted_tables)
        return [f"{it.table}.{it.column}" async for it in found if it.broken]

    assert await sealed_faults() == []
    await raw(
        counter,
        f"UPDATE lookup SET reason = (SELECT reason FROM lookup WHERE id = '{one}')"
        f" WHERE id = '{two}'",
    )
    assert await sealed_faults() == ["lookup.reason"]


async def test_the_audit_stays_whole_when_its_oldest_entries_end_and_people_are_erased(
    counter: Counter,
):
    await a_day(counter)
    act = (await counter.world.rows(CaseAct))[0]
    first = (await entries(counter))[0].at
    await counter.staff("Xia")
    counter.world.clock.advance(days=10)
    await looked(counter, await counter.staff_again("Xia"))
    async with counter.world.database.writing() as db:
        await destroy_keys(db, [act.account_id])
    assert await broken(counter) == []
    until = first + AUDIT_KEPT - counter.world.clock.now()
    counter.world.clock.advance(seconds=until.total_seconds())
    for left in (6, 0):  # one by one, as their terms end; then all
        async with counter.world.database.writing() as db:
            await end_what_is_over(db, counter.world.clock.now())
        assert len(await entries(counter)) == left
        assert await broken(counter) == []
        if left:
            assert (await entries(counter))[0].number == 2
            await raw(counter, "DELETE FROM audit_entry WHERE number = 2")
            assert "what stood before entry 3 is gone" in await broken(counter)
        counter.world.clock.advance(days=11)
    await looked(counter, await counter.staff_again("Xia"))
    assert [it.number for it in await entries(counter)] == [1]
    assert await broken(counter) == []


async def test_what_was_there_before_the_audit_is_entered_by_the_migration(counter: Counter):
    await a_day(counter)
    written = await entries(counter)
    url, vault = counter.world.database.url, counter.world.database.vault
    assert vault is not None
    await downgrade(url, vault.keys, "0018")  # which has no acts of its own
    written = [it for it in written if it.of_table != "staff_act"]
    await migrate(url, vault.keys)
    assert [(it.of_table, it.row_id, it.at) for it in await entries(counter)] == sorted(
        ((it.of_table, it.row_id, it.at) for it in written), key=lambda it: (it[2], it[0], it[1])
    )
    await looked(counter, await counter.staff_again())
    assert await broken(counter) == []
    assert len(await entries(counter)) == len(written) + 1


async def test_the_command_names_the_place(
    counter: Counter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    told = await a_day(counter)
    monkeypatch.setenv("SECUHOME_DATABASE_URL", counter.world.database.url)
    monkeypatch.setenv("SECUHOME_DATA_DIR", str(tmp_path))
    done = await asyncio.to_thread(CliRunner().invoke, app, ["consents", "check"])
    assert (done.exit_code, "6 looks and acts of staff, 0 broken" in done.output) == (0, True)
    await raw(counter, f"DELETE FROM case_act WHERE id = '{told[4][1]}'")
    done = await asyncio.to_thread(CliRunner().invoke, app, ["consents", "check"])
    assert done.exit_code == 1
    assert f"audit: case_act {told[4][1]} is gone (entry 5)" in done.output


async def test_what_is_done_after_an_erasure_stays_for_its_own_term(counter: Counter):
    """The account's empty row waits for it."""
    _, staff, number = await ordered(counter)
    await hold(counter, staff, number, concerning=ADA)
    assert (await counter.answer(staff, number)).status_code == 204
    assert (await cancelled(counter))["state"] == "done"
    (own,) = [it for it in await counter.world.rows(PrivacyCase) if it.account_id]
    counter.world.clock.advance(days=100)
    staff = await counter.staff_again()
    await counter.open(staff, own.number)
    today = counter.world.clock.now().date().isoformat()
    assert await hold(counter, staff, own.number, last_day=today) == (201, "")
    assert (await counter.answer(staff, own.number)).status_code == 204
    over = counter.world.clock.now() + CASE_KEPT
    for moment in (over - timedelta(seconds=1), over):
        async with counter.world.database.writing() as db:
            await end_what_is_over(db, moment)
        assert list((await check_audit(counter.world.database, moment)).broken) == []
        left = await counter.world.rows(Account)
        assert bool(left) is (moment < over), moment


async def test_a_case_that_ends_takes_its_openings_along_and_nothing_is_missed(counter: Counter):
    """Somebody looked into a case again, a year after its answer: the look ends with the case."""
    _, olga, number = await ordered(counter)
    assert (await counter.answer(olga, number)).status_code == 204
    counter.world.clock.advance(days=366)
    assert (await counter.open(await counter.staff_again(), number)).status_code == 201
    assert len(await counter.world.rows(CaseOpening)) == 2
    counter.world.clock.advance(days=2 * 366)
    async with counter.world.database.writing() as db:
        await end_what_is_over(db, counter.world.clock.now())
    assert await counter.world.rows(CaseOpening) == []
    assert [it.of_table for it in await entries(counter)] == ["case_opening"]
    assert await broken(counter) == []
