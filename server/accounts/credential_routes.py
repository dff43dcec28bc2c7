"""What one signs in with, changed over HTTP: the password, the e-mail address."""

from fastapi import APIRouter

from server.accounts import email_changing, password_changing
from server.accounts.entrance import RequestEntrance
from server.accounts.errors import (
    EmailChangeOver,
    FreshSignInNeeded,
    MailNotSent,
    NoPassword,
    WrongCode,
    WrongCredentials,
)
from server.accounts.schemas import (
    AccountOut,
    EmailChangeIn,
    EmailChangeOut,
    EmailProofIn,
    PasswordChangeIn,
)
from server.accounts.throttles import spend_letter, spend_try
from server.foundation.errors import InvalidRequest, TooManyRequests
from server.foundation.problem_responses import problems
from server.security.authority import SignedIn
from server.security.errors import BadToken, BreachedPassword, WeakPassword, WrongKindOfCaller

router = APIRouter(prefix="/v1")


@router.post(
    "/account/password",
    status_code=204,
    responses=problems(
        BadToken, WrongKindOfCaller, WrongCredentials, NoPassword, WeakPassword, BreachedPassword,
        InvalidRequest, TooManyRequests,
    ),
)  # fmt: skip
async def change_password(
    given: PasswordChangeIn, owner: SignedIn, entrance: RequestEntrance
) -> None:
    """Change the password; every other sign-in of the account ends at once."""
    entrance.security.throttle.spend("password", owner.id)
    await password_changing.change_password(
        entrance.foundation,
        entrance.security.passwords,
        owner,
        given.password,
        given.new_password,
        entrance.visit,
    )


@router.post(
    "/account/email",
    status_code=202,
    responses=problems(
        BadToken, WrongKindOfCaller, WrongCredentials, FreshSignInNeeded, InvalidRequest,
        TooManyRequests, MailNotSent,
    ),
)  # fmt: skip
async def change_email(
    given: EmailChangeIn, owner: SignedIn, entrance: RequestEntrance
) -> EmailChangeOut:
    """Ask for another e-mail address; the answer is the same whether or not it has an account."""
    entrance.security.throttle.spend("password", owner.id)
    spend_letter(entrance.security.throttle, entrance.visit.seen, given.email)
    parts, passwords = entrance.foundation, entrance.security.passwords
    change = await email_changing.ask(
        parts, passwords, owner, given.email, given.password, entrance.visit
    )
    return EmailChangeOut(expires_at=change.expires_at)


@router.post(
    "/account/email/confirmation",
    responses=problems(
        BadToken, WrongKindOfCaller, WrongCode, EmailChangeOver, InvalidRequest, TooManyRequests
    ),
)
async def confirm_email(
    given: EmailProofIn, owner: SignedIn, entrance: RequestEntrance
) -> AccountOut:
    """Prove the new address by the code that was mailed to it; from now on it signs you in."""
    spend_try(entrance.security.throttle, entrance.visit.seen)
    parts, passwords = entrance.foundation, entrance.security.passwords
    account = await email_changing.confirm(parts, passwords, owner, given.code, entrance.visit)
    return AccountOut.of(account, entrance.visit.now.date())
