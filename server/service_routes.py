"""What the service says about itself: where signaling is, its keys, and how it is."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse, RedirectResponse

from server.foundation.requests import RequestFoundation
from server.security.parts import RequestSecurity

router = APIRouter()


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """Send a browser to the companion app."""
    return RedirectResponse("/app/")


@router.get("/v1/signaling", tags=["signaling"])
async def signaling_address(foundation: RequestFoundation) -> dict[str, str]:
    """Where cameras and phones open their signaling socket."""
    return {"url": foundation.settings.signaling_address}


@router.get("/.well-known/jwks.json", tags=["service"])
async def published_keys(security: RequestSecurity) -> dict[str, object]:
    """The public keys that our access tokens are verified with (RFC 7517)."""
    return security.tokens.jwks()


@router.get("/healthz", tags=["service"])
async def healthy() -> dict[str, str]:
    """Whether this process is alive."""
    return {"state": "alive"}


@router.get("/readyz", tags=["service"])
async def ready(foundation: RequestFoundation, security: RequestSecurity) -> JSONResponse:
    """Whether this process can serve: its database answers. 503 while it doesn't."""
    answers = await foundation.database.answers()
    geography = security.locator.state(foundation.clock.now())
    body = {"database": "answers" if answers else "away", "geography": geography.condition}
    return JSONResponse(body, 200 if answers else 503)
