"""Cross-site request forgery: whoever acts with a browser's cookies must be a page of ours.

`SameSite` alone takes another port of the same host for the same site. The browser's own word
about where a request comes from can't be forged by a page.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from server.foundation.requests import RequestSettings
from server.security.errors import ForeignOrigin


def _own_origin(request: Request, settings: RequestSettings) -> None:
    origin = request.headers.get("origin")
    if origin in settings.allowed_origins:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise ForeignOrigin
    elif origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignOrigin  # a browser older than the header; programs send neither


FromOurPages = Annotated[None, Depends(_own_origin)]
