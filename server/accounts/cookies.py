"""The two cookies. No script reads them, and other sites' pages can't send the first at all."""

from typing import Annotated, Final

from fastapi import Cookie, Response

from server.accounts.sessions import OpenSession
from server.foundation.settings import Settings

REFRESH: Final = "secuhome_refresh"
REFRESH_PATH: Final = "/v1/sessions"
SIGN_IN: Final = "secuhome_provider_sign_in"
SIGN_IN_PATH: Final = "/v1/providers"
NAMES: Final = frozenset({REFRESH, SIGN_IN})  # no answer can set another

RefreshCookie = Annotated[str | None, Cookie(alias=REFRESH, max_length=128)]
SignInCookie = Annotated[str | None, Cookie(alias=SIGN_IN, max_length=128)]


def set_refresh_cookie(response: Response, opened: OpenSession, settings: Settings) -> None:
    """Give the browser its next refresh token; it forgets it at its end unless remembered."""
    response.set_cookie(
        REFRESH,
        opened.refresh_token,
        max_age=settings.refresh_token_s if opened.session.remember else None,
        path=REFRESH_PATH,
        secure=settings.secure,
        httponly=True,
        samesite="strict",
    )


def clear_refresh_cookie(response: Response, settings: Settings) -> None:
    """Make the browser forget its refresh token."""
    response.delete_cookie(
        REFRESH, path=REFRESH_PATH, secure=settings.secure, httponly=True, samesite="strict"
    )


def set_sign_in_cookie(response: Response, binder: str, settings: Settings) -> None:
    """Bind a provider sign-in to this browser. `lax`, because the way back is a navigation."""
    response.set_cookie(
        SIGN_IN,
        binder,
        max_age=settings.provider_sign_in_s,
        path=SIGN_IN_PATH,
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def clear_sign_in_cookie(response: Response, settings: Settings) -> None:
    """The provider sign-in is over."""
    response.delete_cookie(
        SIGN_IN, path=SIGN_IN_PATH, secure=settings.secure, httponly=True, samesite="lax"
    )
