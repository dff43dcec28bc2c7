"""Sends what is queued: at the start, and every minute. Several processes may do so at once."""

import asyncio
from typing import Final

import aiosmtplib
import structlog
from sqlalchemy.exc import SQLAlchemyError

from server.foundation.log import log_fault
from server.foundation.purposes import allowed
from server.foundation.requests import Foundation
from server.foundation.rounds import in_rounds
from server.foundation.vault.faults import VaultFault
from server.privacy.news import queries, sending
from server.privacy.news.sending import AT_ONCE, Taken
from server.privacy.news.states import LetterState, after_fault, is_of_the_server, wait_after
from server.privacy.purpose_gate import PurposeGate

EVERY_S: Final = 60
FAULTS: Final = (SQLAlchemyError, VaultFault, LookupError)
log = structlog.get_logger()


class NewsWork:
    """The letters that one process sends."""

    def __init__(self, foundation: Foundation, gate: PurposeGate) -> None:
        self._parts, self._gate = foundation, gate

    async def keep_on(self, over: asyncio.Event) -> None:
        """Send what is queued until `over`. Ends between two letters, not in the middle of one."""
        await in_rounds("news", lambda: self.run_due(over), EVERY_S, over)

    async def run_due(self, over: asyncio.Event | None = None) -> None:
        """Write the letters of new issues, then send what waits. Raises what the database does.

        If the mail server is away, the rest waits for the next round.
        """
        over = over or asyncio.Event()
        database, parts = self._parts.database, self._parts
        async with database.reading() as db:
            issues = await queries.unwritten(db)
        for issue_id in issues:
            more = True
            while more and not over.is_set():
                async with database.writing() as db:
                    more = await sending.write_some(db, issue_id, parts)
        tried, going = set[str](), True
        while going and not over.is_set():
            async with database.reading() as db:
                found = await queries.waiting(db, parts.clock.now(), AT_ONCE)
            waiting = [it for it in found if it not in tried]  # each once a round
            going = bool(waiting)
            for letter_id in waiting:
                tried.add(letter_id)
                if over.is_set() or not (going := await self._try(letter_id)):
                    break
        if tried:
            log.info("letters_handled", count=len(tried))

    async def _try(self, letter_id: str) -> bool:
        """Send or drop one letter; one that we can't send at all doesn't stop the others."""
        try:
            return await self._send(letter_id)
        except FAULTS as fault:
            log_fault("news", fault)
            return True

    async def _send(self, letter_id: str) -> bool:
        """Send or drop one letter; whether the next one may follow."""
        async with self._parts.database.writing() as db:
            taken = await sending.take(db, letter_id, self._gate, self._parts)
        if taken is None:
            return True
        state, going = await self._hand_over(taken)
        async with self._parts.database.writing() as db:
            if row := await queries.locked_letter(db, taken.id):
                row.state = state.value
                row.try_at = self._parts.clock.now() + wait_after(taken.tries)
        return going

    async def _hand_over(self, taken: Taken) -> tuple[LetterState, bool]:
        async with self._parts.database.reading() as db:
            if not await allowed(db, taken.account_id, taken.purpose):
                return LetterState.DROPPED, True  # withdrawn since it was taken
        try:
            await self._parts.mail.send(taken.letter)
        except (OSError, aiosmtplib.SMTPException) as fault:
            log.error("letter_not_sent", fault=type(fault).__name__)  # noqa: TRY400 - a trace has values
            return after_fault(fault, taken.tries), not is_of_the_server(fault)
        return LetterState.SENT, True
