"""A diary on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.foundation.database import Database
from server.foundation.vault.key_file import FileKeys
from tests.databases import database_kind, database_url, postgres_address
from tests.foundation.vault.diary import diary, keys_in

__all__ = ["database_kind", "database_url", "postgres_address"]


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    """A key file of this test's own."""
    return keys_in(tmp_path)


@pytest.fixture
async def database(database_url: str, keys: FileKeys) -> AsyncIterator[Database]:
    """The database with a diary's tables, empty."""
    async with diary(database_url, keys) as it:
        yield it
