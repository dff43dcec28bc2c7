"""What the files of an export were when we gave them out, signed: a changed copy can be told."""

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Final

from server.privacy.receipts import Receipts

KIND: Final = "export-signature"
SIGNATURE_FILE: Final = "signature.jws"


class ExportSignature:
    """Counts and hashes each file while it passes. Its own file comes last."""

    def __init__(self, receipts: Receipts, account_id: str, made_at: datetime) -> None:
        self._receipts, self._account_id, self._made_at = receipts, account_id, made_at
        self._files: dict[str, dict[str, str | int]] = {}

    async def passing(self, name: str, chunks: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """The chunks as they come. The file is entered once its last one has passed."""
        digest, size = hashlib.sha256(), 0
        async with aclosing(chunks):  # whoever leaves in the middle leaves nothing running
            async for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                yield chunk
        self._files[name] = {"sha256": digest.hexdigest(), "bytes": size}

    async def file(self) -> AsyncGenerator[bytes]:
        """The statement: whose export, when, and SHA-256 and length of each file."""
        members = {
            "account_id": self._account_id,
            "made_at": self._made_at.isoformat(),
            "files": self._files,
        }
        yield self._receipts.sign(KIND, members).encode()
