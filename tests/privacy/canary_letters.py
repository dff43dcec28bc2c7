"""How a person of the canaries gets letters: confirmed by the links in the mailbox, then sent."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path

import httpx

from server.foundation.purposes import Purpose
from server.privacy.news.issue_file import Draft
from server.privacy.news.queueing import queue_issue
from tests.registry.world import World

LINK = re.compile(r"^\s+(https://\S+)\s*$", re.MULTILINE)


def letters_in(folder: Path, to: str) -> list[EmailMessage]:
    """The letters to an address, the oldest first."""
    files = sorted(folder.glob("*.eml"), key=lambda it: (it.stat().st_mtime_ns, it.name))
    read = [email.message_from_bytes(it.read_bytes(), policy=email.policy.default) for it in files]
    return [it for it in read if it["To"] == to]


def links_in(letter: EmailMessage) -> list[str]:
    """The addresses that stand on lines of their own."""
    return LINK.findall(str(letter.get_content()))


async def get_a_letter(
    world: World, browser: httpx.AsyncClient, address: str, country: str
) -> None:
    """Confirm what was switched on, and be invited with everybody else in the country."""
    for letter in letters_in(world.folder / "mail", address):
        for link in links_in(letter):
            answer = await browser.post(link)
            assert answer.status_code == 200, answer.text
            world.clock.advance(seconds=7)
    parts = world.house.foundation
    async with world.database.writing() as db:
        draft = Draft("Come and see", "We would like to show you something.")
        await queue_issue(db, draft, Purpose.INVITATIONS, country, parts)
    await world.house.news.run_due()
