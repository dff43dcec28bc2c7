"""What an answer may have a browser keep, send or do: a closed list, as `docs/cookies.md` tells it.

Whoever sets another header or cookie, of ours or in a library, has not entered it there, and
nobody could read of it. So it doesn't leave: the answer goes without it, and the log names it.
"""

from collections.abc import Iterable
from typing import Final

Headers = list[tuple[bytes, bytes]]

COOKIE: Final = b"set-cookie"
REGISTERED: Final = frozenset(
    {
        # of each answer, by `http_edge.py`
        b"content-security-policy", b"cross-origin-opener-policy", b"cross-origin-resource-policy",
        b"permissions-policy", b"referrer-policy", b"strict-transport-security",
        b"x-content-type-options", b"x-request-id",
        # of those that need them
        b"accept-ranges", b"allow", b"cache-control", b"content-disposition", b"content-length",
        b"content-range", b"content-type", b"etag", b"last-modified", b"location", b"pragma",
        b"retry-after", COOKIE, b"www-authenticate",
    }
)  # fmt: skip


def only_registered(
    headers: Iterable[tuple[bytes, bytes]], cookies: frozenset[str]
) -> tuple[Headers, list[str]]:
    """The headers that may leave, and the names of those that may not; `cookies` are ours."""
    kept: Headers = []
    dropped: list[str] = []
    for name, value in headers:
        lower = name.lower()
        cookie = value.split(b"=", 1)[0].strip().decode("latin-1") if lower == COOKIE else None
        if lower in REGISTERED and (cookie is None or cookie in cookies):
            kept.append((name, value))
        else:
            dropped.append(lower.decode("latin-1") if cookie is None else f"set-cookie: {cookie}")
    return kept, dropped
