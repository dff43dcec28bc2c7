"""The identity provider as a process, and a person's way through its pages.

Its packages are installed with `npm ci` beside its `package.json`; without them these tests fail
and say so.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx

FOLDER = Path(__file__).parent
CLIENT_ID = "secuhome"
CLIENT_SECRET = "a secret: with/signs+that&need=care"
NAME = "certified"


@dataclass(frozen=True)
class IdentityProvider:
    """A running provider."""

    issuer: str

    async def let_in(self, address: str, person: str, **changed: str) -> dict[str, str]:
        """Go where our server sent the browser, sign in as `person`, agree; the callback's query.

        `changed` members replace those of the request, as a meddler in the browser could.
        """
        parts = urlsplit(address)
        query = {**dict(parse_qsl(parts.query)), "login_hint": person, **changed}
        async with httpx.AsyncClient(base_url=self.issuer) as browser:
            answer = await browser.get(parts.path, params=query)
            while answer.is_redirect and answer.headers["location"].startswith(("/", self.issuer)):
                answer = await browser.get(answer.headers["location"])
        assert answer.is_redirect, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@asynccontextmanager
async def identity_provider(redirect_uri: str) -> AsyncGenerator[IdentityProvider]:
    """Start the provider; it ends with the block."""
    node = shutil.which("node")
    assert node is not None, "these tests need node"
    assert (FOLDER / "node_modules").is_dir(), f"run `npm ci` in {FOLDER.name} first"
    process = await asyncio.create_subprocess_exec(
        node,
        "server.mjs",
        cwd=FOLDER,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,  # its warnings that it isn't meant for production
        env={
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "REDIRECT_URI": redirect_uri,
        },
    )
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 20)
        yield IdentityProvider(json.loads(line)["issuer"])
    finally:
        process.terminate()
        await process.wait()
