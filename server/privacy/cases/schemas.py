"""What the routes of cases take and give."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import AfterValidator, Field, StringConstraints

from server.accounts.schemas import AreaCode, CodeText, EmailText
from server.foundation.wire import Incoming, Outgoing
from server.privacy.acts.tables import CaseAct
from server.privacy.acts.told import ActOut
from server.privacy.cases.case_rules import needs_proof
from server.privacy.cases.intake import Taken, Wish
from server.privacy.cases.kinds import CaseKind, CaseState, ContactKind, Ground, OnBehalfOf
from server.privacy.cases.tables import PrivacyCase

LONGEST_TEXT = 4000  # characters; about a page and a half


def _readable(text: str) -> str:
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        raise ValueError("only printable characters")
    return text


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("only printable characters, on one line")
    return text


ProseText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_TEXT),
    AfterValidator(_readable),
]
LineText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_printable),
]
PhoneText = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()/.-]{3,30}[0-9]$")]
CaseNumber = Annotated[str, Path(pattern=r"^[A-Za-z0-9-]{8,16}$")]
RequestId = Annotated[str, Path(pattern=r"^cas_[a-z0-9_]{1,60}$")]
AskedKind = Literal[
    CaseKind.ACCESS,
    CaseKind.CORRECTION,
    CaseKind.DELETION,
    CaseKind.CANCELLATION,
    CaseKind.QUESTION,
    CaseKind.COMMENT,
    CaseKind.SUGGESTION,
    CaseKind.COMPLAINT,
    CaseKind.FEEDBACK,
]


class EmailContactIn(Incoming):
    """An e-mail address to answer to."""

    kind: Literal[ContactKind.EMAIL]
    value: EmailText


class PhoneContactIn(Incoming):
    """A phone number to call."""

    kind: Literal[ContactKind.PHONE]
    value: PhoneText


class ElsewhereContactIn(Incoming):
    """An account at another service, in the asker's own words."""

    kind: Literal[ContactKind.ELSEWHERE]
    value: LineText


class PostContactIn(Incoming):
    """A postal address."""

    kind: Literal[ContactKind.POST]
    value: Annotated[ProseText, Field(max_length=500)]


ContactIn = Annotated[
    EmailContactIn | PhoneContactIn | ElsewhereContactIn | PostContactIn,
    Field(discriminator="kind"),
]


GroundField = Annotated[
    Ground | None, Field(description="Why it is to be deleted; decides what is looked into.")
]


class RequestIn(Incoming):
    """What somebody without an account asks, and how they want to hear from us."""

    kind: AskedKind
    region: Annotated[AreaCode, Field(description="Decides which calendar and which law apply.")]
    message: ProseText
    contact: Annotated[ContactIn, Field(description="Used for the answer, and for nothing else.")]
    on_behalf_of: Annotated[
        OnBehalfOf, Field(description="A guardian asks for a child, an heir for who has died.")
    ] = OnBehalfOf.SELF
    ground: GroundField = None

    def lacks_an_address(self) -> bool:
        """Whether it is about a person and there is no address to which a code could go."""
        return needs_proof(self.kind) and not isinstance(self.contact, EmailContactIn)

    def wish(self) -> Wish:
        """As the service takes it."""
        contact = self.contact
        return Wish(
            self.kind,
            self.region,
            self.message,
            contact.kind,
            contact.value,
            self.on_behalf_of,
            self.ground,
        )


class OwnRequestIn(Incoming):
    """What a signed-in owner asks. Without a contact the answer is read in the app."""

    kind: AskedKind
    region: AreaCode
    message: ProseText
    contact: ContactIn | None = None
    on_behalf_of: OnBehalfOf = OnBehalfOf.SELF
    ground: GroundField = None

    def wish(self) -> Wish:
        """As the service takes it."""
        contact = self.contact
        kind, value = (contact.kind, contact.value) if contact else (ContactKind.APP, None)
        return Wish(
            self.kind, self.region, self.message, kind, value, self.on_behalf_of, self.ground
        )


class ProofIn(Incoming):
    """The code from the letter."""

    code: CodeText


class FollowOut(Outgoing):
    """A case, and the only time that its token is told."""

    number: str
    token: str
    due_on: date

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """The case on the wire."""
        return cls(number=taken.case.number, token=taken.token, due_on=taken.case.due_on)


class TakenOut(Outgoing):
    """The same for every address, whether we know it or not.

    Either a code is on its way, or the case is there already.
    """

    request_id: str
    prove_until: datetime | None
    followed: FollowOut | None

    @classmethod
    def of(cls, taken: Taken) -> Self:
        """What was taken, on the wire."""
        waits = taken.case.state == CaseState.UNPROVEN
        return cls(
            request_id=taken.case.id,
            prove_until=taken.case.proof_expires_at,
            followed=None if waits else FollowOut.of(taken),
        )


class RemediesOut(Outgoing):
    """What can be done against an answer."""

    review: str
    authority: str
    court: str


class AnswerOut(Outgoing):
    """Our answer."""

    reply: str
    reason: str | None
    remedies: RemediesOut | None
    cause: str | None
    resolution: str | None

    @classmethod
    def of(cls, case: PrivacyCase) -> Self | None:
        """The answer to a case; None while there is none."""
        if case.reply is None:
            return None
        remedies = None
        if case.review is not None:
            remedies = RemediesOut(
                review=case.review, authority=case.authority or "", court=case.court or ""
            )
        return cls(
            reply=case.reply,
            reason=case.reason,
            remedies=remedies,
            cause=case.cause,
            resolution=case.resolution,
        )


@dataclass(frozen=True, slots=True)
class Followed:
    """What has become of a case since it was made."""

    opened: list[datetime]
    done: list[CaseAct]
    copy_until: datetime | None


class CaseOut(Outgoing):
    """A case as whoever asked may read it.

    `opened` is when our staff looked into it, `done` what was done upon it, by us or by itself.
    """

    number: str
    kind: CaseKind
    ground: Ground | None
    state: CaseState
    message: str
    received_on: date
    due_on: date
    closed_at: datetime | None
    answer: AnswerOut | None
    opened: list[datetime]
    done: list[ActOut]
    copy_until: Annotated[
        datetime | None, Field(description="A copy can be fetched by the mailed code until then.")
    ]

    @classmethod
    def of(cls, case: PrivacyCase, followed: Followed) -> Self:
        """The case on the wire."""
        return cls(
            number=case.number,
            kind=CaseKind(case.kind),
            ground=Ground(case.ground) if case.ground else None,
            state=CaseState(case.state),
            message=case.message,
            received_on=case.received_on,
            due_on=case.due_on,
            closed_at=case.closed_at,
            answer=AnswerOut.of(case),
            opened=followed.opened,
            done=[ActOut.of(it) for it in followed.done],
            copy_until=followed.copy_until,
        )


class CasesOut(Outgoing):
    """The caller's own cases, the newest first."""

    requests: list[CaseOut]
