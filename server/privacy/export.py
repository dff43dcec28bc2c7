"""The export: one ZIP archive with everything held about an account, sent while it is read.

Memory holds one page of rows, whatever the account has. Nothing is written to a disk of ours.
An archive that is cut off, because a read failed, has no directory at its end and doesn't open.
Its last file is a signed statement of what the others are, so that a changed copy can be told.
"""

import stat
import zlib
from collections.abc import AsyncGenerator, AsyncIterable
from datetime import datetime
from typing import Any, Final

from stream_zip import ZIP_64, async_stream_zip

from server.foundation.database import Database
from server.privacy.export_parts import data_file, page_file
from server.privacy.export_signature import SIGNATURE_FILE, ExportSignature
from server.privacy.receipts import Receipts

MODE: Final = stat.S_IFREG | 0o600
CHUNK_BYTES: Final = 65_536
LEVEL: Final = 6  # zlib's own middle; the library's 9 takes twice the time for a few per cent


def archive(
    database: Database, account_id: str, now: datetime, receipts: Receipts
) -> AsyncIterable[bytes]:
    """The archive, chunk by chunk, as fast as it is taken."""
    return async_stream_zip(
        _files(database, account_id, now, receipts),
        chunk_size=CHUNK_BYTES,
        get_compressobj=lambda: zlib.compressobj(LEVEL, wbits=-zlib.MAX_WBITS),
    )


async def _files(
    database: Database, account_id: str, now: datetime, receipts: Receipts
) -> AsyncGenerator[tuple[Any, ...]]:
    signature = ExportSignature(receipts, account_id, now)
    for name, chunks in (
        ("index.html", page_file(database, account_id, now)),
        ("data.json", data_file(database, account_id, now)),
    ):
        yield name, now, MODE, ZIP_64, signature.passing(name, chunks)
    yield SIGNATURE_FILE, now, MODE, ZIP_64, signature.file()
