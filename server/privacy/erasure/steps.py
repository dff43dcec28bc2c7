"""The steps of an erasure. Each leaves with a commit, together with the note that it is done.

Which leave together is in `erasure_rules.py`. Whatever dies in between is found as it was before or
after one of these units, and goes on from there. What reaches outside of the database (news to
gateways, letters in a folder) is done before the commit, and may be done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from devices.registry.queries import cameras_let_go, let_all_go
from server.accounts import queries as account_queries
from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.requests import Foundation
from server.foundation.vault.keyring import destroy_keys
from server.privacy.erasure import holds, queries, sweeping
from server.privacy.erasure.certificate import KIND, members_of
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.erasure_rules import Step
from server.privacy.erasure.tables import Erasure, Tombstone
from server.privacy.locking import lock_before_erasure
from server.privacy.receipts import Receipts
from server.privacy.tombstone_file import TombstoneFile
from signaling.access import AccountEnded, CameraChangedHands, pack_ending


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps work with."""

    foundation: Foundation
    receipts: Receipts
    tombstones: TombstoneFile


# Does what it can in this unit of work; whether the step is done. Raises what database and disk do.
# Of the account, nothing sealed is at hand.
Act = Callable[[Db, Erasure, Account, Tools], Awaitable[bool]]


async def end_authority(db: Db, erasure: Erasure, account: Account, tools: Tools) -> bool:
    """The account has ended: no sign-in, no camera. One taken back is left alone."""
    now = tools.foundation.clock.now()
    if account.ends_at is None:
        await db.delete(erasure)
        return False
    account.ended_at = now
    await account_queries.end_open_sessions(db, account.id, now)
    await let_all_go(db, account.id, now)
    await db.flush()  # the account is read anew for its letters, and its key goes
    return True


async def forget_letters(db: Db, erasure: Erasure, account: Account, tools: Tools) -> bool:
    """Letters that lie with us go while their address is still known."""
    del erasure
    whole = await account_queries.locked_account(db, account.id)
    if whole is not None and whole.email:
        await tools.foundation.mail.forget(str(whole.email))
    change = await account_queries.email_change_of(db, account.id)
    if change and await account_queries.account_with_email(db, change.email) is None:
        await tools.foundation.mail.forget(str(change.email))  # else they are somebody else's
    return True


async def destroy_key(db: Db, erasure: Erasure, account: Account, tools: Tools) -> bool:
    """From here on nothing about the person can be read, nor anything new be stored.

    What a law or a court makes us keep is locked away before. The list of who was erased comes
    before the key, because a restored backup goes by it.
    """
    now, counted = tools.foundation.clock.now(), Counted.read(erasure.counted)
    erasure.held_until = None
    held = await holds.in_force(db, account.id, now)
    for kept, until, goes in await lock_before_erasure(db, account.id, held, now):
        counted.lock(kept, goes=goes)
        erasure.held_until = max(until, erasure.held_until or until)
    erasure.counted = counted.text()
    ended_at = account.ended_at or now
    await asyncio.to_thread(tools.tombstones.add, [account.id], ended_at)
    await destroy_keys(db, [account.id])
    db.add(Tombstone(account_id=account.id, ended_at=ended_at))
    return True


async def tell_gateways(db: Db, erasure: Erasure, account: Account, tools: Tools) -> bool:
    """Calls that run end. Told before the commit: what couldn't be told is told again."""
    del erasure
    announce = tools.foundation.database.announce
    await announce(pack_ending(AccountEnded(account.id)))
    if account.ended_at is not None:
        for camera_id in await cameras_let_go(db, account.id, account.ended_at):
            await announce(pack_ending(CameraChangedHands(camera_id)))
    return True


async def end_rows(db: Db, erasure: Erasure, account: Account, tools: Tools) -> bool:
    """Some rows more; done when there were no more than a sweep takes."""
    del tools
    return await _sweep(db, erasure, account) < sweeping.AT_ONCE


async def certify(db: Db, erasure: Erasure, account: Account, tools: Tools) -> bool:
    """Look once more, for what a request in flight has stored meanwhile; then sign."""
    if await _sweep(db, erasure, account):
        return False
    counted = Counted.read(erasure.counted)
    erasure.finished_at = tools.foundation.clock.now()
    _sign(erasure, account, counted, tools)
    await queries.tell_tombstone(db, account.id, Counted(kept=counted.kept).text())
    return True


ACTS: Final[dict[Step, Act]] = {
    Step.AUTHORITY: end_authority,
    Step.LETTERS: forget_letters,
    Step.KEY: destroy_key,
    Step.NEWS: tell_gateways,
    Step.ROWS: end_rows,
    Step.CERTIFICATE: certify,
}


def _sign(erasure: Erasure, account: Account, counted: Counted, tools: Tools) -> None:
    told = members_of(erasure, account.ended_at, counted, tools.foundation.settings)
    erasure.certificate = tools.receipts.sign(KIND, told)


async def _sweep(db: Db, erasure: Erasure, account: Account) -> int:
    counted, ended_at = Counted.read(erasure.counted), account.ended_at or erasure.starts_at
    number = await sweeping.sweep(db, account.id, ended_at, counted)
    erasure.counted = counted.text()
    return number
