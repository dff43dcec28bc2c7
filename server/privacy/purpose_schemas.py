"""What the routes of purposes, choices and receipts take and give."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Query

from server.accounts.sent_along import NOTHING, SentAlong
from server.foundation.purposes import Granted
from server.foundation.wire import Incoming, Outgoing
from server.privacy.consent_receipts import categories_of
from server.privacy.consent_rules import State
from server.privacy.purpose_gate import is_off_for_the_visit
from server.privacy.purposes import DeclaredPurpose, Switch
from server.privacy.schemas import Fingerprint
from server.privacy.tables import Consent

PurposePath = Annotated[str, Path(pattern=r"^[a-z0-9_]{1,32}$")]
PermissionPath = Annotated[str, Path(pattern=r"^[a-z_]{1,32}$")]
ReceiptId = Annotated[str, Path(pattern=r"^con_[a-z0-9_]{1,60}$")]
BeforeNumber = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class PurposeOut(Outgoing):
    """A purpose. `sha256` is of title, an empty line and text, in UTF-8.

    `off_for_this_visit` says that the browser's privacy signal keeps it off, whatever was chosen;
    `paused`, that it is off until a request of yours is answered (GDPR Art. 18).
    """

    code: str
    title: str
    text: str
    sha256: str
    basis: str
    has_switch: bool
    on: bool
    off_for_this_visit: bool
    paused: bool
    data: list[str]

    @classmethod
    def of(cls, purpose: DeclaredPurpose, granted: Granted) -> Self:
        """The purpose on the wire, with what its owner chose."""
        return cls(
            code=purpose.code,
            title=purpose.title,
            text=purpose.explanation,
            sha256=purpose.sha256,
            basis=purpose.basis.value,
            has_switch=purpose.switch is not Switch.NONE,
            on=purpose.code in granted,
            off_for_this_visit=is_off_for_the_visit(purpose),
            paused=purpose.code in granted.paused,
            data=categories_of(purpose),
        )


class PurposesOut(Outgoing):
    """All purposes, those without a switch first."""

    purposes: list[PurposeOut]


class ChoiceIn(Incoming):
    """On or off. To switch on, the fingerprint of the text that was shown is needed.

    `sent` is for letters alone, and may be left out.
    """

    on: bool
    sha256: Fingerprint | None = None
    sent: SentAlong = NOTHING


class ChoiceOut(Outgoing):
    """A choice that was stored. `id` is its receipt's id too."""

    id: str
    number: int
    purpose: str
    state: State
    policy_version: str
    text_sha256: str
    at: datetime

    @classmethod
    def of(cls, consent: Consent) -> Self:
        """The choice on the wire."""
        return cls(
            id=consent.id,
            number=consent.number,
            purpose=consent.purpose,
            state=State(consent.state),
            policy_version=consent.policy_version,
            text_sha256=consent.text_sha256,
            at=consent.at,
        )


class ChoicesOut(Outgoing):
    """A page of choices, the newest first. `next` goes into `before` for the page that follows."""

    choices: list[ChoiceOut]
    next: int | None


class ReceiptOut(Outgoing):
    """A signed receipt: a compact JWS that the keys of `/.well-known/jwks.json` verify."""

    id: str
    receipt: str
