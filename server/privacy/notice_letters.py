"""Letters about a policy that changed: one to each person whom it tells something that weighs.

They go out in the background from the version's day on. A row is written before its letter is
sent, so that of several processes one sends it. If nobody takes our mail, that row goes again, and
the rest waits for the next hour. Who dies between row and letter leaves one person without it: the
notice in the app, which lets nobody by, stands all the same.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import aiosmtplib
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from server.accounts.tables import Account
from server.foundation.database import Db
from server.foundation.mail import Letter
from server.foundation.requests import Foundation
from server.foundation.rounds import in_rounds
from server.privacy.data_map_rules import Change
from server.privacy.gate import PolicyGate
from server.privacy.news.states import is_of_the_server
from server.privacy.policy_rules import Standing, material
from server.privacy.tables import PolicyAcceptance, PolicyLetter

AT_ONCE: Final = 100  # accounts of one look
HOURLY_S: Final = 3_600


@dataclass(frozen=True, slots=True)
class NoticeLetters:
    """Whom to write to, and about which version."""

    foundation: Foundation
    policy: PolicyGate

    async def keep_on(self, over: asyncio.Event) -> None:
        """Write what is to be written, at once and every hour, until `over`."""
        await in_rounds("policy_letters", lambda: self.write_all(over), HOURLY_S, over)

    async def write_all(self, over: asyncio.Event) -> None:
        """One letter to each who has to be told, and has an address. Raises what mail raises."""
        version, weighty, told = self._versions()
        after = ""
        while weighty and not over.is_set():
            async with self.foundation.database.reading() as db:
                waiting = await _waiting(db, version, weighty, told, after)
            for account_id in waiting:
                if over.is_set():
                    return
                await self._write(account_id, version)
            if len(waiting) < AT_ONCE:
                return
            after = waiting[-1]

    def _versions(self) -> tuple[str, list[str], list[str]]:
        """The newest in force; those from which it weighs; the others, itself among them."""
        newest = self.policy.in_force()
        come = self.policy.until(newest)
        weighty = [it.version for it in come if material(self.policy.changes(it, newest))]
        return newest.version, weighty, [it.version for it in come if it.version not in weighty]

    async def _write(self, account_id: str, version: str) -> None:
        async with self.foundation.database.reading() as db:
            account = await db.get(Account, account_id)
            known = await self.policy.standing(db, account_id)
            to = account.email if account else None
        if not to:
            return
        row = self.foundation.ids.new("plt")
        try:
            async with self.foundation.database.writing() as db:
                now = self.foundation.clock.now()
                db.add(PolicyLetter(id=row, account_id=account_id, version=version, sent_at=now))
        except IntegrityError:  # another process writes to this person
            return
        try:
            await self.foundation.mail.send(self._letter(to, known))
        except (OSError, aiosmtplib.SMTPException) as fault:
            async with self.foundation.database.writing() as db:
                await db.exec(delete(PolicyLetter).where(col(PolicyLetter.id) == row))
            if is_of_the_server(fault):  # else it is this address, and the others get theirs
                raise

    def _letter(self, to: str, known: Standing) -> Letter:
        address = f"{self.foundation.settings.public_url}/app/#/policy"
        if known.offered is None or known.theirs is None:
            return changed_letter(to, known.told, address)
        losses = material(self.policy.changes(known.theirs, known.offered))
        return offered_letter(to, losses, f"{address}/versions/{known.offered.version}")


def changed_letter(to: str, told: Sequence[Change], address: str) -> Letter:
    """What changed, and that the app asks about it before anything else."""
    return Letter(
        to,
        "The privacy policy of SecuHome has changed",
        "Hello,\n\nour privacy policy has changed. Since the version that you accepted:\n\n"
        f"{_list(told)}\n\nWhen you next open the app, it asks you to accept the new version "
        f"before anything else. You can read it here:\n\n    {address}\n",
    )


def offered_letter(to: str, told: Sequence[Change], address: str) -> Letter:
    """What a version would take, and that it takes nothing from who doesn't agree."""
    return Letter(
        to,
        "A new privacy policy of SecuHome, which binds you only if you agree",
        "Hello,\n\nthere is a new version of our privacy policy. Against the version that you "
        f"accepted:\n\n{_list(told)}\n\nIt gives you fewer rights, so it doesn't count for you "
        "unless you agree to it. If you do nothing, you keep your version, and everything works as "
        f"before. You can read it here:\n\n    {address}\n",
    )


def _list(told: Sequence[Change]) -> str:
    return "\n".join(f"  - {it.text}" for it in told)


async def _waiting(
    db: Db, version: str, weighty: Sequence[str], told: Sequence[str], after: str
) -> Sequence[str]:
    """Accounts that know a version from which this one weighs, were not told, and don't leave."""
    known = select(PolicyAcceptance.account_id)
    query = (
        select(Account.id)
        .where(
            col(Account.id).in_(known.where(col(PolicyAcceptance.version).in_(weighty))),
            col(Account.id).not_in(known.where(col(PolicyAcceptance.version).in_(told))),
            col(Account.id).not_in(
                select(PolicyLetter.account_id).where(PolicyLetter.version == version)
            ),
            col(Account.email_index).is_not(None),
            col(Account.ends_at).is_(None),
            col(Account.ended_at).is_(None),
            col(Account.id) > after,
        )
        .order_by(col(Account.id))
        .limit(AT_ONCE)
    )
    return (await db.exec(query)).all()
