"""While we examine whether data was handled against the law, it is stored and hardly used.

That is so as long as a proven request on this ground is open: from its proof to our answer (GDPR
Art. 18). No row of its own says so, and so nobody has to remember to end it.
"""

from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.database import Db
from server.foundation.purposes import Purpose
from server.privacy import queries
from server.privacy.cases.kinds import CaseState, Ground, OnBehalfOf
from server.privacy.cases.tables import PrivacyCase

# What goes on meanwhile: its owner's own reading and signing in, the calls that the owner begins,
# the guard over the account, the request itself, and the proof of what was agreed.
GOES_ON: Final = frozenset(
    {
        Purpose.ACCOUNT,
        Purpose.PROFILE,
        Purpose.SECURITY,
        Purpose.CALLS,
        Purpose.SUPPORT,
        Purpose.EVIDENCE,
    }
)


async def is_restricted(db: AsyncSession, account_id: str) -> bool:
    """Whether a request of this account is open that restricts what is done with its data."""
    query = select(PrivacyCase.id).where(
        PrivacyCase.account_id == account_id,
        PrivacyCase.ground == Ground.UNLAWFUL.value,
        PrivacyCase.state == CaseState.OPEN.value,
        PrivacyCase.on_behalf_of == OnBehalfOf.SELF.value,
        col(PrivacyCase.proven_at).is_not(None),
    )
    return (await db.exec(query.limit(1))).first() is not None


async def lock_for_ground(db: Db, case: PrivacyCase) -> None:
    """Wait for uses that were allowed just now; whoever asks later finds the restriction."""
    if case.account_id is not None and case.ground == Ground.UNLAWFUL:
        await queries.lock_account(db, case.account_id)
