"""The parts of security, put together in `server.main` and found by every request.

`app.state.security` holds them. A kind of caller whose sign-ins can end has a `SessionCheck`;
it lives where the sessions live, in the domains above, and is handed down through this port.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends, Request

from server.foundation.database import Db
from server.foundation.identity import Identity, Kind
from server.security.location import Locator
from server.security.passwords import Passwords
from server.security.throttle import Throttle
from server.security.tokens import TokenDesk


class SessionCheck(Protocol):
    """Knows whether a sign-in still holds."""

    async def is_alive(self, db: Db, caller: Identity) -> bool:
        """False once the sign-in was ended, and for one that never was. Raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class SecurityParts:
    """What guards the routes."""

    tokens: TokenDesk
    locator: Locator
    throttle: Throttle
    passwords: Passwords
    session_checks: Mapping[Kind, SessionCheck]
    second_locator: Locator = field(default_factory=lambda: Locator(None))

    @property
    def locators(self) -> tuple[Locator, Locator]:
        """Both databases of places. One that isn't there knows none."""
        return self.locator, self.second_locator


def parts_of(request: Request) -> SecurityParts:
    """The security parts of the application that this request came to."""
    return request.app.state.security


RequestSecurity = Annotated[SecurityParts, Depends(parts_of)]
