"""The public announcement that the service ends, for people and for machines. Takes no account."""

from datetime import date, datetime
from html import escape
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import Field

from server.foundation.requests import ReadingDb, RequestSettings
from server.foundation.small_page import small_page
from server.foundation.wire import Outgoing
from server.privacy.term_words import value_words
from server.privacy.winding_down.closing import the_end

router = APIRouter()


class EndOut(Outgoing):
    """Whether the service ends, and how far that is."""

    closing: bool
    since: datetime | None = None
    erases_on: Annotated[
        date | None, Field(description="Until then people fetch what is theirs.")
    ] = None
    reason: str | None = None
    report: Annotated[
        str | None, Field(description="A compact JWS under `/.well-known/jwks.json`, at the end.")
    ] = None


@router.get("/v1/closing", tags=["service"])
async def show_end_of_service(db: ReadingDb) -> EndOut:
    """Whether the whole service ends; and when it is over, the signed report."""
    end = await the_end(db)
    if end is None:
        return EndOut(closing=False)
    return EndOut(
        closing=True,
        since=end.begun_at,
        erases_on=end.erases_on,
        reason=end.reason,
        report=end.report,
    )


@router.get("/closing", include_in_schema=False)
async def show_announcement(db: ReadingDb, settings: RequestSettings) -> HTMLResponse:
    """The announcement, as a page."""
    end = await the_end(db)
    if end is None:
        return HTMLResponse(small_page("SecuHome goes on", "There is no plan to close it."))
    app = f'<p><a href="{escape(settings.public_url)}/app/">Open the app</a></p>'
    done = "All of it is erased." if end.closed_at else "On that day we erase everything."
    lead = (
        f"{escape(end.reason)} Since {value_words(end.begun_at)} we take nothing new. Until "
        f"{value_words(end.erases_on)} you can sign in, fetch what we hold about you, and cancel "
        f"your account. {done} What a law makes us keep is locked until its last day."
    )
    return HTMLResponse(small_page("SecuHome is closing", lead, app))
