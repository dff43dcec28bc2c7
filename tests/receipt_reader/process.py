"""Receipts as somebody else reads them: an independent JWS library, in Node.

Its package is installed with `npm ci` beside its `package.json`; without it these tests fail and
say so.
"""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent


async def read(jwks: dict[str, Any], receipt: str, typ: str) -> dict[str, Any]:
    """What the reader makes of a receipt: `header` and `members`, or why it is `refused`."""
    node = shutil.which("node")
    assert node is not None, "these tests need node"
    assert (FOLDER / "node_modules").is_dir(), f"run `npm ci` in {FOLDER.name} first"
    process = await asyncio.create_subprocess_exec(
        node,
        "read.mjs",
        cwd=FOLDER,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    asked = json.dumps({"jwks": jwks, "receipt": receipt, "typ": typ})
    told, _ = await process.communicate(asked.encode())
    assert process.returncode == 0
    return json.loads(told)
