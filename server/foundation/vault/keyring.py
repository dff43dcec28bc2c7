"""The subject keys that one unit of work needs: fetched, made, forgotten with it.

Nothing is kept beyond it. A subject that is erased is erased for every process at its next word.
"""

import secrets
from collections.abc import Collection, Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Select, delete
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from server.foundation.clock import Clock
from server.foundation.origins import MARKS, Origin
from server.foundation.vault.faults import NoSubjectKey
from server.foundation.vault.keys import KeyProvider
from server.foundation.vault.sealed_text import ErasedText, SealedText
from server.foundation.vault.sealing_rules import KEY_BYTES, NONCE_BYTES, Place, opened, seal
from server.foundation.vault.subject_keys import SubjectKey, recognise, store_key, stored_keys

KEYRING = "keyring"


class Vault:
    """What a `Database` needs in order to seal and open: a key provider and a clock."""

    def __init__(self, keys: KeyProvider, clock: Clock) -> None:
        self.keys, self.clock = keys, clock
        self.recognised = False

    def recognise(self, connection: Connection) -> None:
        """See once that these are the keys of this database. Raises BadSettings."""
        if not self.recognised:
            recognise(connection, self.keys)
            self.recognised = True


class Keyring:
    """The keys of one unit of work."""

    def __init__(self, vault: Vault) -> None:
        self.vault = vault
        self._keys: dict[str, AESGCM | None] = {}

    def fetch(self, connection: Connection, subjects: Collection[str]) -> None:
        """Have the keys of these subjects at hand, by one query at most. Raises CannotUnwrap."""
        missing = set(subjects) - self._keys.keys()
        if not missing:
            return
        self.vault.recognise(connection)
        found = stored_keys(connection, missing)
        for subject in missing:
            key = found.get(subject)
            raw = self.vault.keys.unwrap(subject, key) if key else None
            self._keys[subject] = AESGCM(raw) if raw else None

    def make(self, connection: Connection, subjects: Collection[str]) -> None:
        """Make and store the keys of new subjects. One that has a key keeps it."""
        self.vault.recognise(connection)
        now = self.vault.clock.now()
        for subject in sorted(subjects):  # two that make several wait in the same order
            wrapped = self.vault.keys.wrap(subject, secrets.token_bytes(KEY_BYTES))
            store_key(connection, subject, wrapped, now)
            self._keys.pop(subject, None)
        self.fetch(connection, subjects)

    def seal(
        self, subject: str, place: Place, text: str, origin: Origin | None = None
    ) -> SealedText:
        """The text as it is stored. Its subject was fetched. Raises NoSubjectKey."""
        key = self._keys.get(subject)
        if key is None:
            raise NoSubjectKey(f"{place.table}.{place.column} is for a subject without a key")
        mark = MARKS[origin] if origin else b""
        sealed = seal(key, place, text, secrets.token_bytes(NONCE_BYTES), mark)
        return SealedText(text, sealed, place, subject)

    def open(self, subject: str, place: Place, sealed: bytes) -> SealedText:
        """The text as it was stored. Its subject was fetched. Raises CannotOpen."""
        key = self._keys.get(subject)
        if key is None:
            return ErasedText("", sealed, place, subject)
        return SealedText(opened(key, place, sealed), sealed, place, subject)

    def forget(self) -> None:
        """Fetch anew: what was made may have been undone, what was there may be destroyed."""
        self._keys.clear()


async def destroy_keys(db: AsyncSession, subjects: Iterable[str] | Select[Any]) -> None:
    """Make all that is sealed about these subjects unreadable in this database, for ever.

    `subjects` are ids, or a query for them. Leaves with the commit of `db` or not at all. A backup
    from before still has the keys, wrapped.
    """
    wanted = subjects if isinstance(subjects, Select) else list(subjects)
    await db.exec(delete(SubjectKey).where(col(SubjectKey.id).in_(wanted)))
    keyring: Keyring | None = db.sync_session.info.get(KEYRING)
    if keyring is not None:
        keyring.forget()
