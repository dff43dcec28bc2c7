"""The export: one ZIP archive with everything held about an account, sent while it is read.

Memory holds one page of rows, whatever the account has. Nothing is written to a disk of ours.
An archive that is cut off, because a read failed, has no directory at its end and doesn't open.
"""

import stat
import zlib
from collections.abc import AsyncGenerator, AsyncIterable
from datetime import datetime
from typing import Any, Final

from stream_zip import ZIP_64, async_stream_zip

from server.foundation.database import Database
from server.privacy.export_parts import data_file, page_file

MODE: Final = stat.S_IFREG | 0o600
CHUNK_BYTES: Final = 65_536
LEVEL: Final = 6  # zlib's own middle; the library's 9 takes twice the time for a few per cent


def archive(database: Database, account_id: str, now: datetime) -> AsyncIterable[bytes]:
    """The archive, chunk by chunk, as fast as it is taken."""
    return async_stream_zip(
        _files(database, account_id, now),
        chunk_size=CHUNK_BYTES,
        get_compressobj=lambda: zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS),
    )


async def _files(
    database: Database, account_id: str, now: datetime
) -> AsyncGenerator[tuple[Any, ...]]:
    yield "index.html", now, MODE, ZIP_64, page_file(database, account_id, now)
    yield "data.json", now, MODE, ZIP_64, data_file(database, account_id, now)
