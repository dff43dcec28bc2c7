"""The links in letters, over HTTP.

Opening one changes nothing, as scanners of mail open them too; its button does, and so does the
mail program's own (RFC 8058: a POST with nothing but the address).
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from fastapi.responses import HTMLResponse

from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, RequestFoundation, WritingDb
from server.privacy.errors import UnknownPurpose
from server.privacy.gate import RequestGate
from server.privacy.news import subscribing
from server.privacy.news.errors import UnknownLetterLink
from server.privacy.news.links import PATTERN
from server.privacy.news.pages import page
from server.privacy.news.subscribing import Clicked
from server.privacy.purpose_gate import RequestPurposes
from server.privacy.purpose_schemas import PurposePath
from server.privacy.receipts import RequestReceipts
from server.security.parts import RequestSecurity

TokenPath = Annotated[str, Path(pattern=PATTERN)]


def _spend(visit: RequestVisit, security: RequestSecurity) -> None:
    security.throttle.spend("letter_link", visit.seen.network)


router = APIRouter(
    prefix="/v1/letters",
    dependencies=[Depends(_spend)],
    default_response_class=HTMLResponse,
    responses=problems(UnknownLetterLink, UnknownPurpose, InvalidRequest, TooManyRequests),
)


@router.get("/{purpose}/confirm/{token}")
async def show_confirmation(
    purpose: PurposePath, token: TokenPath, gate: RequestPurposes
) -> HTMLResponse:
    """The page on which the mailbox's reader says that they want letters."""
    del token  # checked when the button is pressed
    kind = gate.purpose(purpose)
    return page(kind.title, kind.explanation, button="Yes, send me these letters")


@router.post("/{purpose}/confirm/{token}")
async def confirm_letters(
    purpose: PurposePath,
    token: TokenPath,
    gate: RequestPurposes,
    db: WritingDb,
    visit: RequestVisit,
) -> HTMLResponse:
    """Confirm letters that were switched on."""
    clicked = Clicked(gate.purpose(purpose), token)
    await subscribing.confirm(db, clicked, visit)
    return page("You will get these letters", f"{clicked.purpose.title}: confirmed.")


@router.get("/{purpose}/end/{token}")
async def show_end(
    purpose: PurposePath, token: TokenPath, gate: RequestPurposes, db: ReadingDb
) -> HTMLResponse:
    """The page on which letters are ended."""
    clicked = Clicked(gate.purpose(purpose), token)
    await subscribing.known_end(db, clicked)
    return page(
        f"{clicked.purpose.title}: no more letters?",
        "One click ends these letters. Nothing else changes.",
        button="End these letters",
    )


@router.post("/{purpose}/end/{token}")
async def end_letters(
    purpose: PurposePath,
    token: TokenPath,
    gate: RequestPurposes,
    db: WritingDb,
    visit: RequestVisit,
    policy: RequestGate,
    receipts: RequestReceipts,
    parts: RequestFoundation,
) -> HTMLResponse:
    """Withdraw, as the switch in the app does. Needs no sign-in."""
    clicked = Clicked(gate.purpose(purpose), token)
    await subscribing.end(db, clicked, visit, policy, receipts, parts)
    return page(
        "These letters have ended",
        f"{clicked.purpose.title}: off. Letters that wait are not sent. The receipt is in the app, "
        "on the page Privacy.",
    )
