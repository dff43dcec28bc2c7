"""What the staff's routes take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from devices.registry.coverage_port import WarrantyOut
from server.foundation.wire import Incoming, Outgoing
from server.support import lookup_rules
from server.support.service import Answer


class StaffSessionIn(Incoming):
    """A staff member's name and password."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)]


class StaffSessionOut(Outgoing):
    """The only token of this sign-in. `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a type's name, no secret
    expires_in: int


def _case_number(text: str) -> str:
    if not lookup_rules.is_case_number(text):
        raise ValueError("a case number, such as 4711 or SUP-2026-42")
    return text


def _reason(text: str) -> str:
    if fault := lookup_rules.fault_of_reason(text):
        raise ValueError(f"the reason needs {fault}")
    return text


Trimmed = StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)
ReasonText = Annotated[str, Trimmed, AfterValidator(_reason)]


class LookupIn(Incoming):
    """For which case, why, and at which camera."""

    case_number: Annotated[str, Trimmed, AfterValidator(_case_number)]
    reason: ReasonText
    serial: Annotated[str, Trimmed, Field(max_length=64)]


class LookupOut(Outgoing):
    """What a warranty case needs, and no more: nothing of the owner, nothing of the pictures."""

    model: str
    region: str
    warranty: WarrantyOut
    looked_at: datetime

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The answer on the wire."""
        return cls(
            model=answer.device.model,
            region=answer.device.region,
            warranty=answer.warranty,
            looked_at=answer.looked_at,
        )
