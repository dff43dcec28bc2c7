"""What the policy's routes take and give."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import Path
from pydantic import StringConstraints

from server.foundation.settings import Settings
from server.foundation.wire import Incoming, Outgoing
from server.privacy.editions import Edition

VersionText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
VersionPath = Annotated[str, Path(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ContactOut(Outgoing):
    """Where questions about the policy go."""

    email: str
    postal_address: str


class PolicyOut(Outgoing):
    """A version of the policy. `sha256` is of `html` in UTF-8."""

    version: str
    in_force_since: datetime
    sha256: str
    language: str
    html: str
    contact: ContactOut
    rights: list[str]
    offered: str | None

    @classmethod
    def of(cls, edition: Edition, settings: Settings, offered: str | None = None) -> Self:
        """The version on the wire, with today's contact."""
        return cls(
            version=edition.version,
            in_force_since=edition.in_force_since,
            sha256=edition.sha256,
            language=edition.language,
            html=edition.html,
            contact=ContactOut(
                email=settings.contact_email, postal_address=settings.contact_postal_address
            ),
            rights=sorted(edition.rights),
            offered=offered,
        )


class AcceptanceIn(Incoming):
    """The version that was shown, and the fingerprint of the text that was shown."""

    version: VersionText
    sha256: Fingerprint


class AcceptanceOut(Outgoing):
    """What was stored. A second acceptance of the same version changes nothing."""

    version: str
    accepted_at: datetime


class HeldUseOut(Outgoing):
    """Values of one category in one table, held for one purpose and term.

    `values` are the newest records, each with those of its columns that hold something; `count`
    is the number of all values. A secret is told about and not shown.
    """

    purpose: str
    term: str
    table: str
    about: str
    count: int
    values: list[dict[str, Any]]


class HeldCategoryOut(Outgoing):
    """What is held of one category. `kept_because` says why it is not `deletable` by itself."""

    category: str
    deletable: bool
    kept_because: str | None
    uses: list[HeldUseOut]


class HeldOut(Outgoing):
    """What is held about the caller. `recipients` outside have received any of it."""

    categories: list[HeldCategoryOut]
    recipients: list[str]
