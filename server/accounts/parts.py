"""The parts of accounts, put together in `server.main` as `app.state.accounts`.

Whether the policy was accepted is known above, in `server.privacy`; it is asked by this port.
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


@dataclass(frozen=True, slots=True)
class AccountsParts:
    """What the routes of accounts stand on besides foundation and security."""

    policy_accepted: PolicyAccepted
    providers: ProviderDesk


def _parts(request: Request) -> AccountsParts:
    return request.app.state.accounts


RequestAccounts = Annotated[AccountsParts, Depends(_parts)]
