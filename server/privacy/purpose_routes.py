"""Purposes, choices and receipts over HTTP. Withdrawing takes one request, as giving does.

They answer before the policy is accepted too, all but giving: who refuses a new policy must still
be able to withdraw.
"""

from typing import Final

from fastapi import APIRouter

from server.accounts.errors import MailNotSent
from server.accounts.sent_along import NOTHING
from server.accounts.visit import RequestVisit
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.foundation.purposes import granted_by
from server.foundation.requests import ReadingDb, RequestFoundation, WritingDb
from server.privacy import choosing, consent_queries
from server.privacy.choosing import Wish
from server.privacy.consent_rules import State
from server.privacy.errors import (
    BrowserObjects,
    PolicyNotAccepted,
    PurposeHasNoSwitch,
    PurposeHeldOff,
    PurposeTextDiffers,
    UnknownPermission,
    UnknownPurpose,
    UnknownReceipt,
)
from server.privacy.gate import RequestGate
from server.privacy.news.subscribing import LETTERS, ask_to_confirm
from server.privacy.purpose_gate import RequestPurposes
from server.privacy.purpose_schemas import (
    BeforeNumber,
    ChoiceIn,
    ChoiceOut,
    ChoicesOut,
    PermissionPath,
    PurposeOut,
    PurposePath,
    PurposesOut,
    ReceiptId,
    ReceiptOut,
)
from server.privacy.receipts import RequestReceipts
from server.privacy.winding_down.closing import takes_new
from server.security.authority import SignedIn
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.parts import RequestSecurity

PAGE: Final = 50  # choices; far more than people make

router = APIRouter(prefix="/v1/privacy", responses=problems(BadToken, WrongKindOfCaller))


@router.get("/purposes")
async def list_purposes(owner: SignedIn, db: ReadingDb, gate: RequestPurposes) -> PurposesOut:
    """What we use data for, and which of it you allow."""
    granted = await granted_by(db, owner.id)
    return PurposesOut(purposes=[PurposeOut.of(row, granted) for row in gate.declared])


@router.put(
    "/purposes/{code}",
    responses=problems(
        PolicyNotAccepted,
        UnknownPurpose,
        PurposeHasNoSwitch,
        PurposeHeldOff,
        BrowserObjects,
        PurposeTextDiffers,
        InvalidRequest,
        TooManyRequests,
        MailNotSent,
    ),
)
async def choose_purpose(
    code: PurposePath,
    given: ChoiceIn,
    owner: SignedIn,
    db: WritingDb,
    gate: RequestPurposes,
    policy: RequestGate,
    visit: RequestVisit,
    receipts: RequestReceipts,
    parts: RequestFoundation,
    security: RequestSecurity,
) -> ChoiceOut:
    """Switch a purpose on or off. It counts at once; what served it alone is deleted.

    Letters are confirmed by a link that is mailed now; switching on again mails it again.
    """
    security.throttle.spend("choose", owner.id)
    state = State.GIVEN if given.on else State.WITHDRAWN
    purpose = gate.purpose(code)
    _check_sent(given, purpose.code, owner.id)
    if given.on:
        await takes_new(db)
    if given.on and not await policy.accepted(db, owner.id):
        raise PolicyNotAccepted
    edition = await policy.in_force_for(db, owner.id)
    wish = Wish(purpose, state, given.sha256, edition.version)
    consent = await choosing.choose(db, owner.id, wish, visit, receipts, parts.settings)
    await ask_to_confirm(db, consent, purpose, parts)
    return ChoiceOut.of(consent)


def _check_sent(given: ChoiceIn, code: str, account_id: str) -> None:
    """What was sent along belongs to letters, and to the caller. Raises InvalidRequest."""
    if given.sent != NOTHING and code not in LETTERS:
        raise InvalidRequest([{"field": "sent", "message": "leave this out: it is for letters"}])
    if not given.sent.is_for(account_id):
        message = "give the id of the account that is signed in, or none"
        raise InvalidRequest([{"field": "sent.user_id", "message": message}])


@router.post(
    "/permissions/{permission}/denial",
    responses=problems(UnknownPermission, InvalidRequest, TooManyRequests),
)
async def report_denied_permission(
    permission: PermissionPath,
    owner: SignedIn,
    db: WritingDb,
    gate: RequestPurposes,
    policy: RequestGate,
    visit: RequestVisit,
    receipts: RequestReceipts,
    parts: RequestFoundation,
    security: RequestSecurity,
) -> ChoicesOut:
    """The phone's settings deny the app a permission: that withdraws all that it stood for.

    Answers with the withdrawals, each with its receipt. A permission that is given again switches
    nothing on: that is asked anew.
    """
    security.throttle.spend("choose", owner.id)
    edition = await policy.in_force_for(db, owner.id)
    granted = await granted_by(db, owner.id)
    made = [
        await choosing.choose(
            db,
            owner.id,
            Wish(purpose, State.WITHDRAWN, None, edition.version),
            visit,
            receipts,
            parts.settings,
        )
        for purpose in gate.standing_on(permission)
        if granted.shows(purpose.code)
    ]
    return ChoicesOut(choices=[ChoiceOut.of(consent) for consent in made], next=None)


@router.get("/choices", responses=problems(InvalidRequest))
async def list_choices(owner: SignedIn, db: ReadingDb, before: BeforeNumber = None) -> ChoicesOut:
    """Everything that you ever chose, the newest first."""
    found = await consent_queries.choices_of(db, owner, before, PAGE + 1)
    shown = [ChoiceOut.of(consent) for consent in found[:PAGE]]
    return ChoicesOut(choices=shown, next=shown[-1].number if len(found) > PAGE else None)


@router.get("/receipts/{receipt_id}", responses=problems(UnknownReceipt, InvalidRequest))
async def show_receipt(receipt_id: ReceiptId, owner: SignedIn, db: ReadingDb) -> ReceiptOut:
    """The signed receipt of one of your choices."""
    receipt = await consent_queries.own_receipt(db, owner, receipt_id)
    return ReceiptOut(id=receipt_id, receipt=receipt)
