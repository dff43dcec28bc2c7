"""A mail server of our own, which can be away or know nobody of an address."""

from aiosmtplib import SMTPRecipientRefused, SMTPRecipientsRefused

from server.foundation.mail import FolderMail, Letter


class Postbox(FolderMail):
    """The demo's mail folder, which can be out of order."""

    broken = False
    unknown: str | None = None  # the address that nobody has

    async def send(self, letter: Letter) -> None:
        """Take the letter, or refuse it as a mail server would."""
        if self.broken:
            raise ConnectionRefusedError
        if letter.to == self.unknown:
            raise SMTPRecipientsRefused([SMTPRecipientRefused(550, "no such user", letter.to)])
        await super().send(letter)
