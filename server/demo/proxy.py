"""The demo's trusted proxy: passes requests on and says whom they came from.

It speaks to the server from 127.0.0.2, the one address that the demo's server trusts. A browser on
this machine comes from 127.0.0.1 and can claim what it likes: its `X-Forwarded-For` is ignored.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import httpx

PROXY_ADDRESS: Final = "127.0.0.2"


class ForwardedFor(httpx.AsyncBaseTransport):
    """Sends each request from the proxy's own address, in the name of `client`."""

    def __init__(self, client: str) -> None:
        self._client = client
        self._out = httpx.AsyncHTTPTransport(local_address=PROXY_ADDRESS)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass one request on."""
        request.headers["X-Forwarded-For"] = self._client
        return await self._out.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._out.aclose()


@asynccontextmanager
async def through_proxy(base_url: str, client: str) -> AsyncGenerator[httpx.AsyncClient]:
    """An HTTP client whose requests reach `base_url` through the proxy, as those of `client`."""
    async with httpx.AsyncClient(base_url=base_url, transport=ForwardedFor(client)) as http:
        yield http
