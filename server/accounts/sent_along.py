"""What an app may send along when somebody signs in or switches letters on: these four, no fifth.

One list for both (policy §1.2.2), and all of it may be left out. A member is read only where it
serves something there; what serves nothing is dropped unread, and so is neither stored nor logged.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from server.accounts.area_rules import AREAS
from server.foundation.correction_rules import printable
from server.foundation.wire import Incoming
from server.security.place_rules import LONGEST_NAME, Place, told_place


class Context(StrEnum):
    """When something is sent along."""

    SIGN_IN = "sign_in"
    NEWSLETTER = "newsletter"


# What each member is for, where it is for anything.
NEEDED: Final[dict[str, dict[Context, str]]] = {
    "user_id": {
        Context.SIGN_IN: "The account that the app remembers: another one's sign-in is refused.",
        Context.NEWSLETTER: "The account that the page showed: letters are for no other.",
    },
    "device_id": {},  # a sign-in has a key of its own, in its cookie; nothing else needs one
    "phone_number": {},  # nobody is called, and nothing is sent to a phone
    "place": {Context.SIGN_IN: "Where you are, if you chose that your phone says so."},
}


def _country(code: str) -> str:
    if code not in AREAS:
        raise ValueError("give a country code of ISO 3166-1, two capital letters")
    return code


def _town(name: str) -> str:
    """Coordinates would be too near; no name of a town has digits in it."""
    if any(sign.isdigit() for sign in name):
        raise ValueError("give a town's name, without digits")
    return printable(name)


class ToldPlace(Incoming):
    """A place by name, as a phone knows it: a country, and a town at the nearest."""

    country: Annotated[str, AfterValidator(_country)]
    town: Annotated[
        str | None,
        Field(min_length=1, max_length=LONGEST_NAME - len(", PT")),
        AfterValidator(lambda name: None if name is None else _town(name)),
    ] = None

    def place(self) -> Place:
        """The place that an event may be noted with."""
        return told_place(self.country, self.town)


class SentAlong(Incoming):
    """The four, each of which may be left out."""

    user_id: Annotated[str | None, Field(pattern=r"^acc_[a-z0-9_]{1,60}$")] = None
    device_id: Annotated[str | None, Field(pattern=r"^dev_[a-z0-9]{16,60}$")] = None
    phone_number: Annotated[str | None, Field(pattern=r"^\+[1-9][0-9]{6,14}$")] = None
    place: ToldPlace | None = None

    def is_for(self, account_id: str) -> bool:
        """Whether the app meant this account, or didn't say."""
        return self.user_id in (None, account_id)


NOTHING: Final = SentAlong()
