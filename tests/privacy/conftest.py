"""The parts that people come in by, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import database_kind, database_url, postgres_address
from tests.people import People, people

__all__ = ["database_kind", "database_url", "house", "postgres_address"]


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[People]:
    """The running parts over an empty database."""
    async with people(tmp_path, database_url) as running:
        yield running
