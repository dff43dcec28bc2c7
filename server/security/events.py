"""Security events: what happened to an account, as its owner reads it back.

One row for each registration and each use: when, from about where, by what kind of device. Only
the owner's own history and the protection of the account read them.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final

from sqlalchemy import Index
from sqlmodel import SQLModel, col, select

from server.foundation.columns import UtcMoment
from server.foundation.database import Db
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.purposes import Granted, Purpose, granted_by
from server.foundation.table_labels import rows
from server.security.place_rules import KeptPlace, kept_of
from server.security.place_sources import place_for
from server.security.sightings import Seen

KEPT: Final = days(180)  # half a year: long enough to find out what somebody did
NETWORK_KEPT: Final = days(30)


class EventKind(StrEnum):
    """What can happen to an account."""

    REGISTERED = "registered"
    SIGNED_IN = "signed_in"
    SESSION_REFRESHED = "session_refreshed"
    SESSION_COPIED = "session_copied"
    SIGNED_OUT = "signed_out"
    POLICY_ACCEPTED = "policy_accepted"
    PAIRING_BEGUN = "pairing_begun"
    CAMERA_PAIRED = "camera_paired"
    CAMERA_RELEASED = "camera_released"
    WARRANTY_ACTIVATED = "warranty_activated"
    SUPPORT_LOOKED_UP = "support_looked_up"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - an event's name
    EMAIL_CHANGE_ASKED = "email_change_asked"
    EMAIL_CHANGED = "email_changed"
    DATA_EXPORTED = "data_exported"
    DATA_CORRECTED = "data_corrected"
    DATA_DELETED = "data_deleted"
    REQUEST_MADE = "request_made"
    REQUEST_OPENED = "request_opened"
    REQUEST_ANSWERED = "request_answered"
    ACCOUNT_CANCELLED = "account_cancelled"
    ACCOUNT_CANCELLED_BY_STAFF = "account_cancelled_by_staff"
    ACCOUNT_IDLE = "account_idle"
    SERVICE_CEASED = "service_ceased"
    ACCOUNT_TAKEN_BACK = "account_taken_back"
    DATA_DELETED_BY_STAFF = "data_deleted_by_staff"
    DATA_HELD = "data_held"
    CONSENT_DISPENSED = "consent_dispensed"
    CONSENT_NEEDED_AGAIN = "consent_needed_again"
    COPY_OFFERED = "copy_offered"
    COPY_FETCHED = "copy_fetched"


# `{about}` stands for the event's own fact: a camera's name, a version, a case.
TEXTS: Final[dict[EventKind, str]] = {
    EventKind.REGISTERED: "Registered this account",
    EventKind.SIGNED_IN: "Signed in",
    EventKind.SESSION_REFRESHED: "Used the account",
    EventKind.SESSION_COPIED: "Ended a sign-in, because a copy of it was used",
    EventKind.SIGNED_OUT: "Signed out",
    EventKind.POLICY_ACCEPTED: "Accepted the privacy policy of {about}",
    EventKind.PAIRING_BEGUN: "Began to add the camera {about}",
    EventKind.CAMERA_PAIRED: "Added the camera {about}",
    EventKind.CAMERA_RELEASED: "Removed the camera {about}",
    EventKind.WARRANTY_ACTIVATED: "Activated the warranty of {about}",
    EventKind.SUPPORT_LOOKED_UP: "Support looked up the warranty of {about}",
    EventKind.PASSWORD_CHANGED: "Changed the password",
    EventKind.EMAIL_CHANGE_ASKED: "Asked for another e-mail address",
    EventKind.EMAIL_CHANGED: "Changed the e-mail address",
    EventKind.DATA_EXPORTED: "Downloaded all data of this account",
    EventKind.DATA_CORRECTED: "Changed own data: {about}",
    EventKind.DATA_DELETED: "Deleted own data: {about}",
    EventKind.REQUEST_MADE: "Made the request {about}",
    EventKind.REQUEST_OPENED: "Support opened the request {about}",
    EventKind.REQUEST_ANSWERED: "Support answered the request {about}",
    EventKind.ACCOUNT_CANCELLED: "Cancelled this account",
    EventKind.ACCOUNT_CANCELLED_BY_STAFF: "Support cancelled this account upon {about}",
    EventKind.DATA_DELETED_BY_STAFF: "Support deleted some data upon {about}",
    EventKind.DATA_HELD: "A law makes us keep some data for a time: request {about}",
    EventKind.CONSENT_DISPENSED: "Support allowed a use without your consent: {about}",
    EventKind.CONSENT_NEEDED_AGAIN: "Support ended a use without your consent: {about}",
    EventKind.COPY_OFFERED: "Let a copy of all data be fetched with the request {about}",
    EventKind.COPY_FETCHED: "Fetched a copy of all data with the request {about}",
    EventKind.ACCOUNT_IDLE: "Cancelled this account, because it lay idle",
    EventKind.SERVICE_CEASED: "Ended this account, as the service for it is over",
    EventKind.ACCOUNT_TAKEN_BACK: "Took this account back",
}


# What our staff did says so by its first word, and people find it by that.
BY_STAFF: Final = tuple(kind for kind, text in TEXTS.items() if text.startswith("Support "))


class SecurityEvent(SQLModel, table=True):
    """One thing that happened in your account, such as a sign-in: when, where about, on what."""

    __tablename__: ClassVar[Any] = "security_event"
    __table_args__ = (
        # A page of a long history, or of an export, begins where the one before it ended.
        Index("ix_security_event_account_id_id", "account_id", "id"),
        rows(counted_from=("at", "it happened")),
    )

    id: str = plain(primary_key=True)  # evt_…; sorts by time
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE)
    kind: str = personal(
        "account use",
        why=Why.SECURITY,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        plain_because="a word of a closed list, by which events are selected",
    )
    at: datetime = personal(
        "account use", why=Why.SECURITY, keep=KEPT, on_erasure=OnErasure.DELETE, sa_type=UtcMoment
    )
    network: str | None = personal(
        "IP prefix, /24 or /48",
        why=Why.SECURITY,
        keep=NETWORK_KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    seen_country: str | None = personal(
        "country of use",
        why=Why.COUNTRY_OF_USE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sealed_for="account_id",
    )
    seen_town: str | None = personal(
        "town of use",
        why=Why.TOWN_OF_USE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sealed_for="account_id",
    )
    seen_town_id: str | None = personal(
        "town of use",
        why=Why.TOWN_OF_USE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sealed_for="account_id",
    )
    seen_vicinity: str | None = personal(
        "place of use, to about 10 km",
        why=Why.VICINITY_OF_USE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sealed_for="account_id",
    )
    device: str | None = personal(
        "device family",
        why=Why.SECURITY,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    about: str | None = personal(
        "what it happened to",
        why=Why.SECURITY,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )


async def note(
    db: Db,
    *,
    id: str,  # noqa: A002 - the id it is
    account_id: str,
    kind: EventKind,
    at: datetime,
    seen: Seen | None = None,
    about: str | None = None,
) -> None:
    """Write an event; it leaves with the commit of `db` or not at all.

    `about` is a short plain fact, such as a camera's name or a case; never a secret. `seen` is
    where the owner was, of which no more is kept than the owner allows; leave it away for what
    others did, whose places are not the owner's.
    """
    place = KeptPlace()
    if seen is not None:
        there = await place_for(db, account_id, seen)
        place = kept_of(there, await granted_by(db, account_id))
    db.add(
        SecurityEvent(
            id=id,
            account_id=account_id,
            kind=kind.value,
            at=at,
            network=seen.network if seen else None,
            seen_country=place.country,
            seen_town=place.town,
            seen_town_id=place.town_id,
            seen_vicinity=place.vicinity,
            device=seen.device if seen else None,
            about=about,
        )
    )


def told(event: SecurityEvent) -> str:
    """The event in plain words, for the account's owner."""
    return TEXTS[EventKind(event.kind)].format(about=event.about or "")


def place_of(event: SecurityEvent, granted: Granted) -> str | None:
    """Where that was, as finely as the owner lets us use it now; None where nothing is kept."""
    grades = (
        (Purpose.VICINITY_OF_USE, event.seen_vicinity),
        (Purpose.TOWN_OF_USE, event.seen_town),
        (Purpose.COUNTRY_OF_USE, event.seen_country),
    )
    return next((text for purpose, text in grades if text and granted.shows(purpose)), None)


async def events_of(
    db: Db, account_id: str, before: str | None, most: int, *, by_staff: bool = False
) -> Sequence[SecurityEvent]:
    """The account's events, newest first, older than the event `before`.

    `by_staff` leaves only what our staff did.
    """
    query = select(SecurityEvent).where(SecurityEvent.account_id == account_id)
    if by_staff:
        query = query.where(col(SecurityEvent.kind).in_(BY_STAFF))
    if before is not None:
        query = query.where(col(SecurityEvent.id) < before)
    return (await db.exec(query.order_by(col(SecurityEvent.id).desc()).limit(most))).all()
