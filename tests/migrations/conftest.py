"""Empty databases of both kinds, and keys to seal with."""

from pathlib import Path

import pytest

from server.foundation.vault.key_file import FileKeys, make_key_file
from tests.databases import database_kind, database_url, postgres_address

__all__ = ["database_kind", "database_url", "postgres_address"]


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    """A key file of this test's own."""
    make_key_file(tmp_path / "master.key")
    return FileKeys(tmp_path / "master.key")
