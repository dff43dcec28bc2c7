"""The links in letters: who clicks needs no sign-in, and the link names nobody.

A link holds a random id that means nothing elsewhere, and a keyed hash over what it is for. It
can't be made without the key, and one for ending letters can't confirm any. It doesn't run out:
whoever finds a letter of long ago must still be able to end them.
"""

import hmac
import secrets
from enum import StrEnum
from typing import Final

from server.foundation.database import Db
from server.privacy.news.tables import LettersWanted

ID_CHARACTERS: Final = 32  # 128 random bits
PATTERN: Final = r"^[0-9a-f]{64}$"  # the id, and as much of the hash


class Act(StrEnum):
    """What a link is for."""

    CONFIRM = "confirm"
    END = "end"


def new_link_id() -> str:
    """A fresh random id."""
    return secrets.token_hex(ID_CHARACTERS // 2)


def token_of(db: Db, act: Act, purpose: str, link_id: str, consent_id: str = "") -> str:
    """What stands in the link. `consent_id` binds a confirmation to the choice that it confirms."""
    mac = db.index(LettersWanted.link_id, act.value, purpose, link_id, consent_id).hex()
    return link_id + mac[:ID_CHARACTERS]


def link_id_of(token: str) -> str:
    """The id in a token that nobody has checked yet."""
    return token[:ID_CHARACTERS]


def is_ours(token: str, expected: str) -> bool:
    """Whether the token is the one that we would have written."""
    return hmac.compare_digest(token, expected)
