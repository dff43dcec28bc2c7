"""What happens to every request: an id, a limit on its size, safe headers, one line of log."""

import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import structlog
from starlette.requests import Request

from server.foundation.answer_headers import only_registered
from server.foundation.errors import RequestTooLarge
from server.foundation.problem_responses import problem_response
from server.foundation.purposes import VISITOR_OBJECTS

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
HSTS: Final = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


def content_security_policy(connect_to: str) -> bytes:
    """The policy of our pages: nothing but ourselves, and a socket to `connect_to`."""
    return (
        f"default-src 'self'; connect-src 'self' {connect_to}; img-src 'self' data: blob:; "
        "media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ).encode()


class HttpEdge:
    """An ASGI layer around the whole application."""

    def __init__(
        self,
        app: Asgi,
        *,
        max_bytes: int,
        csp: bytes,
        secure: bool,
        cookies: frozenset[str] = frozenset(),
    ) -> None:
        """`cookies` are the names of those that may be set."""
        self._app = app
        self._max_bytes = max_bytes
        self._cookies = cookies
        self._headers = [*HEADERS, (b"content-security-policy", csp), *([HSTS] if secure else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = f"req_{secrets.token_hex(8)}"
        scope.setdefault("state", {})["request_id"] = request_id
        began = time.perf_counter()
        status = 500
        signal = VISITOR_OBJECTS.set((b"sec-gpc", b"1") in scope["headers"])

        async def say(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers, dropped = only_registered(message.get("headers", []), self._cookies)
                if dropped:
                    structlog.get_logger().error("not_in_register", dropped=dropped)
                told = (b"x-request-id", request_id.encode())
                message["headers"] = [*headers, *self._headers, told]
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._limited(scope, receive, say)
            finally:
                VISITOR_OBJECTS.reset(signal)
                structlog.get_logger().info(
                    "request",
                    method=scope["method"],
                    route=getattr(scope.get("route"), "path", "unknown"),
                    status=status,
                    duration_ms=round((time.perf_counter() - began) * 1000, 1),
                )

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = bytearray(), True
        while more:  # bodies are small: read whole, or refused before anything is done
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._max_bytes:
                response = problem_response(RequestTooLarge(), Request(dict(scope)))
                await response(scope, receive, send)
                return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)
