"""What is over is gone, and what isn't is there: by the clock, for every column with a term."""

from datetime import datetime, timedelta
from importlib import import_module

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, select
from sqlmodel import SQLModel, col

from server.accounts.tables import Account, RefreshToken, Registration, Session
from server.foundation.columns import UtcMoment
from server.foundation.labels import LABEL, OnErasure, Personal, Why, days, label_of
from server.foundation.table_labels import ROWS, Rows, row_label
from server.foundation.vault.keyring import destroy_keys
from server.migrations.known_tables import METADATA
from server.privacy.retention import end_what_is_over, what_is_over
from server.privacy.retention_rules import TermCannotEnd, endings
from server.security.events import SecurityEvent
from tests.movable_clock import MORNING
from tests.people import People
from tests.privacy.planted_rows import plant

import_module("server.main")  # so that every table is known

SECOND = timedelta(seconds=1)
TABLES = tuple(SQLModel.metadata.tables.values())
TERMS = [
    (column, label.keep)
    for table in TABLES
    for column in table.columns
    if isinstance(label := label_of(column), Personal) and isinstance(label.keep, timedelta)
]


async def _retain(house: People, now: datetime) -> None:
    async with house.database.writing() as db:
        await end_what_is_over(db, now)


async def _told(house: People, now: datetime) -> set[tuple[str, str]]:
    async with house.database.reading() as db:
        return {(it.table, it.column) for it in await what_is_over(db, now) if it.count}


async def _held(house: People, column: Column[object]) -> bool:
    async with house.database.reading() as db:
        found = await (await db.connection()).execute(select(column).where(column.is_not(None)))
        return found.first() is not None


async def test_each_column_is_there_until_its_term_is_over_and_gone_then(house: People) -> None:
    """The list comes from the labels; the moments from the rows that are planted."""
    async with house.database.writing() as db:
        for table in {column.table for column, _ in TERMS}:
            given = {name: MORNING} if (name := row_label(table).counted_from) else {}
            await plant(db, table, **given)
        # as an erasure does: choices that letters point at go once their account has no key
        await destroy_keys(db, select(col(Account.id)).where(col(Account.ended_at).is_not(None)))
    for keep in sorted({keep for _, keep in TERMS}):
        ending = [column for column, term in TERMS if term == keep]
        await _retain(house, MORNING + keep - SECOND)
        early = [str(column) for column in ending if not await _held(house, column)]
        assert early == []
        told = await _told(house, MORNING + keep)
        for column in ending:
            table = str(column.table.name)
            assert {(table, "(whole rows)"), (table, str(column.name))} & told
        await _retain(house, MORNING + keep)
        late = [str(column) for column in ending if await _held(house, column)]
        assert late == []
        assert await _told(house, MORNING + keep) == set()
    assert len(TERMS) > 25


async def test_what_has_no_personal_data_and_runs_out_goes_too(house: People) -> None:
    tables = [table for table in TABLES if row_label(table).keep is not None]
    for table in tables:
        async with house.database.writing() as db:
            await plant(db, table, **{row_label(table).counted_from or "": MORNING})
        over, key = MORNING + (row_label(table).keep or days(0)), next(iter(table.primary_key))
        await _retain(house, over - SECOND)
        assert await _held(house, key)
        await _retain(house, over)
        assert not await _held(house, key)
    assert {it.name for it in tables} == {
        "used_assertion",
        "provider_sign_in",
        "tombstone",
        "case_copy",
        "news_issue",
        "backup_run",
        "area_end",
        "audit_entry",
        "staff_act",
    }


async def test_an_events_network_goes_after_thirty_days_and_the_event_after_half_a_year(
    house: People,
) -> None:
    async with house.browser() as browser:
        await house.register(browser)
    begun = house.clock.now()
    await _retain(house, begun + days(30) - SECOND)
    (event,) = await house.rows(SecurityEvent)
    assert event.network == "203.0.113.0/24"
    await _retain(house, begun + days(30))
    (event,) = await house.rows(SecurityEvent)
    assert (event.network, event.seen_country) == (None, "Portugal")
    await _retain(house, begun + days(180))
    assert await house.rows(SecurityEvent) == []
    assert len(await house.rows(Account)) == 1


async def test_an_unconfirmed_registration_goes_with_its_code(house: People) -> None:
    async with house.browser() as browser:
        await house.ask(browser, "anna@example.com")
    await _retain(house, house.clock.now())
    assert len(await house.rows(Registration)) == 1
    await _retain(house, house.clock.now() + house.settings.registration)
    assert await house.rows(Registration) == []


async def test_a_sign_in_goes_a_day_after_it_ran_out_with_its_tokens(house: People) -> None:
    async with house.browser() as browser:
        await house.register(browser)
        await browser.post("/v1/sessions/refresh")
    over = house.clock.now() + days(2)
    await _retain(house, over - SECOND)
    assert len(await house.rows(RefreshToken)) == 2
    assert ("session", "(whole rows)") in await _told(house, over)
    await _retain(house, over)
    assert await house.rows(RefreshToken) == await house.rows(Session) == []


def _table(*columns: Column[object], **label: object) -> Table:
    table = Table("planted", MetaData(), *columns)
    table.info[ROWS] = Rows(**label)  # type: ignore[arg-type] - as a table would give them
    return table


def _label(number: int) -> dict[str, object]:
    return {LABEL: Personal("mood", Why.ACCOUNT, days(number), OnErasure.DELETE)}


def test_a_term_without_a_moment_is_refused() -> None:
    """It would look like a promise on the data map, and nothing would ever end."""
    with pytest.raises(TermCannotEnd, match="moment"):
        endings(_table(Column("mood", String, info=_label(1))))


def test_a_shorter_term_needs_a_column_that_can_be_blanked() -> None:
    with pytest.raises(TermCannotEnd, match="mood"):
        endings(
            _table(
                Column("at", UtcMoment, info=_label(2)),
                Column("mood", Integer, nullable=False, info=_label(1)),
                counted_from="at",
            )
        )


def test_a_term_is_over_in_the_moment_in_which_it_is_reached() -> None:
    (ending,) = endings(SQLModel.metadata.tables["pairing"])
    assert ending.due_at(MORNING) == MORNING + days(1)
    assert ending.over_since(MORNING + days(1)) == MORNING


async def test_what_was_looked_for_before_is_all_that_ends(house: People) -> None:
    """The server looks without a lock, and takes one only for what it has found."""
    async with house.database.writing() as db:
        await plant(db, METADATA.tables["security_event"], at=MORNING)
    later = MORNING + timedelta(days=3_650)
    async with house.database.reading() as db:
        due = await what_is_over(db, later)
    assert due
    async with house.database.writing() as db:
        await end_what_is_over(db, later, [])
    async with house.database.reading() as db:
        assert await what_is_over(db, later) == due
    async with house.database.writing() as db:
        await end_what_is_over(db, later, due)
    async with house.database.reading() as db:
        assert await what_is_over(db, later) == []
