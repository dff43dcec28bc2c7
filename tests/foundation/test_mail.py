"""Mail: whole files in a folder, and letters that a real SMTP server takes."""

import email
import email.policy
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from server.demo.processes import free_port
from server.foundation.mail import FolderMail, Letter, SmtpMail
from tests.movable_clock import MORNING

LETTER = Letter("anna@example.com", "Grüße", "Olá,\n\nyour code is 123456.\n.\nBye\n")
SENDER = "SecuHome <no-reply@secuhome.example>"


class Taker:
    """Takes letters, as a mail server does."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the letter."""
        self.taken.append(envelope)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuse one address, as servers do with those that they don't know."""
        if address == "nobody@example.com":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def smtp() -> Iterator[tuple[Taker, int]]:
    """A running SMTP server without TLS, and its port."""
    taker = Taker()
    port = free_port(0)
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    yield taker, port
    controller.stop()


async def test_letters_in_our_folder_are_deleted_by_their_age(tmp_path: Path) -> None:
    mail = FolderMail(tmp_path, SENDER)
    for _ in range(2):
        await mail.send(LETTER)
    old, young = sorted(tmp_path.glob("*.eml"))
    for path, at in ((old, MORNING - timedelta(seconds=1)), (young, MORNING)):
        os.utime(path, (at.timestamp(), at.timestamp()))
    await mail.forget_before(MORNING)
    assert list(tmp_path.iterdir()) == [young]


async def test_a_letter_arrives_by_smtp_as_it_was_written(smtp: tuple[Taker, int]) -> None:
    taker, port = smtp
    await SmtpMail("127.0.0.1", port, SENDER, starttls=False).send(LETTER)
    (envelope,) = taker.taken
    assert envelope.rcpt_tos == [LETTER.to]
    assert isinstance(envelope.content, bytes)
    _is_the_letter(envelope.content)


async def test_a_letter_never_goes_in_the_clear_where_encryption_was_asked_for(
    smtp: tuple[Taker, int],
) -> None:
    taker, port = smtp
    with pytest.raises(aiosmtplib.SMTPException):
        await SmtpMail("127.0.0.1", port, SENDER).send(LETTER)
    assert taker.taken == []


async def test_a_refused_letter_is_told(smtp: tuple[Taker, int]) -> None:
    mail = SmtpMail("127.0.0.1", smtp[1], SENDER, starttls=False)
    with pytest.raises(aiosmtplib.SMTPException):
        await mail.send(Letter("nobody@example.com", "Hello", "Hello"))


async def test_a_server_that_isnt_there_is_told() -> None:
    with pytest.raises((OSError, aiosmtplib.SMTPException)):
        await SmtpMail("127.0.0.1", free_port(0), SENDER, starttls=False).send(LETTER)


async def test_a_folder_holds_whole_letters_in_order(tmp_path: Path) -> None:
    mail = FolderMail(tmp_path / "mail", SENDER)
    for number in range(11):
        await mail.send(Letter("anna@example.com", f"Letter {number}", LETTER.text))
    files = sorted((tmp_path / "mail").iterdir())
    read = [email.message_from_bytes(file.read_bytes()) for file in files]
    assert [it["Subject"] for it in read] == [f"Letter {number}" for number in range(11)]
    await mail.send(LETTER)
    _is_the_letter(max((tmp_path / "mail").iterdir()).read_bytes())


@pytest.mark.parametrize("part", ["to", "subject"])
def test_nobody_writes_a_header_of_their_own(part: str) -> None:
    letter = Letter("anna@example.com", "Hello", "Hello")
    whole = f"{getattr(letter, part)}\r\nBcc: everybody@example.com"
    letter = replace(letter, **{part: whole})
    with pytest.raises(ValueError, match=r"linefeed|newline|Header"):
        letter.message(SENDER)


def _is_the_letter(content: bytes) -> None:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert (message["To"], message["From"], message["Subject"]) == (LETTER.to, SENDER, "Grüße")
    assert str(message.get_content()).replace("\r\n", "\n") == LETTER.text
