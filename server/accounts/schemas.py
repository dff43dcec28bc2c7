"""What the routes of accounts take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from email_validator import EmailNotValidError, validate_email
from fastapi import Path, Query
from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError, ValidationError

from server.accounts.area_rules import AREAS
from server.accounts.registration_fields import NEEDED, REASONS
from server.accounts.sent_along import NOTHING, SentAlong
from server.accounts.tables import Account, Session
from server.foundation.correction_rules import age_on, printable
from server.foundation.purposes import Granted
from server.foundation.wire import Incoming, Outgoing
from server.security.events import SecurityEvent, place_of, told


def _address(text: str) -> str:
    """One spelling for each mailbox: lower case. Hardly any server still tells cases apart."""
    try:
        found = validate_email(text, allow_smtputf8=False, check_deliverability=False)
    except EmailNotValidError:
        raise ValueError("this is no e-mail address") from None  # the library's words repeat it
    return (found.ascii_email or found.normalized).lower()


def _area(code: str) -> str:
    if code not in AREAS:
        raise ValueError("give a country code of ISO 3166-1, two capital letters")
    return code


EmailText = Annotated[str, StringConstraints(max_length=254), AfterValidator(_address)]
# The rules for new passwords are stricter; this only bounds what is read.
PasswordText = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
AreaCode = Annotated[str, AfterValidator(_area)]
PersonName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(printable),
]
CodeText = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
RegistrationId = Annotated[str, Path(pattern=r"^reg_[a-z0-9_]{1,60}$")]
SignInId = Annotated[str, Path(pattern=r"^ses_[a-z0-9_]{1,60}$")]
ProviderName = Annotated[str, Path(pattern=r"^[a-z0-9-]{1,32}$")]
Before = Annotated[str | None, Query(pattern=r"^evt_[a-z0-9_]{1,60}$")]
ByStaff = Annotated[bool, Query(description="Only what our staff did.")]


class RegistrationIn(Incoming):
    """What registering asks for, as `registration_fields.py` says."""

    email: Annotated[EmailText, Field(description=REASONS["email"])]
    password: Annotated[PasswordText, Field(description=REASONS["password"])]
    area: Annotated[AreaCode, Field(description=REASONS["area"])]
    name: Annotated[PersonName | None, Field(description=REASONS["name"])] = None

    @model_validator(mode="before")
    @classmethod
    def _what_is_needed_is_there(cls, given: Any) -> Any:
        """Says of what is missing what it is needed for."""
        missing = [name for name in NEEDED if isinstance(given, dict) and name not in given]
        if missing:
            errors = [
                InitErrorDetails(
                    type=PydanticCustomError(
                        "needed", "This is needed. {why}", {"why": REASONS[it]}
                    ),
                    loc=(it,),
                    input=None,
                )
                for it in missing
            ]
            raise ValidationError.from_exception_data(cls.__name__, errors, hide_input=True)
        return given


class RegistrationOut(Outgoing):
    """The same for every address, whether it has an account or not."""

    registration_id: str
    expires_at: datetime


class ConfirmationIn(Incoming):
    """The code from the letter."""

    code: CodeText
    remember: bool = False


class SignInIn(Incoming):
    """A person's credentials. `remember` keeps the sign-in when the browser closes.

    `take_back` undoes the cancelling of an account that isn't erased yet. `sent` may be left out.
    """

    email: EmailText
    password: PasswordText
    remember: bool = False
    take_back: bool = False
    sent: SentAlong = NOTHING


class PasswordChangeIn(Incoming):
    """The password as it is, and as it is to be."""

    password: PasswordText
    new_password: Annotated[PasswordText, Field(description="15 to 256 signs.")]


class EmailChangeIn(Incoming):
    """The new address. The password, if the account has one: without, sign in again just before."""

    email: EmailText
    password: PasswordText | None = None


class EmailChangeOut(Outgoing):
    """The same for every address. The code counts until then."""

    expires_at: datetime


class EmailProofIn(Incoming):
    """The code from the letter to the new address."""

    code: CodeText


class PlaceOut(Outgoing):
    """The place that was recorded for this use, "unknown", or "not recorded"."""

    text: str


class SessionOut(Outgoing):
    """A sign-in. The refresh token is in the cookie and nowhere else."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the name of a scheme
    expires_in: Annotated[int, Field(description="Seconds.")]
    account_id: str
    policy_accepted: bool
    place: PlaceOut


class ProviderOut(Outgoing):
    """A provider that one can sign in with."""

    name: str
    title: str


class ProvidersOut(Outgoing):
    """All of them, in the order of the settings."""

    providers: list[ProviderOut]


class AccountOut(Outgoing):
    """The account, to its owner."""

    id: str
    name: str | None
    email: str | None
    area: str | None
    avatar_url: str | None
    age: Annotated[int | None, Field(description="In years, by the birthday that was typed.")]
    created_at: datetime

    @classmethod
    def of(cls, account: Account, today: date) -> Self:
        """The account on the wire. Raises ValueError for one that was erased."""
        if account.created_at is None:
            raise ValueError("nothing is left of this account")
        return cls(
            id=account.id,
            name=account.name,
            email=account.email,
            area=account.area,
            avatar_url=account.avatar_url,
            age=age_on(date.fromisoformat(account.birthday), today) if account.birthday else None,
            created_at=account.created_at,
        )


class SignInOut(Outgoing):
    """One sign-in: a browser, or a device's app."""

    id: str
    device: str
    remembered: Annotated[bool, Field(description="Whether it outlives the browser's end.")]
    since: datetime
    last_used_at: datetime
    is_this: Annotated[bool, Field(description="Whether it is the one that asks.")]

    @classmethod
    def of(cls, session: Session, own_id: str) -> Self:
        """The sign-in on the wire, to who came by the one of this id."""
        return cls(
            id=session.id,
            device=session.device,
            remembered=session.remember,
            since=session.created_at,
            last_used_at=session.last_used_at,
            is_this=session.id == own_id,
        )


class SignInsOut(Outgoing):
    """All of an account that are in force, the latest used first."""

    sign_ins: list[SignInOut]


class EventOut(Outgoing):
    """Something that happened to the account."""

    id: str
    at: datetime
    kind: str
    text: str
    place: str | None
    network: str | None
    device: str | None

    @classmethod
    def of(cls, event: SecurityEvent, granted: Granted) -> Self:
        """The event on the wire, in plain words."""
        return cls(
            id=event.id,
            at=event.at,
            kind=event.kind,
            text=told(event),
            place=place_of(event, granted),
            network=event.network,
            device=event.device,
        )


class HistoryOut(Outgoing):
    """A page of events, newest first. `next` goes into `before` for the page that follows."""

    events: list[EventOut]
    next: str | None
