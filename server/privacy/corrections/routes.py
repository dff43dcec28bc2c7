"""Putting particular data right and deleting it, over HTTP. Needs no acceptance of the policy."""

from fastapi import APIRouter, Response

from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.requests import ReadingDb, WritingDb
from server.privacy.corrections import correcting, deleting
from server.privacy.corrections.errors import (
    ImpossibleValue,
    NotCorrectable,
    NotDeletable,
    UnknownCategory,
)
from server.privacy.corrections.fields import fields_of
from server.privacy.corrections.schemas import (
    CorrectionsIn,
    DeletionIn,
    DeletionOut,
    FieldOut,
    FieldsOut,
    KeptOut,
)
from server.privacy.throttles import spend_change, spend_look
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

router = APIRouter()


@router.get(
    "/privacy/corrections", responses=problems(BadToken, WrongKindOfCaller, TooManyRequests)
)
async def show_corrections(
    owner: SignedIn, db: ReadingDb, security: RequestSecurity, response: Response
) -> FieldsOut:
    """All fields that the caller may put right, with their values: enough to make a form of."""
    spend_look(security.throttle, owner)
    response.headers["Cache-Control"] = "no-store"
    return FieldsOut(fields=[FieldOut.of(it) for it in await fields_of(db, owner.id)])


@router.patch(
    "/privacy/corrections",
    responses=problems(
        BadToken, WrongKindOfCaller, TooManyRequests, InvalidRequest, ImpossibleValue,
        NotCorrectable,
    ),
)  # fmt: skip
async def make_corrections(
    given: CorrectionsIn,
    owner: SignedIn,
    db: WritingDb,
    security: RequestSecurity,
    visit: RequestVisit,
    response: Response,
) -> FieldsOut:
    """Put fields right: all of them, or none if one can't be. Answers as the form stands then."""
    spend_change(security.throttle, owner)
    await correcting.correct(db, owner, given.corrections, visit)
    response.headers["Cache-Control"] = "no-store"
    return FieldsOut(fields=[FieldOut.of(it) for it in await fields_of(db, owner.id)])


@router.post(
    "/privacy/deletions",
    responses=problems(
        BadToken, WrongKindOfCaller, TooManyRequests, InvalidRequest, UnknownCategory, NotDeletable
    ),
)
async def delete_category(
    given: DeletionIn,
    owner: SignedIn,
    db: WritingDb,
    security: RequestSecurity,
    visit: RequestVisit,
) -> DeletionOut:
    """Delete what is held of one category, as far as the account can go on without it."""
    spend_change(security.throttle, owner)
    deleted = await deleting.delete(db, owner, given.category, visit)
    kept = [KeptOut.of(it) for it in deleted.kept]
    return DeletionOut(category=given.category, deleted=deleted.count, kept=kept)
