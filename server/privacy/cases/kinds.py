"""What can be asked, by which way it came, and what became of it: the words that cases use."""

from enum import StrEnum
from typing import Final


class CaseKind(StrEnum):
    """What somebody asks of us."""

    ACCESS = "access"
    CORRECTION = "correction"
    DELETION = "deletion"
    CANCELLATION = "cancellation"  # of the account
    QUESTION = "question"
    COMMENT = "comment"
    SUGGESTION = "suggestion"
    COMPLAINT = "complaint"
    FEEDBACK = "feedback"  # something doesn't work; we look for the cause
    UNCLEAR = "unclear"  # of mail and post: somebody has to read it first


# These give away or change what we hold of a person, so that person must be proven to ask.
ABOUT_A_PERSON: Final = frozenset(
    {CaseKind.ACCESS, CaseKind.CORRECTION, CaseKind.DELETION, CaseKind.CANCELLATION}
)


class Ground(StrEnum):
    """Why something is to be deleted, where one of the policy's grounds is named (§5.2)."""

    WITHOUT_CONSENT = "without_consent"  # gathered without an explicit yes
    UNLAWFUL = "unlawful"  # handled against the law
    BREACH = "breach"  # used otherwise than agreed


class Channel(StrEnum):
    """The ways by which a case reaches us."""

    FORM = "form"
    APP = "app"  # by an owner who is signed in
    MAIL = "mail"
    POST = "post"


class ContactKind(StrEnum):
    """How somebody wants to hear from us."""

    EMAIL = "email"
    PHONE = "phone"
    ELSEWHERE = "elsewhere"  # an account at somebody else's service
    POST = "post"
    APP = "app"  # the answer is read in the app, or with the case's token


class OnBehalfOf(StrEnum):
    """For whom somebody asks. For another nothing happens before the staff has seen a proof."""

    SELF = "self"
    CHILD = "child"  # whose guardian the asker is
    DECEASED = "deceased"  # whose heir the asker is


class CaseState(StrEnum):
    """How far a case is. `open` lasts until a person has answered; a receipt is no answer."""

    UNPROVEN = "unproven"  # waits for the code; gone when that runs out
    OPEN = "open"
    ANSWERED = "answered"
    PARTLY = "partly"
    REFUSED = "refused"


CLOSED: Final = frozenset({CaseState.ANSWERED, CaseState.PARTLY, CaseState.REFUSED})
