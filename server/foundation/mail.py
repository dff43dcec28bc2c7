"""Outgoing mail: a folder for the demo and the tests, SMTP for everybody else."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from pathlib import Path
from typing import Final, Protocol

import aiosmtplib

from server.foundation.file_labels import personal_file
from server.foundation.labels import OnErasure, Why, days

LETTERS_KEPT: Final = days(30)  # in the demo's folder, as a mailbox would
LETTERS: Final = personal_file(
    "mail/*",
    "Letters to you, where the service has no mail server and puts them into a folder.",
    "letters sent",
    why=Why.ACCOUNT,
    keep=LETTERS_KEPT,
    counted="they were written",
    on_erasure=OnErasure.DELETE,
    told_as="They are not in it: they were sent to you.",
)


class OneLine(UnstructuredHeader, BaseHeader):
    """A header that stays on one line: folding would encode a long address, and hide it."""

    def fold(self, *, policy: Policy) -> str:
        """The header as it stands in a message (at most 998 characters, RFC 5322 §2.1.1)."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS: Final = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", OneLine)
POLICY: Final = default.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True)
class Letter:
    """One message in plain text to one person."""

    to: str
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()  # further ones, such as `List-Unsubscribe`

    def message(self, sender: str) -> EmailMessage:
        """The letter after RFC 5322. Raises ValueError for a line break in a header."""
        message = EmailMessage(policy=POLICY)
        message["From"], message["To"], message["Subject"] = sender, self.to, self.subject
        for name, value in self.headers:
            message[name] = value
        message.set_content(self.text)
        return message


class Mail(Protocol):
    """Takes letters away."""

    async def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises OSError or aiosmtplib.SMTPException if nobody takes it."""
        ...

    async def forget(self, address: str) -> None:
        """Destroy the letters to this address that lie with us. Raises OSError."""
        ...

    async def forget_before(self, moment: datetime) -> None:
        """Destroy the letters that lie with us since before then. Raises OSError."""
        ...


class FolderMail:
    """Puts each letter into a folder as an `.eml` file, in order of name."""

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder, self._sender = folder, sender
        self._count = 0

    async def send(self, letter: Letter) -> None:
        """Write the letter whole: a reader of the folder never sees half a file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count += 1
        path = self._folder / f"{self._count:06}-{secrets.token_hex(4)}.eml"
        draft = path.with_suffix(".part")
        draft.write_bytes(letter.message(self._sender).as_bytes())
        draft.rename(path)

    async def forget(self, address: str) -> None:
        """Delete the letters to this address. The folder is ours, as no real mailbox is."""
        for path in self._folder.glob("*.eml"):
            with suppress(FileNotFoundError):  # another process forgets the same
                letter = message_from_bytes(path.read_bytes(), policy=default)
                if letter["To"] == address:
                    path.unlink()

    async def forget_before(self, moment: datetime) -> None:
        """Delete the letters that were written before then, to whomever."""
        for path in self._folder.glob("*.eml"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < moment.timestamp():
                    path.unlink()


class SmtpMail:
    """Hands letters to an SMTP server; with `starttls` the connection must become encrypted."""

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        username: str | None = None,
        password: str | None = None,
        starttls: bool = True,
    ) -> None:
        self._host, self._port, self._sender = host, port, sender
        self._username, self._password, self._starttls = username, password, starttls

    async def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises aiosmtplib.SMTPException if the server doesn't take it."""
        await aiosmtplib.send(
            letter.message(self._sender),
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            start_tls=self._starttls,
        )

    async def forget(self, address: str) -> None:
        """Nothing lies with us: a letter is the mail server's, and its reader's, once it left."""
        del address

    async def forget_before(self, moment: datetime) -> None:
        """Nothing lies with us."""
        del moment
