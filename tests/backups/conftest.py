"""Databases of both kinds, as many as a test asks for, and a key file for all of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import pytest

from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from tests.backups.rows import BEFORE
from tests.databases import database_kind, database_url, empty_postgres, postgres_address
from tests.movable_clock import MovableClock

__all__ = ["database_kind", "database_url", "postgres_address"]
Fresh = Callable[[str], Awaitable[str]]


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    """A key file of this test's own."""
    make_key_file(tmp_path / "master.key")
    return FileKeys(tmp_path / "master.key")


@pytest.fixture
def vault(keys: FileKeys) -> Vault:
    """A vault with these keys, at a time when nothing that is planted is over."""
    return Vault(keys, MovableClock(BEFORE))


@pytest.fixture
async def fresh(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Fresh]:
    """Makes an empty database of a kind: its URL."""
    numbers = count()
    async with AsyncExitStack() as stack:

        async def make(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite+aiosqlite:///{tmp_path / f'fresh-{next(numbers)}.sqlite'}"
            address = request.getfixturevalue("postgres_address")
            return await stack.enter_async_context(empty_postgres(address))

        yield make
