"""The whole server, on both databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.registry.world import World, running_world


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running
