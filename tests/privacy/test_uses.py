"""Which data serves which purpose: a closed matrix, asked for each person, and each use audited."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from server.accounts.tables import Account
from server.foundation.labels import Personal, label_of
from server.foundation.purposes import (
    Granted,
    Purpose,
    UndeclaredPurpose,
    UndeclaredUse,
    granted_by,
)
from server.migrations.known_tables import METADATA
from server.privacy.news.tables import NewsLetter
from server.privacy.purposes import PURPOSES, Assessment, DeclaredPurpose, Risk, Switch
from server.privacy.use_audit import audit_uses
from server.privacy.use_matrix import labels_by_column, uses_of
from server.security.events import SecurityEvent
from tests.people import People, people
from tests.privacy.choosing import Chooser, chooser
from tests.privacy.news.readers import mail_server, queue, reader

COLUMNS = [
    (column, label)
    for table in METADATA.sorted_tables
    for column in table.columns
    if isinstance(label := label_of(column), Personal)
]
SHOPS = DeclaredPurpose(
    "shops",
    "Shops near you",
    "To show shops in the town of use that we know.",
    Switch.OFF_AT_FIRST,
    (),
    also_uses=("security_event.seen_town",),
    assessment=Assessment(Risk.LOW, "It is only in this test."),
)


async def granted(house: People, account_id: str) -> Granted:
    async with house.database.reading() as db:
        return await granted_by(db, account_id)


async def choose_all(person: Chooser, *, on: bool) -> None:
    for row in PURPOSES:
        if row.switch is not Switch.NONE:
            await person.chosen(row.code, on=on)


@pytest.mark.parametrize("on", [True, False], ids=["all on", "all off"])
async def test_every_pair_of_data_and_purpose_is_open_or_shut_as_declared(
    house: People, on: bool
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        await choose_all(person, on=on)
    now, pairs = await granted(house, person.id), 0
    for column, label in COLUMNS:
        for row in PURPOSES:
            declared = label.why in row.covers or str(column) in row.also_uses
            if not declared:
                with pytest.raises(UndeclaredUse):
                    now.may_use(column, row.code)
            else:
                assert now.may_use(column, row.code) is (on or row.switch is Switch.NONE)
                pairs += 1
    assert pairs == len(COLUMNS) + sum(len(row.also_uses) for row in PURPOSES)


@pytest.mark.parametrize("code", [Purpose.NEWS, Purpose.INVITATIONS])
async def test_what_was_typed_to_register_is_for_no_letters_but_as_they_say(
    house: People, code: Purpose
) -> None:
    async with house.browser() as browser:
        person = await chooser(house, browser)
        await choose_all(person, on=True)
    now = await granted(house, person.id)
    for column in (Account.name, Account.password_hash, Account.avatar_url):
        with pytest.raises(UndeclaredUse):
            now.may_use(column, code)
    with pytest.raises(UndeclaredPurpose):
        now.may_use(Account.email, "marketing")


def test_a_purpose_tells_each_further_use_in_the_text_that_people_agree_to() -> None:
    """A use that is added changes the text then, and a changed text asks everybody anew."""
    labels = labels_by_column()
    for row in (*PURPOSES, SHOPS):
        for name in row.also_uses:
            assert labels[name].category in row.explanation, (row.code, name)


def test_a_use_of_what_there_is_not_stops_the_start() -> None:
    with pytest.raises(LookupError, match="shops"):
        uses_of([replace(SHOPS, also_uses=("security_event.shoe_size",))])


async def test_a_new_use_of_old_data_waits_for_each_ones_yes(
    tmp_path: Path, database_url: str
) -> None:
    async with people(tmp_path, database_url) as house, house.browser() as a, house.browser() as b:
        anna, ben = await chooser(house, a), await chooser(house, b)
        for person in (anna, ben):
            await person.chosen("town_of_use", on=True)
            await person.use()
        with pytest.raises(UndeclaredPurpose):
            (await granted(house, anna.id)).may_use(SecurityEvent.seen_town, "shops")
    async with (
        people(tmp_path, database_url, purposes=(*PURPOSES, SHOPS)) as house,
        house.browser() as a,
        house.browser() as b,
    ):
        a.cookies, b.cookies = anna.browser.cookies, ben.browser.cookies
        for person, browser in ((anna, a), (ben, b)):
            person.house, person.browser = house, browser
            now = await granted(house, person.id)
            assert now.may_use(SecurityEvent.seen_town, "shops") is False
            assert now.may_use(SecurityEvent.seen_town, "town_of_use") is True  # as it was before
        await anna.chosen("shops", on=True)
        await ben.chosen("shops", on=False)
        for person, may in ((anna, True), (ben, False)):
            now = await granted(house, person.id)
            assert now.may_use(SecurityEvent.seen_town, "shops") is may
            assert (await person.use())["place"] == "Lisbon, Portugal"  # the service is the same
        assert {
            it.seen_town for it in await house.rows(SecurityEvent) if it.kind == "session_refreshed"
        } == {"Lisbon, Portugal"}


async def letters_sent(house: People) -> list[NewsLetter]:
    """Two people's letters, each under its reader's choice."""
    async with house.browser() as a, house.browser() as b:
        with mail_server() as server:
            for browser, name in ((a, "anna"), (b, "ben")):
                await reader(house, browser, name)
            house.clock.advance(minutes=5)
            await queue(house)
            await server.sender(house).run_due()
            assert len(server.taken) == 2
    return sorted(await house.rows(NewsLetter), key=lambda it: it.id)


async def test_each_use_stands_on_a_choice_from_before_it(house: People) -> None:
    letters = await letters_sent(house)
    found = await audit_uses(house.database)
    assert (found.rows, found.unfounded) == (2, ())
    early = house.clock.now() - timedelta(minutes=10)
    async with house.database.writing() as db:
        row = (await db.exec(select(NewsLetter).where(NewsLetter.id == letters[0].id))).one()
        row.taken_at = early
    assert (await audit_uses(house.database)).unfounded == (letters[0].id,)


@pytest.mark.parametrize(
    "change",
    [
        "consent_id = (SELECT consent_id FROM news_letter WHERE id = '{other}')",
        "issue_id = '{invitation}'",
    ],
    ids=["somebody else's choice", "a choice about something else"],
)
async def test_a_use_under_another_choice_is_found(house: People, change: str) -> None:
    letters = await letters_sent(house)
    invitation = await queue(house, Purpose.INVITATIONS)
    filled = change.format(other=letters[1].id, invitation=invitation)
    async with house.database.engine.begin() as connection:
        await connection.execute(
            text(f"UPDATE news_letter SET {filled} WHERE id = '{letters[0].id}'")
        )
    assert (await audit_uses(house.database)).unfounded == (letters[0].id,)


async def test_what_was_sent_before_a_withdrawal_stays_founded_and_after_it_would_not(
    house: People,
) -> None:
    async with house.browser() as a:
        with mail_server() as server:
            anna = await reader(house, a, "anna")
            await queue(house)
            await server.sender(house).run_due()
            house.clock.advance(minutes=5)
            await anna.chosen("news", on=False)
    assert (await audit_uses(house.database)).unfounded == ()
    house.clock.advance(minutes=5)
    (letter,) = await house.rows(NewsLetter)
    async with house.database.writing() as db:
        (await db.get_one(NewsLetter, letter.id)).taken_at = house.clock.now()
    assert (await audit_uses(house.database)).unfounded == (letter.id,)
