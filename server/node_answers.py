"""What a process with a gateway answers its operator, on its node's socket: counts, and nobody."""

import os
import time
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from signaling.metrics import Counts


def node_app(node: str, counts: Callable[[], Counts], drain: Callable[[], None]) -> Starlette:
    """`GET /node` tells how the node is. `POST /drain` sends it away; again changes nothing."""
    began = time.monotonic()
    draining = False

    async def tell(_: Request) -> JSONResponse:
        body: dict[str, Any] = {
            "node": node,
            "pid": os.getpid(),
            "uptime_s": round(time.monotonic() - began),
            **counts()._asdict(),
            "draining": draining,
        }
        return JSONResponse(body)

    async def leave(_: Request) -> JSONResponse:
        nonlocal draining
        if not draining:
            draining = True
            drain()
        return JSONResponse({"node": node, "draining": True}, 202)

    routes = [Route("/node", tell), Route("/drain", leave, methods=["POST"])]
    return Starlette(routes=routes)
