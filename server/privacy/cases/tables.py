"""What is stored about a case. What either side wrote is sealed under the case's own key.

So somebody without an account is a subject too, and what they told us ends with the case.
"""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.origins import Collected
from server.foundation.table_labels import rows

CASE_KEPT = days(3 * 366)  # since its end: as long as somebody may go to court about the answer
CONTACT_KEPT = days(180)  # since its end: long enough to ask back


def _sealed(category: str, *, default: Any = None, collected: bool = False) -> Any:
    return personal(
        category,
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.KEEP,
        sealed_for="id",
        default=default,
        collected=collected,
    )


def _word(
    category: str, plain_because: str, most: int, came_with: str | None = None, **field: Any
) -> Any:
    return personal(
        category,
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.KEEP,
        plain_because=plain_because,
        collected_with=came_with,
        max_length=most,
        **field,
    )


class PrivacyCase(SQLModel, table=True):
    """One request, question or complaint of yours, from its receipt to our answer."""

    __tablename__: ClassVar[Any] = "privacy_case"
    __table_args__ = rows(counted_from=("closed_at", "it was answered"))

    id: str = plain(primary_key=True, max_length=64)  # cas_…
    number: str = plain(unique=True, max_length=16)  # PR-7K4Q-92MF; opens nothing by itself
    # As the staff sort it, so nothing that was given.
    kind: str = _word("what was asked for", "a word of a closed list, which decides the date", 16)
    ground: str | None = _word(
        "ground of a request",
        "a word of a closed list, which decides what follows",
        16,
        default=None,
    )
    channel: str = plain(max_length=8)
    on_behalf_of: str = _word(
        "for whom a request was made", "a word of a closed list", 16, "message"
    )
    region: str = _word(
        "country, as told with a request", "decides the calendar of the date", 2, "message"
    )
    received_on: date = personal(  # in the region; the day is all that the date follows from
        "when a request was made", why=Why.SUPPORT, keep=CASE_KEPT, on_erasure=OnErasure.KEEP
    )
    due_on: date = plain(index=True)  # the last day for an answer, in the region's calendar
    state: str = plain(max_length=16)
    stage: str = plain(max_length=16)  # the nearest date that was warned of
    # Not the account's id as proof: the link is set once somebody has proven to be its owner.
    account_id: str | None = link(
        "account.id", on_erasure=OnErasure.BLANK, default=None, index=True, max_length=64
    )
    contact_kind: str = _word("way to answer", "a word of a closed list", 16, "message")
    contact: Collected | None = personal(
        "contact for an answer",
        why=Why.SUPPORT,
        keep=CONTACT_KEPT,
        on_erasure=OnErasure.BLANK,
        sealed_for="id",
        collected=True,
        default=None,
    )
    message: Collected = _sealed("what was written to us", default=..., collected=True)
    proven_at: datetime | None = plain(default=None, sa_type=UtcMoment)
    code_hash: str | None = plain(default=None)  # argon2id, as of a registration
    tries_left: int = plain(default=0)
    proof_expires_at: datetime | None = plain(default=None, sa_type=UtcMoment)
    token_hash: str = plain(max_length=64)  # SHA-256 of 256 random bits
    answering_until: datetime | None = plain(default=None, sa_type=UtcMoment)
    reply: str | None = _sealed("our answer")
    reason: str | None = _sealed("our reason for a refusal")
    review: str | None = _sealed("remedy: review")
    authority: str | None = _sealed("remedy: supervisory authority")
    court: str | None = _sealed("remedy: court")
    cause: str | None = _sealed("cause of a problem")
    resolution: str | None = _sealed("solution of a problem")
    closed_at: datetime | None = plain(default=None, sa_type=UtcMoment, index=True)


class CaseOpening(SQLModel, table=True):
    """Somebody on our staff opened your request: why, and until when it stays open to them."""

    __tablename__: ClassVar[Any] = "case_opening"
    __table_args__ = rows(
        counted_from=("at", "the look"),
        audited=("id", "case_id", "staff_id", "at", "until"),
    )

    id: str = plain(primary_key=True, max_length=64)  # opn_…
    case_id: str = link("privacy_case.id", on_erasure=OnErasure.KEEP, index=True, max_length=64)
    staff_id: str = plain(foreign_key="staff_member.id", index=True, max_length=64)
    reason: str | None = personal(  # None once the asker was erased
        "reason for a look",
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.BLANK,
        sealed_for="staff_id",
    )
    at: datetime = personal(
        "when staff looked",
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.KEEP,
        sa_type=UtcMoment,
    )
    until: datetime = plain(sa_type=UtcMoment)
