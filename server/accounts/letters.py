"""The letters that accounts send. Plain text, no links to click, nothing that wasn't asked for."""

import contextlib

import aiosmtplib
import structlog

from server.accounts.errors import MailNotSent
from server.foundation.mail import Letter, Mail


async def deliver(mail: Mail, letter: Letter) -> None:
    """Hand a letter over. Raises MailNotSent if our mail server doesn't take it."""
    try:
        await mail.send(letter)
    except (OSError, aiosmtplib.SMTPException) as fault:
        structlog.get_logger().error("mail_not_sent", fault=type(fault).__name__)
        raise MailNotSent from None


async def deliver_if_possible(mail: Mail, letter: Letter) -> None:
    """Hand over a letter about something that is done already. That it failed is in the log."""
    with contextlib.suppress(MailNotSent):
        await deliver(mail, letter)


def code_letter(to: str, code: str, minutes: int) -> Letter:
    """The letter with the code that proves the address."""
    return Letter(
        to,
        "Your SecuHome code",
        f"Hello,\n\nyour code for SecuHome is\n\n    {code}\n\nIt is good for {minutes} minutes. "
        "Type it only into the SecuHome app where you have just registered; we never ask for it "
        "by phone or mail.\n\nIf you didn't register, do nothing: without the code no account "
        "comes to be.\n",
    )


def taken_letter(to: str) -> Letter:
    """The letter to an address that somebody registered a second time."""
    return Letter(
        to,
        "Somebody tried to register your address at SecuHome",
        "Hello,\n\nsomebody has just tried to register at SecuHome with this e-mail address. You "
        "have an account here already, so nothing was changed.\n\nIf that was you, sign in "
        "instead. If it wasn't, do nothing: whoever it was has not learned that you have an "
        "account.\n",
    )


def password_letter(to: str) -> Letter:
    """To the owner: the password is another one now."""
    return Letter(
        to,
        "Your SecuHome password was changed",
        "Hello,\n\nthe password of your SecuHome account was changed a moment ago, and all other "
        "sign-ins were ended.\n\nIf that was you, all is well. If it wasn't, write to us at once: "
        "somebody knows your old password and is in your account.\n",
    )
