"""A letter about a changed policy reaches each whom it tells something that weighs, and once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.privacy.editions import Edition
from server.privacy.notice_letters import NoticeLetters
from server.privacy.tables import PolicyLetter
from tests.people import People, people
from tests.privacy.choosing import Chooser, chooser
from tests.privacy.declaring import COPY, FIRST, edition, with_more, without
from tests.privacy.postbox import Postbox

ANNA, BEN = "person0@example.com", "person1@example.com"
ABOUT = "privacy policy"


@pytest.fixture
async def postbox(tmp_path: Path) -> Postbox:
    return Postbox(tmp_path / "mail", "us@x.example")


@pytest.fixture
async def house(
    tmp_path: Path, database_url: str, postbox: Postbox, request: pytest.FixtureRequest
) -> AsyncIterator[People]:
    """Today's policy, and one that follows in the new year."""
    later: Edition = getattr(request, "param", edition(2027, with_more()))
    editions = (FIRST, later)
    async with people(tmp_path, database_url, editions=editions, mail=postbox) as running:
        yield running


def letters_of(house: People) -> NoticeLetters:
    state = vars(house.app)["_app"].state
    return NoticeLetters(state.foundation, state.policy)


async def write_all(house: People) -> None:
    await letters_of(house).write_all(asyncio.Event())


def about_policy(house: People, to: str) -> list[str]:
    return [it for it in house.letters(to) if ABOUT in it]


async def test_each_is_written_to_once_and_from_the_day_on(house: People) -> None:
    async with house.browser() as anna, house.browser() as ben:
        for browser in (anna, ben):
            await chooser(house, browser)
        await write_all(house)
        assert about_policy(house, ANNA) == []  # its day hasn't come
        house.clock.advance(days=60)
        for _ in range(2):
            await write_all(house)
        for to in (ANNA, BEN):
            (letter,) = about_policy(house, to)
            assert "Advertising: a new purpose, on the ground of consent" in letter
            assert f"{house.settings.public_url}/app/#/policy\n" in letter


async def test_who_has_nothing_to_be_told_gets_no_letter(house: People) -> None:
    async with house.browser() as anna, house.browser() as ben:
        await chooser(house, anna, accept=False)  # nothing was agreed to, so nothing changed
        house.clock.advance(days=60)
        await chooser(house, ben)  # who knows the new one
        await write_all(house)
        assert await house.rows(PolicyLetter) == []


@pytest.mark.parametrize("house", [edition(2027, text="<p>other words</p>")], indirect=True)
async def test_other_words_are_no_reason_for_a_letter(house: People) -> None:
    async with house.browser() as anna:
        await chooser(house, anna)
        house.clock.advance(days=60)
        await write_all(house)
        assert await house.rows(PolicyLetter) == []


@pytest.mark.parametrize("house", [edition(2027, without(COPY))], indirect=True)
async def test_a_loss_is_told_as_something_that_binds_nobody(house: People) -> None:
    async with house.browser() as anna:
        await chooser(house, anna)
        house.clock.advance(days=60)
        await write_all(house)
        (letter,) = about_policy(house, ANNA)
        assert f"you can no longer {COPY}" in letter
        assert "unless you agree" in " ".join(letter.split())
        assert "/app/#/policy/versions/2027-01-01" in letter


async def test_what_no_mail_server_takes_is_sent_later(house: People, postbox: Postbox) -> None:
    async with house.browser() as anna:
        await chooser(house, anna)
        house.clock.advance(days=60)
        postbox.broken = True
        with pytest.raises(ConnectionRefusedError):
            await write_all(house)
        assert await house.rows(PolicyLetter) == []
        postbox.broken = False
        await write_all(house)
        assert len(about_policy(house, ANNA)) == 1


async def test_two_processes_at_once_send_one_letter(house: People) -> None:
    async with house.browser() as anna:
        person: Chooser = await chooser(house, anna)
        house.clock.advance(days=60)
        await asyncio.gather(*(write_all(house) for _ in range(3)))
        assert len(about_policy(house, ANNA)) == 1
        assert [it.account_id for it in await house.rows(PolicyLetter)] == [person.id]


async def test_it_goes_on_until_it_is_told_to_stop(house: People) -> None:
    async with house.browser() as anna:
        await chooser(house, anna)
        house.clock.advance(days=60)
        over = asyncio.Event()
        over.set()
        await letters_of(house).write_all(over)
        assert await house.rows(PolicyLetter) == []
        await letters_of(house).keep_on(over)
