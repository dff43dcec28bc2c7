"""The whole server on both databases, with a counter where people ask and staff answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.databases import database_kind, database_url, postgres_address
from tests.privacy.cases.counter import Counter
from tests.registry.world import running_world

__all__ = ["counter", "database_kind", "database_url", "postgres_address"]


@pytest.fixture
async def counter(tmp_path: Path, database_url: str) -> AsyncIterator[Counter]:
    """The running server over an empty database."""
    async with running_world(tmp_path, database_url) as world:
        yield Counter(world)
