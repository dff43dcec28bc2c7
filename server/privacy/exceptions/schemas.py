"""What the routes of exceptions take and give."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from fastapi import Path
from pydantic import AwareDatetime, Field, StringConstraints

from server.accounts.schemas import EmailText
from server.foundation.wire import Incoming, Outgoing
from server.privacy.cases.schemas import LineText
from server.privacy.exceptions.excepting import Asked
from server.privacy.exceptions.situations import SITUATIONS, Situation
from server.privacy.exceptions.tables import ConsentException

ExceptionId = Annotated[str, Path(pattern=r"^exc_[a-z0-9_]{1,60}$")]
EvidenceName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]


class ExceptionIn(Incoming):
    """Which purpose is to be followed without consent, in which situation, and what shows it."""

    situation: Situation
    purpose: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$")]
    concerning: Annotated[EmailText, Field(description="Whose account it is.")]
    evidence: Annotated[
        dict[EvidenceName, LineText],
        Field(max_length=8, description="By the names that the situation asks for."),
    ]
    until: Annotated[AwareDatetime, Field(description="Its end. From then on consent is needed.")]

    def asked(self) -> Asked:
        """As the service takes it."""
        return Asked(self.situation, self.purpose, self.concerning, self.evidence, self.until)


class OwnExceptionOut(Outgoing):
    """An exception as the person whom it is about reads it."""

    situation: Situation
    situation_title: str
    purpose: str
    evidence: Mapping[str, str]
    since: datetime | None
    until: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, found: ConsentException) -> Self:
        """The exception on the wire."""
        situation = Situation(found.situation)
        return cls(
            situation=situation,
            situation_title=SITUATIONS[situation].title,
            purpose=found.purpose,
            evidence=json.loads(found.evidence),
            since=found.approved_at,
            until=found.until,
            ended_at=found.ended_at,
        )


class OwnExceptionsOut(Outgoing):
    """All exceptions that were ever in force for the caller, the newest first."""

    exceptions: list[OwnExceptionOut]


class ExceptionOut(Outgoing):
    """An exception as the staff sees it: nothing of whom it is about."""

    id: str
    situation: Situation
    purpose: str
    evidence: Mapping[str, str]
    asked_by: str
    approved_by: str | None
    until: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, found: ConsentException) -> Self:
        """The exception on the wire."""
        return cls(
            id=found.id,
            situation=Situation(found.situation),
            purpose=found.purpose,
            evidence=json.loads(found.evidence),
            asked_by=found.asked_by,
            approved_by=found.approved_by,
            until=found.until,
            ended_at=found.ended_at,
        )


class ExceptionsOut(Outgoing):
    """The exceptions that wait for an approval or are in force, the newest first."""

    exceptions: list[ExceptionOut]
