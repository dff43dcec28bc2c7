"""The code by which an address is proven: as of a registration, six digits, hashed, a few tries."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from server.accounts.letters import deliver
from server.accounts.registering import new_digits
from server.foundation.requests import Foundation
from server.privacy.cases.letters import proof_letter
from server.privacy.cases.tables import PrivacyCase
from server.security.passwords import Passwords

PROOF_OF_MAIL: Final = timedelta(days=7)  # who wrote us a letter doesn't wait before a screen


@dataclass(frozen=True, slots=True)
class Code:
    """A code for the address concerned, and what is stored of it."""

    digits: str = field(repr=False)
    hash: str
    tries: int
    lasts: timedelta
    expires_at: datetime


async def new_code(parts: Foundation, passwords: Passwords, lasts: timedelta | None) -> Code | None:
    """A code that holds so long, hashed before the database is held; None where none is needed."""
    if lasts is None:
        return None
    digits = new_digits()
    hashed = await passwords.hash(digits)
    tries = parts.settings.registration_tries
    return Code(digits, hashed, tries, lasts, parts.clock.now() + lasts)


async def send_code(parts: Foundation, case: PrivacyCase, code: Code) -> None:
    """Mail the code to the address concerned. Raises MailNotSent."""
    link = f"{parts.settings.public_url}/app/#/requests/prove/{case.id}"
    hours = max(1, int(code.lasts / timedelta(hours=1)))
    await deliver(parts.mail, proof_letter(case.contact or "", code.digits, link, hours))
