"""What somebody with the disk finds: every byte of a database, and how a text may stand there."""

import base64
import os
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import text

from server.foundation.database import Database

URL_SAFE = bytes.maketrans(b"+/", b"-_")


async def bytes_of(database: Database) -> bytes:
    """The database's files, as they are on the disk now, and every row as text."""
    if database.is_sqlite:
        path = Path(database.url.partition(":///")[2])
        return b"".join(it.read_bytes() for it in sorted(path.parent.glob(f"{path.name}*")))
    async with database.engine.connect() as connection:
        plain = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("CHECKPOINT"))
        tables = await plain.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        rows: list[str] = []
        for (table,) in tables:
            found = await plain.execute(text(f"SELECT it::text FROM {table} AS it"))
            rows += found.scalars()
        folder = await plain.execute(
            text(
                "SELECT current_setting('data_directory') || '/base/' || oid FROM pg_database"
                " WHERE datname = current_database()"
            )
        )
    files = sorted(Path(folder.scalar_one()).iterdir())
    return b"\n".join([*(row.encode() for row in rows), *(it.read_bytes() for it in files)])


def found_in(stored: bytes, planted: Iterable[str]) -> set[str]:
    """Which of the planted texts stand there in any spelling that we know of."""
    lower = stored.lower()
    return {it for it in planted if any(one in lower for one in _spellings(it))}


def _spellings(it: str) -> set[bytes]:
    """As it is, in UTF-16, in hexadecimal digits, in base64 at each of its three offsets."""
    raw = it.encode()
    spelt = {raw, it.encode("utf-16-le"), raw.hex().encode()}
    for before in range(3):
        shifted = base64.b64encode(os.urandom(before) + raw)
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6  # wholly the text's own
        spelt |= {shifted[first:last], shifted[first:last].translate(URL_SAFE)}
    return {one.lower() for one in spelt}
