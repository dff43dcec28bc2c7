"""Passwords: judged by `password_rules`, kept as argon2id, never compared on the event loop."""

import asyncio
from collections.abc import Iterable
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import PwdlibError

from server.security.errors import BreachedPassword, WeakPassword
from server.security.password_rules import fault_of, normalised

AT_ONCE: Final = 4  # each takes 64 MiB and a core for some 50 ms; more at once would only queue


def check_new_password(
    password: str, about: Iterable[str] = (), *, field: str = "password"
) -> None:
    """Hold a new password to the rules; `about` is what a stranger knows of the account.

    Raises WeakPassword or BreachedPassword, with the field and the reason.
    """
    if fault := fault_of(password, about):
        kind = BreachedPassword if fault.breached else WeakPassword
        raise kind(fault.detail, field=field)


class Passwords:
    """Hashes and verifies. Whoever asks about nobody's password waits as long as for a real one."""

    def __init__(self, hasher: PasswordHash | None = None) -> None:
        """argon2id as pwdlib recommends it, unless a hasher is given."""
        self._hasher = hasher or PasswordHash.recommended()
        self._nobodys = self._hasher.hash("the hash that no password opens, for equal work")
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """The hash to keep, salted; of the NFC form."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, normalised(password))

    async def verify(self, password: str, kept: str | None) -> bool:
        """Whether this is the password. With None it does the same work and says no.

        A kept text that is no hash of ours counts as no password. Raises nothing.
        """
        async with self._turns:
            right = await asyncio.to_thread(self._matches, password, kept or self._nobodys)
        return right and kept is not None

    def _matches(self, password: str, kept: str) -> bool:
        try:
            return self._hasher.verify(normalised(password), kept)
        except PwdlibError:
            return False
