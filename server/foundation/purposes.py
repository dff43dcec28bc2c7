"""The question before each use of data beyond the contract: may we, for this person, now?

A purpose is a code. What each is, in words for the person, and who chose what stands in
`server.privacy`; the floors below it ask here, through the unit of work that they have anyway.
The answer is never kept for later: who withdraws is obeyed from the next question on.

Where nobody was named who knows the choices, nothing is allowed.
"""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

CHOICES: Final = "choices"
WRITES: Final = "writes"  # in the info of a unit of work that will be committed

# Whether this request's browser said `Sec-GPC: 1`: what shares or analyses is off for the visit.
VISITOR_OBJECTS: ContextVar[bool] = ContextVar("visitor_objects", default=False)


class Purpose(StrEnum):
    """What data may be used for. The table with their words is `server/privacy/purposes.py`."""

    ACCOUNT = "account"
    PROFILE = "profile"
    SECURITY = "security"
    CALLS = "calls"
    WARRANTY = "warranty"
    SUPPORT = "support"
    EVIDENCE = "evidence"
    LAW = "law"
    COUNTRY_OF_USE = "country_of_use"
    TOWN_OF_USE = "town_of_use"
    VICINITY_OF_USE = "vicinity_of_use"
    CAMERA_TOWN = "camera_town"
    NEWS = "news"
    INVITATIONS = "invitations"


class UndeclaredPurpose(Exception):  # noqa: N818 - says what was found
    """A use for a purpose that nobody was ever told of. A fault of ours; nothing is used."""


class UndeclaredUse(Exception):  # noqa: N818 - says what was found
    """A column used for a purpose that it isn't declared for. A fault of ours; nothing is used."""


Uses = Mapping[str, AbstractSet[str]]  # the columns (`table.column`) that each purpose may use


@dataclass(frozen=True, slots=True)
class Granted:
    """What may be done with one subject's data at this moment. Made by the gate alone."""

    subject: str
    purposes: AbstractSet[str]
    declared: AbstractSet[str]
    uses: Uses = field(default_factory=dict[str, AbstractSet[str]])
    paused: AbstractSet[str] = frozenset()  # allowed, but for a request that is being examined

    def __contains__(self, purpose: str) -> bool:
        """Whether the purpose is allowed. Raises UndeclaredPurpose."""
        if self.declared and purpose not in self.declared:
            raise UndeclaredPurpose(purpose)
        return purpose in self.purposes

    def shows(self, purpose: str) -> bool:
        """Whether the subject itself reads what is stored for it. Raises UndeclaredPurpose.

        What is paused is used for nothing, and stays stored and readable for its owner.
        """
        return purpose in self or purpose in self.paused

    def may_use(self, column: Any, purpose: str) -> bool:
        """Whether this column (`Account.email`) may serve the purpose now, for this subject.

        Raises UndeclaredPurpose, and UndeclaredUse for a pair that the table of purposes doesn't
        have: then nobody was asked about it, and nobody could have said yes.
        """
        on = purpose in self
        name = f"{column.table.name}.{column.key}"
        if name not in self.uses.get(purpose, ()):
            raise UndeclaredUse(f"{name} for {purpose}")
        return on


AskChoices = Callable[[AsyncSession, str], Awaitable[Granted]]


async def nobody_knows(db: AsyncSession, subject: str) -> Granted:
    """The answer where no one was named who knows the choices: nothing."""
    del db
    return Granted(subject, frozenset(), frozenset())


async def granted_by(db: AsyncSession, subject: str) -> Granted:
    """All that this subject allows now. For code that asks about several purposes at once.

    In a unit of work that writes, nobody can withdraw before it is committed; who wants to waits,
    and then takes what was written with the rest.
    """
    ask: AskChoices = db.sync_session.info.get(CHOICES, nobody_knows)
    return await ask(db, subject)


async def allowed(db: AsyncSession, subject: str, purpose: str) -> bool:
    """Whether this subject's data may be used for the purpose now. Raises UndeclaredPurpose."""
    return purpose in await granted_by(db, subject)
