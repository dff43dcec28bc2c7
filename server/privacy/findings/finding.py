"""Everything is looked up that bears on a request: for whoever answers it, and to check them."""

from datetime import datetime

from server.foundation.database import Db
from server.privacy.cases.kinds import OnBehalfOf
from server.privacy.cases.tables import PrivacyCase
from server.privacy.findings.holdings import data_findings
from server.privacy.findings.proposing import Findings
from server.privacy.findings.uses import acceptances, use_findings
from server.privacy.gate import PolicyGate


async def findings(db: Db, case: PrivacyCase, policy: PolicyGate, now: datetime) -> Findings:
    """What bears on the asker's own account; nothing where there is none.

    Who asks for somebody else is answered by what the staff has seen: whose account it is stands
    in no row before something was done.
    """
    if case.account_id is None or case.on_behalf_of != OnBehalfOf.SELF:
        return Findings()
    return Findings(
        await data_findings(db, case.account_id, now),
        await use_findings(db, case.account_id, policy),
        await acceptances(db, case.account_id),
    )
