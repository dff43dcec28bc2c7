"""The gate: who hasn't accepted the policy in force does nothing that needs it.

If the database can't be asked, nobody passes.
"""

from collections.abc import Collection, Sequence
from typing import Annotated

from fastapi import Depends, Request

from server.foundation.clock import Clock
from server.foundation.database import Db
from server.foundation.identity import Kind
from server.foundation.requests import RequestFoundation
from server.privacy import policy_rules, queries
from server.privacy.editions import Edition
from server.privacy.errors import PolicyNotAccepted, UnknownPolicyVersion
from server.security.authority import AnyCaller


class PolicyGate:
    """Knows the versions of the policy, and who accepted which. `app.state.policy`."""

    def __init__(self, editions: Sequence[Edition], clock: Clock) -> None:
        """`editions` in order of time. Raises ValueError if there is none."""
        if not editions:
            raise ValueError("there must be a policy")
        self._editions, self._clock = tuple(editions), clock

    def in_force(self) -> Edition:
        """The version that counts now."""
        return policy_rules.in_force(self._editions, self._clock.now())

    def edition(self, version: str) -> Edition:
        """A version, old ones too. Raises UnknownPolicyVersion."""
        for edition in self._editions:
            if edition.version == version:
                return edition
        raise UnknownPolicyVersion

    async def in_force_for(self, db: Db, account_id: str) -> Edition:
        """The version that counts for this account. A narrower one doesn't, unless it accepted."""
        return self._for(await queries.accepted_versions(db, account_id))

    async def accepted(self, db: Db, account_id: str) -> bool:
        """Whether the account has accepted the version that counts for it."""
        accepted = await queries.accepted_versions(db, account_id)
        return self._for(accepted).version in accepted

    def _for(self, accepted: Collection[str]) -> Edition:
        return policy_rules.in_force_for(self._editions, accepted, self._clock.now())


def _gate(request: Request) -> PolicyGate:
    return request.app.state.policy


RequestGate = Annotated[PolicyGate, Depends(_gate)]


async def require_acceptance(
    caller: AnyCaller, foundation: RequestFoundation, gate: RequestGate
) -> None:
    """A dependency for whole routers: people only pass once they have accepted.

    Cameras and staff accept nothing; whether they may is the route's own business. Raises
    BadToken, PolicyNotAccepted.
    """
    if caller.kind is Kind.ACCOUNT:
        async with foundation.database.reading() as db:
            if not await gate.accepted(db, caller.id):
                raise PolicyNotAccepted
