"""The parts of accounts, put together in `server.main` as `app.state.accounts`.

Whether the policy was accepted, and whether the service ends, is known above, in `server.privacy`;
it is asked by these ports.
"""

from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from server.accounts.provider_desk import ProviderDesk
from server.foundation.database import Db


class PolicyAccepted(Protocol):
    """Knows who accepted the policy that is in force."""

    async def __call__(self, db: Db, account_id: str) -> bool:
        """Whether this account did."""
        ...


class TakesNew(Protocol):
    """Knows whether there may be new accounts."""

    async def __call__(self, db: Db) -> None:
        """Raises ServiceCloses where there may not."""
        ...


async def _always(db: Db) -> None:
    del db


@dataclass(frozen=True, slots=True)
class AccountsParts:
    """What the routes of accounts stand on besides foundation and security."""

    policy_accepted: PolicyAccepted
    providers: ProviderDesk
    takes_new: TakesNew = _always


def _parts(request: Request) -> AccountsParts:
    return request.app.state.accounts


RequestAccounts = Annotated[AccountsParts, Depends(_parts)]
