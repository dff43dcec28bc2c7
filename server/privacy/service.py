"""Accepting the policy, by the text that was really shown."""

import hmac

from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.identity import Identity
from server.privacy import queries
from server.privacy.errors import FewerRights, PolicyNotInForce, PolicyTextDiffers
from server.privacy.gate import PolicyGate
from server.privacy.schemas import AcceptanceIn
from server.privacy.tables import PolicyAcceptance
from server.security.events import EventKind


async def accept(
    db: Db, owner: Identity, given: AcceptanceIn, gate: PolicyGate, visit: Visit
) -> PolicyAcceptance:
    """Store that the owner accepted. The first acceptance of a version stays as it was.

    What can be accepted is the version that counts for the owner, and a narrower one, with a yes to
    that by itself. Raises PolicyNotInForce, PolicyTextDiffers, FewerRights.
    """
    known = await gate.standing(db, owner.id)
    offered = (known.counts, known.offered)
    edition = next((it for it in offered if it and it.version == given.version), None)
    if edition is None:
        raise PolicyNotInForce(field="version")
    if not hmac.compare_digest(given.sha256, edition.sha256):
        raise PolicyTextDiffers(field="sha256")
    if edition is known.offered and not given.fewer_rights:
        raise FewerRights(field="fewer_rights")
    await queries.lock_account(db, owner.id)  # of two at once, the second finds the first
    if earlier := await queries.acceptance_of(db, owner.id, given.version):
        return earlier
    acceptance = PolicyAcceptance(
        id=visit.ids.new("pol"),
        account_id=owner.id,
        version=given.version,
        sha256=given.sha256,
        accepted_at=visit.now,
    )
    db.add(acceptance)
    await visit.note(db, owner.id, EventKind.POLICY_ACCEPTED, given.version)
    return acceptance
