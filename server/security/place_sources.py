"""How the place of an account's uses is found: its owner's choice, and nothing else is asked.

Off, our look-up database, a second one where the operator has named it, or the phone, which may
send a place with a sign-in. The choice counts from the next event on; what was written down before
stays (the accuracy of places is another choice, which coarsens that too). A word that this code
doesn't know counts as off.
"""

from enum import StrEnum
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.database import Db
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, link, personal
from server.security.place_rules import Place
from server.security.sightings import Seen


class Source(StrEnum):
    """Who is asked for a place."""

    OFF = "off"
    NETWORK = "network"
    SECOND_NETWORK = "second_network"
    PHONE = "phone"


class PlaceSource(SQLModel, table=True):
    """How you chose that the place of your uses is found.

    Without a row: by network address.
    """

    __tablename__: ClassVar[Any] = "place_source"

    account_id: str = link(
        "account.id", on_erasure=OnErasure.DELETE, primary_key=True, max_length=64
    )
    source: str = personal(
        "how your place is found",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        plain_because="a word of a closed list, asked for with each use",
        max_length=16,
    )


async def source_of(db: Db, account_id: str) -> Source:
    """What the account's owner chose."""
    chosen = await db.get(PlaceSource, account_id)
    if chosen is None:
        return Source.NETWORK
    return Source(chosen.source) if chosen.source in set(Source) else Source.OFF


async def choose_source(db: Db, account_id: str, source: Source) -> bool:
    """Store a choice; whether it is another one now."""
    if await source_of(db, account_id) is source:
        return False
    await db.merge(PlaceSource(account_id=account_id, source=source.value))
    return True


async def place_for(db: Db, account_id: str, seen: Seen) -> Place | None:
    """Where the account's owner is, by the source that they chose. None where that tells none."""
    match await source_of(db, account_id):
        case Source.OFF:
            return None
        case Source.PHONE:
            return seen.told
        case Source.NETWORK:
            return seen.look_up(0)
        case Source.SECOND_NETWORK:
            return seen.look_up(1)
