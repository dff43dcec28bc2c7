"""One address that nobody takes letters for doesn't keep the others from being told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.foundation.labels import days
from server.privacy.winding_down.tables import EndNotice, EndOfService, Way
from server.privacy.winding_down.telling import tell_everybody
from tests.people import People, people
from tests.privacy.postbox import Postbox

ANNA, BEN, CARL = "anna@example.com", "ben@example.com", "carl@example.com"


@pytest.fixture
async def postbox(tmp_path: Path) -> Postbox:
    return Postbox(tmp_path / "mail", "us@x.example")


@pytest.fixture
async def house(tmp_path: Path, database_url: str, postbox: Postbox) -> AsyncIterator[People]:
    async with people(tmp_path, database_url, mail=postbox) as running:
        yield running


async def told(house: People) -> dict[str, str]:
    """By the address that the account's holder registered with: how they were told."""
    return {it.account_id: it.way for it in await house.rows(EndNotice)}


async def test_who_cannot_be_written_to_is_told_by_our_page_and_the_others_get_their_letter(
    house: People, postbox: Postbox
):
    ids: dict[str, str] = {}
    for email in (ANNA, BEN, CARL):
        async with house.browser() as browser:
            ids[email] = (await house.register(browser, email))["account_id"]
    now = house.clock.now()
    end = EndOfService(number=1, begun_at=now, erases_on=(now + days(31)).date(), reason="We end.")
    async with house.database.writing() as db:
        db.add(end)
    postbox.broken = True
    with pytest.raises(ConnectionRefusedError):
        await tell_everybody(house.foundation, end, asyncio.Event())
    assert await told(house) == {}  # nobody counts as told by a letter that never left
    postbox.broken, postbox.unknown = False, ANNA
    assert await tell_everybody(house.foundation, end, asyncio.Event())
    ways = {email: (await told(house))[ids[email]] for email in ids}
    assert ways == {ANNA: Way.ANNOUNCEMENT, BEN: Way.LETTER, CARL: Way.LETTER}
    (row,) = await house.rows(EndOfService)
    assert (row.by_letter, row.by_announcement) == (2, 1)
