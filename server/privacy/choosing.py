"""Choosing: a purpose is switched on or off, with a row, a link of the chain and a receipt.

The row is written before anything follows from it, and both leave with one commit. From then on
the gate answers by it, in whatever other work is going on.
"""

import hmac
from dataclasses import dataclass

from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.settings import Settings
from server.privacy import consent_queries, consent_receipts, queries
from server.privacy.consent_rules import Link, State, linked
from server.privacy.ending_purposes import delete_what_served
from server.privacy.errors import (
    BrowserObjects,
    PurposeHasNoSwitch,
    PurposeHeldOff,
    PurposeTextDiffers,
)
from server.privacy.purpose_gate import is_off_for_the_visit
from server.privacy.purposes import DeclaredPurpose, Switch
from server.privacy.receipts import Receipts
from server.privacy.tables import Consent


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody chooses, and the fingerprint of what they were shown, where they say it."""

    purpose: DeclaredPurpose
    state: State
    text_sha256: str | None
    policy_version: str


async def choose(
    db: Db, account_id: str, wish: Wish, visit: Visit, receipts: Receipts, settings: Settings
) -> Consent:
    """Store the choice. The same again changes nothing, and gives the receipt that there is.

    Raises PurposeHasNoSwitch, PurposeTextDiffers, PurposeHeldOff, BrowserObjects.
    """
    check(wish)
    await queries.lock_account(db, account_id)  # of two at once, the second is linked to the first
    newest = await consent_queries.newest_about(db, account_id, wish.purpose.code)
    if newest and (newest.state, newest.text_sha256) == (wish.state, wish.purpose.sha256):
        return newest
    consent = await _next_row(db, account_id, wish, visit, receipts, settings)
    if wish.state is State.WITHDRAWN:
        await delete_what_served(db, account_id, wish.purpose, visit.now)
    return consent


def check(wish: Wish) -> None:
    """Refuse what can't be chosen: `choose` tells what this raises.

    A no needs no fingerprint: nobody has to have read anything in order to withdraw.
    """
    if wish.purpose.switch is Switch.NONE:
        raise PurposeHasNoSwitch
    if wish.text_sha256 is None:
        if wish.state is State.GIVEN:
            raise PurposeTextDiffers(field="sha256")
    elif not hmac.compare_digest(wish.text_sha256, wish.purpose.sha256):
        raise PurposeTextDiffers(field="sha256")
    if wish.state is State.GIVEN and wish.purpose.held_off:
        raise PurposeHeldOff
    if wish.state is State.GIVEN and is_off_for_the_visit(wish.purpose):
        raise BrowserObjects


async def _next_row(
    db: Db, account_id: str, wish: Wish, visit: Visit, receipts: Receipts, settings: Settings
) -> Consent:
    number, before = await consent_queries.last_link(db, account_id)
    row = Link(
        id=visit.ids.new("con"),
        account_id=account_id,
        number=number + 1,
        purpose=wish.purpose.code,
        state=wish.state.value,
        policy_version=wish.policy_version,
        text_sha256=wish.purpose.sha256,
        at=visit.now,
    )
    chain = db.index(Consent.chain, *linked(row, before))
    pseudonym = f"sub_{db.index(Consent.account_id, account_id).hex()[:32]}"
    members = consent_receipts.members_of(row, wish.purpose, pseudonym, chain, settings)
    receipt = receipts.sign(consent_receipts.KIND, members)
    consent = Consent(**row._asdict(), receipt=receipt, chain=chain)
    db.add(consent)
    await db.flush()
    return consent
