"""The gate: who hasn't accepted the policy that counts for them does nothing that needs it.

A material change of it shuts the gate again, until the person has seen what changed and accepted.

If the database can't be asked, nobody passes.
"""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.clock import Clock
from server.foundation.identity import Kind
from server.foundation.requests import RequestFoundation
from server.privacy import contact_rules, declaration_rules, policy_rules, queries
from server.privacy.contact_rules import Published
from server.privacy.data_map_rules import Change
from server.privacy.editions import Edition
from server.privacy.errors import PolicyNotAccepted, UnknownPolicyVersion
from server.privacy.policy_rules import Standing
from server.security.authority import AnyCaller


class PolicyGate:
    """Knows the versions of the policy, and who accepted which. `app.state.policy`."""

    def __init__(self, editions: Sequence[Edition], clock: Clock) -> None:
        """`editions` in order of time. Raises ValueError if there is none."""
        if not editions:
            raise ValueError("there must be a policy")
        self._written, self._clock = tuple(editions), clock
        self._editions = self._written
        self._compared: dict[tuple[str, str], tuple[Change, ...]] = {}

    def know_contacts(self, published: Sequence[Published]) -> None:
        """From now on, the versions are those that this deployment had with these contacts."""
        self._editions = contact_rules.deployed(self._written, published)
        self._compared.clear()

    def in_force(self) -> Edition:
        """The version that counts now."""
        return policy_rules.in_force(self._editions, self._clock.now())

    def until(self, edition: Edition) -> tuple[Edition, ...]:
        """All versions up to this one."""
        return self._editions[: self._editions.index(edition) + 1]

    def written_in_force(self) -> Edition:
        """The same, whatever contacts were published under it."""
        return policy_rules.in_force(self._written, self._clock.now())

    def edition(self, version: str) -> Edition:
        """A version, old ones too. Raises UnknownPolicyVersion."""
        for edition in self._editions:
            if edition.version == version:
                return edition
        raise UnknownPolicyVersion

    def changes(self, old: Edition, new: Edition) -> tuple[Change, ...]:
        """What `new` has otherwise than `old`, worked out once."""
        key = old.version, new.version
        if key not in self._compared:
            self._compared[key] = declaration_rules.changes(old.declared, new.declared)
        return self._compared[key]

    async def standing(self, db: AsyncSession, account_id: str) -> Standing:
        """Which version counts for this account, and what it must be told first."""
        accepted = await queries.accepted_versions(db, account_id)
        return policy_rules.standing(self._editions, accepted, self._clock.now(), self.changes)

    async def in_force_for(self, db: AsyncSession, account_id: str) -> Edition:
        """The version that counts for this account. A narrower one doesn't, unless it accepted."""
        return (await self.standing(db, account_id)).counts

    async def accepted(self, db: AsyncSession, account_id: str) -> bool:
        """Whether the account has accepted what counts for it, up to changes of no weight."""
        return (await self.standing(db, account_id)).accepted

    async def risks_told(self, db: AsyncSession, account_id: str) -> frozenset[str]:
        """The purposes whose high risk the account was told of, by what it accepted last."""
        theirs = (await self.standing(db, account_id)).theirs
        purposes = theirs.declared.purposes if theirs else ()
        return frozenset(it.code for it in purposes if it.risk == declaration_rules.HIGH_RISK)


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
