"""kill -9 before each commit: the rest is sent by whoever starts next, and nobody gets it twice."""

import asyncio
import signal
import sys

import pytest

from server.privacy.news.states import LetterState
from server.privacy.news.tables import NewsLetter
from tests.people import People
from tests.privacy.canary_letters import letters_in
from tests.privacy.news.readers import DRAFT, address, queue, reader

pytestmark = [pytest.mark.flow, pytest.mark.timeout(300)]  # processes, one after the other
NAMES = ("anna", "ben", "carl")
COMMITS = 1 + 2 * len(NAMES)  # the letters are written; then each is taken, and settled


async def process(house: People, dies_at: int) -> int:
    """Let a process send until it dies; its exit status."""
    moment = house.clock.now().isoformat()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.privacy.dying_work", "news",
        house.database.url, str(house.mailbox.parent), moment, str(dies_at),
    )  # fmt: skip
    return await child.wait()


def arrived(house: People, name: str) -> int:
    letters = letters_in(house.mailbox, address(name))
    return len([it for it in letters if it["Subject"] == DRAFT.subject])


async def test_nobody_gets_a_letter_twice_whenever_the_sender_is_killed(house: People) -> None:
    async with house.browser() as a, house.browser() as b, house.browser() as c:
        for browser, name in zip((a, b, c), NAMES, strict=True):
            await reader(house, browser, name)
    await queue(house)
    assert await process(house, dies_at=1) == -signal.SIGKILL  # nothing is written
    assert await house.rows(NewsLetter) == []
    assert await process(house, dies_at=3) == -signal.SIGKILL  # the first one has left, unnoted
    assert await process(house, dies_at=1) == -signal.SIGKILL  # the second one isn't even taken
    assert await process(house, dies_at=COMMITS) == 0
    states = {it.id: it.state for it in await house.rows(NewsLetter)}
    assert sorted(states.values()) == [LetterState.SENT, LetterState.SENT, LetterState.TAKEN]
    assert [arrived(house, name) for name in NAMES] == [1, 1, 1]
    house.clock.advance(days=1)
    assert await process(house, dies_at=COMMITS) == 0
    assert [arrived(house, name) for name in NAMES] == [1, 1, 1]
