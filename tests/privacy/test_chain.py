"""Somebody with the raw database rewrites what people chose: the check finds the first such row."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from server.command_line import app
from server.foundation.vault.keyring import destroy_keys
from server.privacy.chain_check import check_chains
from server.privacy.tables import Consent
from tests.people import People
from tests.privacy.choosing import chooser


async def three_choices(house: People) -> list[Consent]:
    """Somebody's three choices, and somebody else's one; the rows of the first."""
    async with house.browser() as anna, house.browser() as ben:
        person, other = await chooser(house, anna), await chooser(house, ben)
        for on in (True, False, True):
            await person.chosen("town_of_use", on=on)
        await other.chosen("vicinity_of_use", on=True)
    rows = [it for it in await house.rows(Consent) if it.account_id == person.id]
    return sorted(rows, key=lambda it: it.number)


async def raw(house: People, *commands: str) -> None:
    """Write past the guards, as whoever owns the database can."""
    on_table = "" if house.database.is_sqlite else " ON consent"
    async with house.database.engine.begin() as connection:
        for guard in ("consent_append_only", "consent_kept"):
            await connection.execute(text(f"DROP TRIGGER IF EXISTS {guard}{on_table}"))
        for command in commands:
            await connection.execute(text(command))


async def test_a_chain_that_nobody_touched_is_whole(house: People) -> None:
    await three_choices(house)
    found = await check_chains(house.database)
    assert (found.rows, found.broken) == (4, ())


async def test_many_chains_are_read_in_batches(house: People) -> None:
    await three_choices(house)
    for size in (1, 2, 3, 4):
        found = await check_chains(house.database, size)
        assert (found.rows, found.broken) == (4, ())


async def test_the_chain_is_whole_when_its_owners_key_is_gone(house: People) -> None:
    rows = await three_choices(house)
    async with house.database.writing() as db:
        await destroy_keys(db, [rows[0].account_id])
    assert (await check_chains(house.database)).broken == ()


WHOLE = """4 choices, 0 broken chains
0 uses, 0 that no choice allowed
0 looks and acts of staff, 0 broken
"""
CHANGES = {
    # what is done to the rows: the number of the row that no longer follows
    "UPDATE consent SET state = 'given' WHERE id = '{1}'": 1,
    "UPDATE consent SET text_sha256 = 'other' WHERE id = '{0}'": 0,
    "UPDATE consent SET policy_version = '2027-01-01' WHERE id = '{2}'": 2,
    "UPDATE consent SET purpose = 'vicinity_of_use' WHERE id = '{1}'": 1,
    "UPDATE consent SET at = '2026-11-24 00:00:00+00:00' WHERE id = '{2}'": 2,
    "UPDATE consent SET chain = (SELECT chain FROM consent WHERE id = '{0}') WHERE id = '{1}'": 1,
    "UPDATE consent SET number = 9 WHERE id = '{2}'": 2,
    "DELETE FROM consent WHERE id = '{1}'": 2,
    "DELETE FROM consent WHERE id = '{0}'": 1,
}


@pytest.mark.parametrize(("change", "broken"), CHANGES.items(), ids=list(CHANGES))
async def test_a_rewritten_row_is_named(house: People, change: str, broken: int) -> None:
    rows = await three_choices(house)
    await raw(house, change.format(*(it.id for it in rows)))
    assert (await check_chains(house.database)).broken == (rows[broken].id,)


async def test_a_row_given_to_another_account_is_named(house: People) -> None:
    rows = await three_choices(house)
    other = next(it for it in await house.rows(Consent) if it.account_id != rows[0].account_id)
    await raw(
        house,
        f"UPDATE consent SET account_id = '{other.account_id}', number = 2"
        f" WHERE id = '{rows[2].id}'",
    )
    assert (await check_chains(house.database)).broken == (rows[2].id,)


async def test_the_command_says_what_it_found(
    house: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await three_choices(house)
    monkeypatch.setenv("SECUHOME_DATABASE_URL", house.settings.database)
    monkeypatch.setenv("SECUHOME_DATA_DIR", str(tmp_path))
    whole = await command()
    assert whole == (0, WHOLE)
    await raw(house, f"UPDATE consent SET state = 'given' WHERE id = '{rows[1].id}'")
    status, said = await command()
    assert status == 1
    assert f"first broken row: {rows[1].id}" in said


async def command() -> tuple[int, str]:
    """`secuhome consents check`, beside this test's own loop."""

    done = await asyncio.to_thread(CliRunner().invoke, app, ["consents", "check"])
    return done.exit_code, done.output
