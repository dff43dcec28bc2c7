"""An account that nobody uses is warned, and erased if nobody comes; a use keeps it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from server.accounts.tables import Account
from server.foundation.mail import Letter
from server.foundation.origins import Collected, Origin
from server.privacy.erasure.idle_rules import NOTICE, idle_after
from server.privacy.erasure.idling import end_idle_accounts
from server.privacy.erasure.tables import Erasure, Tombstone
from tests.people import People, people
from tests.registry.world import AUDIENCE, World

EMAIL = "anna@example.com"
TWO_YEARS = idle_after(24)
TO_WARNING = TWO_YEARS - NOTICE


class Mailbox:
    """A mail server that may be away."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.away = False

    async def send(self, letter: Letter) -> None:
        if self.away:
            raise OSError
        self.letters.append(letter)

    async def forget(self, address: str) -> None:
        del address

    async def forget_before(self, moment: datetime) -> None:
        del moment

    @property
    def warnings(self) -> list[str]:
        return [it.text for it in self.letters if "not used any more" in it.subject]


@pytest.fixture
def mail() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def house(tmp_path: Path, database_url: str, mail: Mailbox) -> AsyncIterator[People]:
    """Accounts over an empty database, with a mail server in memory."""
    async with people(tmp_path, database_url, mail=mail) as running:
        yield running


async def anna(house: People, mail: Mailbox) -> None:
    """Register Anna."""
    async with house.browser() as browser:
        asked = (await house.ask(browser, EMAIL)).json()
        code = next(it.strip() for it in mail.letters[-1].text.splitlines() if it.strip().isdigit())
        path = f"/v1/registrations/{asked['registration_id']}/confirmation"
        assert (await browser.post(path, json={"code": code})).status_code == 201


async def pass_time(house: People, by: timedelta) -> None:
    """Let time go by, then do what is done each hour, twice."""
    house.clock.advance(days=by / timedelta(days=1))
    for _ in range(2):
        await end_idle_accounts(house.foundation)
    await house.erasures.run_due()


async def test_who_stays_away_is_warned_once_then_cancelled_then_erased(
    house: People, mail: Mailbox
):
    await anna(house, mail)
    await pass_time(house, TO_WARNING - timedelta(seconds=1))
    assert mail.warnings == []
    await pass_time(house, timedelta(seconds=1))
    (warning,) = mail.warnings
    assert f"{house.clock.now() + NOTICE:%-d %B %Y}" in warning
    await pass_time(house, NOTICE - timedelta(seconds=1))
    assert await house.rows(Erasure) == []
    await pass_time(house, timedelta(seconds=1))
    (erasure,) = await house.rows(Erasure)
    assert erasure.finished_at is None
    assert "nobody has used it" in mail.letters[-1].text
    assert erasure.id in mail.letters[-1].text
    await pass_time(house, timedelta(days=7))
    assert len(await house.rows(Tombstone)) == 1
    assert len(mail.warnings) == 1


@pytest.mark.parametrize(
    "came_after", [TO_WARNING - timedelta(days=1), TWO_YEARS - timedelta(days=1)]
)
async def test_a_sign_in_keeps_the_account(house: People, mail: Mailbox, came_after: timedelta):
    await anna(house, mail)
    await pass_time(house, min(came_after, TO_WARNING))
    await pass_time(house, came_after - min(came_after, TO_WARNING))
    async with house.browser() as browser:
        assert (await house.sign_in(browser, EMAIL)).status_code == 201
    warnings = len(mail.warnings)
    await pass_time(house, TO_WARNING - timedelta(seconds=1))
    (account,) = await house.rows(Account)
    assert (account.ends_at, account.idle_warned_at) == (None, None)
    assert (await house.rows(Erasure), len(mail.warnings)) == ([], warnings)


async def test_within_the_grace_it_can_be_taken_back(house: People, mail: Mailbox):
    await anna(house, mail)
    await pass_time(house, TO_WARNING)
    await pass_time(house, NOTICE)
    async with house.browser() as browser:
        back = await house.sign_in(browser, EMAIL, take_back=True)
        assert back.status_code == 201, back.text
    await pass_time(house, timedelta(days=30))
    assert await house.rows(Tombstone) == []


async def test_nobody_is_erased_whom_no_letter_reached(house: People, mail: Mailbox):
    await anna(house, mail)
    mail.away = True
    for _ in range(3):
        await pass_time(house, TWO_YEARS)
    assert await house.rows(Erasure) == []
    mail.away = False
    await pass_time(house, timedelta(0))
    assert len(mail.warnings) == 1
    await pass_time(house, NOTICE - timedelta(seconds=1))
    assert await house.rows(Erasure) == []


async def test_a_camera_that_is_online_keeps_its_owners_account(world: World):
    owner, other, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(owner, camera)
    async with world.database.writing() as db:
        for person, address in ((owner, EMAIL), (other, "ben@example.com")):
            account = await db.get_one(Account, person.id)
            account.email = Collected(address, origin=Origin.REGISTRATION)
    parts = world.house.foundation
    for _ in range(30):
        world.clock.advance(days=30)
        answer = await world.token(camera.made.assertion(AUDIENCE, world.clock.now()))
        assert answer.status_code == 200, answer.text
        await end_idle_accounts(parts)
        await world.house.erasures.run_due()
    assert {it.account_id for it in await world.rows(Tombstone)} == {other.id}
