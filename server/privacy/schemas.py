"""What the policy's routes take and give."""

from collections.abc import Collection
from datetime import datetime
from typing import Annotated, Any, Final, Self

from fastapi import Path
from pydantic import Field, StringConstraints

from server.accounts.schemas import PasswordText
from server.foundation.settings import Settings
from server.foundation.wire import Incoming, Outgoing
from server.privacy.data_map_rules import Change
from server.privacy.declaration_rules import rights_in_words
from server.privacy.editions import Edition

VERSION: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(\.[0-9]{1,4})?$"  # the number: of other contacts
VersionText = Annotated[str, StringConstraints(pattern=VERSION)]
VersionPath = Annotated[str, Path(pattern=VERSION)]
Fingerprint = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ContactOut(Outgoing):
    """Where questions about the policy go."""

    department: str
    email: str
    postal_address: str


class ChangeOut(Outgoing):
    """One material change, in words. `narrows`: it takes a right, and needs a yes of its own."""

    text: str
    narrows: bool


class PolicyOut(Outgoing):
    """A version of the policy. `sha256` is of `html` in UTF-8.

    `changes` is what weighs in it, against what the caller accepted last; empty for who is new.
    """

    version: str
    in_force_since: datetime
    sha256: str
    language: str
    html: str
    contact: ContactOut
    rights: list[str]
    offered: str | None
    changes: list[ChangeOut]

    @classmethod
    def of(
        cls,
        edition: Edition,
        settings: Settings,
        offered: Edition | None = None,
        changes: Collection[Change] = (),
    ) -> Self:
        """The version on the wire, with today's contact."""
        return cls(
            version=edition.version,
            in_force_since=edition.in_force_since,
            sha256=edition.sha256,
            language=edition.language,
            html=edition.html,
            contact=ContactOut(
                department=settings.contact_department,
                email=settings.contact_email,
                postal_address=settings.contact_postal_address,
            ),
            rights=rights_in_words(edition.declared),
            offered=offered.version if offered else None,
            changes=[ChangeOut(text=it.text, narrows=it.narrows) for it in changes],
        )


class AcceptanceIn(Incoming):
    """The version that was shown, and the fingerprint of the text that was shown.

    `fewer_rights` says that the person agreed to lose rights, asked about that and nothing else.
    """

    version: VersionText
    sha256: Fingerprint
    fewer_rights: bool = False


class AcceptanceOut(Outgoing):
    """What was stored. A second acceptance of the same version changes nothing."""

    version: str
    accepted_at: datetime


class HeldUseOut(Outgoing):
    """Values of one category in one table, held for one purpose and term.

    `values` are the newest records, each with those of its columns that hold something; `count`
    is the number of all values. A secret is told about and not shown. `came_by` says how
    `values` came, of those that people gave us.
    """

    purpose: str
    term: str
    table: str
    about: str
    count: int
    values: list[dict[str, Any]]
    came_by: list[str]


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


class ExportIn(Incoming):
    """The proof that it is the owner who asks."""

    password: Annotated[
        PasswordText | None, Field(description="Needed where the account has one.")
    ] = None
