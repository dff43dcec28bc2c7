"""The gate of the purposes: what an account allows, asked anew each time.

`Database.choices` is `PurposeGate.granted`; everybody below asks by `server.foundation.purposes`.
If the database can't be asked, nothing is allowed: the question fails, and the use with it.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.clock import Clock, SystemClock
from server.foundation.purposes import VISITOR_OBJECTS, WRITES, Granted
from server.privacy import consent_queries
from server.privacy.consent_rules import is_on
from server.privacy.errors import UnknownPermission, UnknownPurpose
from server.privacy.exceptions import queries as exceptions
from server.privacy.exceptions.exception_rules import outweighing
from server.privacy.purposes import PURPOSES, DeclaredPurpose, Risk
from server.privacy.restriction import GOES_ON, is_restricted
from server.privacy.use_matrix import uses_of

# Which purposes with a high risk the account was told of, by the version that it accepted.
AskTold = Callable[[AsyncSession, str], Awaitable[Collection[str]]]


async def nobody_told(db: AsyncSession, account_id: str) -> Collection[str]:
    """The answer where no one was named who knows the policy: none."""
    del db, account_id
    return ()


class PurposeGate:
    """Knows the declared purposes. `app.state.purposes`."""

    def __init__(
        self,
        declared: Sequence[DeclaredPurpose] = PURPOSES,
        told: AskTold = nobody_told,
        clock: Clock | None = None,
    ) -> None:
        self.declared, self._told = tuple(declared), told
        self._clock = clock or SystemClock()
        self._by_code = {row.code: row for row in self.declared}
        self.uses = uses_of(self.declared)

    def purpose(self, code: str) -> DeclaredPurpose:
        """The purpose of that code. Raises UnknownPurpose."""
        if (found := self._by_code.get(code)) is None:
            raise UnknownPurpose
        return found

    def standing_on(self, permission: str) -> tuple[DeclaredPurpose, ...]:
        """The purposes that end with a permission of the phone. Raises UnknownPermission."""
        if found := tuple(row for row in self.declared if row.permission == permission):
            return found
        raise UnknownPermission

    async def granted(self, db: AsyncSession, account_id: str) -> Granted:
        """What the account allows at this moment, on this visit."""
        if db.sync_session.info.get(WRITES):
            await consent_queries.hold_choices(db, account_id)
        newest = await consent_queries.newest_choices(db, account_id)
        excepted = await exceptions.in_force(db, account_id, self._clock.now())
        on = {
            row.code
            for row in self.declared
            if (is_on(row, newest.get(row.code)) and not is_off_for_the_visit(row))
            or (row.code in excepted and not row.held_off)
        }
        risky = {it.code for it in self.declared if it.assessment.risk is Risk.HIGH} & on
        if risky:
            on -= risky.difference(await self._told(db, account_id))
        paused = frozenset[str]()
        if await is_restricted(db, account_id):
            paused = frozenset(on - GOES_ON - outweighing(excepted))
        declared = self._by_code.keys()
        return Granted(account_id, frozenset(on - paused), declared, self.uses, paused)


def is_off_for_the_visit(purpose: DeclaredPurpose) -> bool:
    """Whether the browser's own signal keeps it off, whatever was chosen (`Sec-GPC: 1`)."""
    return purpose.shares_or_analyses and VISITOR_OBJECTS.get()


def _gate(request: Request) -> PurposeGate:
    return request.app.state.purposes


RequestPurposes = Annotated[PurposeGate, Depends(_gate)]
