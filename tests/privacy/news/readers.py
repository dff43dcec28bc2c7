"""People who want letters, and the mail servers that take them."""

import asyncio
import email
import email.policy
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any, cast

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from server.demo.processes import free_port
from server.foundation.mail import SmtpMail
from server.foundation.purposes import Purpose
from server.privacy.news.issue_file import Draft
from server.privacy.news.queueing import queue_issue
from server.privacy.news.work import NewsWork
from server.privacy.purpose_gate import PurposeGate
from tests.people import People
from tests.privacy.canary_letters import letters_in, links_in
from tests.privacy.choosing import Chooser, chooser

SENDER = "SecuHome <news@secuhome.example>"
DRAFT = Draft("A new camera", "It sees in the dark.")


@dataclass
class MailServer:
    """A real SMTP server. `answer` says what it makes of a letter to an address."""

    answer: Callable[[str], str] = lambda _: "250 OK"
    taken: list[EmailMessage] = field(default_factory=list[EmailMessage])
    port: int = 0
    reading: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)

    @property
    def readers(self) -> list[str]:
        """Whom letters were taken for."""
        return [str(it["To"]) for it in self.taken]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the letter, once the test lets us answer."""
        self.reading.set()
        await asyncio.to_thread(self.may_answer.wait, 30)
        answer = self.answer(envelope.rcpt_tos[0])
        if answer.startswith("250"):
            content = cast("bytes", envelope.content)
            read = email.message_from_bytes(content, policy=email.policy.default)
            self.taken.append(read)
        if answer == "250 and gone":
            assert server.transport is not None
            server.transport.close()  # taken, and nobody is told
        return answer

    def sender(self, house: People) -> NewsWork:
        """The work of a process that hands its letters to this server."""
        mail = SmtpMail("127.0.0.1", self.port, SENDER, starttls=False)
        return NewsWork(replace(house.foundation, mail=mail), PurposeGate())


@contextmanager
def mail_server(answer: Callable[[str], str] = lambda _: "250 OK") -> Generator[MailServer]:
    """A mail server that runs and answers at once."""
    server = MailServer(answer, port=free_port(0))
    server.may_answer.set()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        server.may_answer.set()
        controller.stop()


async def reader(
    house: People,
    browser: httpx.AsyncClient,
    name: str,
    code: str = "news",
    *,
    confirmed: bool = True,
    **registered: Any,
) -> Chooser:
    """Somebody with the address `name`@example.com who switched letters on."""
    person = await chooser(house, browser, to=address(name), **registered)
    await person.chosen(code, on=True)
    if confirmed:
        answer = await browser.post(confirming_link(house, name))
        assert answer.status_code == 200, answer.text
    return person


def address(name: str) -> str:
    """Where somebody gets letters."""
    return f"{name}@example.com"


def confirming_link(house: People, name: str) -> str:
    """The link in the newest letter that asked."""
    return links_in(letters_in(house.mailbox, address(name))[-1])[-1]


async def queue(
    house: People,
    purpose: Purpose = Purpose.NEWS,
    country: str | None = None,
    draft: Draft = DRAFT,
) -> str:
    """Queue an issue; its id."""
    async with house.database.writing() as db:
        return (await queue_issue(db, draft, purpose, country, house.foundation)).id


def end_link(letter: EmailMessage) -> str:
    """What the mail program calls when its reader wants no more of them."""
    return str(letter["List-Unsubscribe"])[1:-1]
