"""The steps of an erasure. Each leaves with one commit, together with the note that it is done.

Whatever dies in between is found as it was before or after a step, and goes on from there. What
reaches outside of the database (news to gateways, letters in a folder) is done before the commit,
and may be done twice.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from devices.registry.queries import cameras_let_go, let_all_go
from server.accounts import queries as account_queries
from server.accounts import sessions
from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.requests import Foundation
from server.foundation.vault.keyring import destroy_keys
from server.privacy.erasure import holds
from server.privacy.erasure.certificate import KIND, members_of
from server.privacy.erasure.counting import Counted
from server.privacy.erasure.erasure_rules import Step
from server.privacy.erasure.sweeping import sweep
from server.privacy.erasure.tables import Erasure, Tombstone
from server.privacy.receipts import Receipts
from server.privacy.tombstone_file import TombstoneFile
from signaling.access import AccountEnded, CameraChangedHands, pack_ending


@dataclass(frozen=True, slots=True)
class Tools:
    """What steps work with."""

    foundation: Foundation
    receipts: Receipts
    tombstones: TombstoneFile


# Does what it can in one unit of work; whether the step is done. Raises what database and disk do.
Act = Callable[[Db, Erasure, Tools], Awaitable[bool]]


async def end_authority(db: Db, erasure: Erasure, tools: Tools) -> bool:
    """The account has ended: no sign-in, no link, no camera. One taken back is left alone."""
    account, now = await _account(db, erasure), tools.foundation.clock.now()
    if account.ends_at is None:
        await db.delete(erasure)
        return False
    account.ended_at = now
    await sessions.end_all(db, account.id, now)
    await let_all_go(db, account.id, now)
    return True


async def tell_gateways(db: Db, erasure: Erasure, tools: Tools) -> bool:
    """Calls that run end. Told before the commit: what couldn't be told is told again."""
    account = await _account(db, erasure)
    announce = tools.foundation.database.announce
    await announce(pack_ending(AccountEnded(account.id)))
    if account.ended_at is not None:
        for camera_id in await cameras_let_go(db, account.id, account.ended_at):
            await announce(pack_ending(CameraChangedHands(camera_id)))
    return True


async def forget_letters(db: Db, erasure: Erasure, tools: Tools) -> bool:
    """Letters that lie with us go while their address is still known."""
    account = await _account(db, erasure)
    if account.email:
        await tools.foundation.mail.forget(str(account.email))
    change = await account_queries.email_change_of(db, account.id)
    if change and await account_queries.account_with_email(db, change.email) is None:
        await tools.foundation.mail.forget(str(change.email))  # else they are somebody else's
    return True


async def destroy_key(db: Db, erasure: Erasure, tools: Tools) -> bool:
    """From here on nothing about the person can be read, nor anything new be stored.

    The list of who was erased comes first, because a restored backup goes by it. As long as a hold
    keeps something readable both wait.
    """
    account = await _account(db, erasure)
    if await holds.in_force(db, account.id, tools.foundation.clock.now()):
        return True
    ended_at = account.ended_at or tools.foundation.clock.now()
    await asyncio.to_thread(tools.tombstones.add, [account.id], ended_at)
    await destroy_keys(db, [account.id])
    db.add(Tombstone(account_id=account.id, ended_at=ended_at))
    return True


async def end_rows(db: Db, erasure: Erasure, tools: Tools) -> bool:
    """Some rows more; done when nothing is left but what is held."""
    return await _sweep(db, erasure, tools) == 0


async def certify(db: Db, erasure: Erasure, tools: Tools) -> bool:
    """Look once more, for what a request in flight has stored meanwhile; then sign.

    Under a hold that is not the end: a first certificate tells what is held and until when, and
    when the hold is over it all goes on from the key.
    """
    if await _sweep(db, erasure, tools):
        return False
    account, counted = await _account(db, erasure), Counted.read(erasure.counted)
    held = await holds.in_force(db, account.id, tools.foundation.clock.now())
    erasure.held_until = holds.next_end(held) if held else None
    if held:
        _sign(erasure, account, counted, tools)
        counted.forget_held()
        erasure.counted, erasure.next_step = counted.text(), Step.KEY.value
        return False
    erasure.finished_at = tools.foundation.clock.now()
    tombstone = await db.get_one(Tombstone, account.id)
    tombstone.kept = Counted(kept=counted.kept).text()
    _sign(erasure, account, counted, tools)
    return True


ACTS: Final[dict[Step, Act]] = {
    Step.AUTHORITY: end_authority,
    Step.NEWS: tell_gateways,
    Step.LETTERS: forget_letters,
    Step.KEY: destroy_key,
    Step.ROWS: end_rows,
    Step.CERTIFICATE: certify,
}


def _sign(erasure: Erasure, account: Account, counted: Counted, tools: Tools) -> None:
    told = members_of(erasure, account.ended_at, counted, tools.foundation.settings)
    erasure.certificate = tools.receipts.sign(KIND, told)


async def _sweep(db: Db, erasure: Erasure, tools: Tools) -> int:
    account, counted = await _account(db, erasure), Counted.read(erasure.counted)
    held = await holds.in_force(db, account.id, tools.foundation.clock.now())
    number = await sweep(db, account.id, account.ended_at or erasure.starts_at, counted, held)
    erasure.counted = counted.text()
    return number


async def _account(db: Db, erasure: Erasure) -> Account:
    account = await account_queries.locked_account(db, erasure.account_id)
    if account is None:
        raise LookupError("an erasure outlived its account's row")
    return account
