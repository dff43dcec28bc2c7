"""What the routes of erasing take and give."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import Field

from server.accounts.schemas import PasswordText
from server.foundation.wire import Incoming, Outgoing
from server.privacy.erasure.erasure_rules import Step
from server.privacy.erasure.tables import Erasure
from server.privacy.erasure.terms import Terms

ErasureId = Annotated[str, Path(pattern=r"^era_[a-z0-9_]{1,60}$")]


class CancellationIn(Incoming):
    """The proof that it is the owner, and whether to wait."""

    password: Annotated[
        PasswordText | None, Field(description="Needed where the account has one.")
    ] = None
    at_once: Annotated[bool, Field(description="Nothing can be taken back then.")] = False


class TermsOut(Outgoing):
    """What cancelling would take and bring, if it were done now."""

    needs_password: Annotated[
        bool, Field(description="Else a sign-in of the last ten minutes is the proof.")
    ]
    starts_at: Annotated[datetime, Field(description="Until then it could be taken back.")]
    due_on: Annotated[date, Field(description="The last day on which it would be done.")]

    @classmethod
    def of(cls, terms: Terms) -> Self:
        """The terms on the wire."""
        return cls(
            needs_password=terms.needs_password, starts_at=terms.starts_at, due_on=terms.due_on
        )


class ErasureOut(Outgoing):
    """An erasure, to whoever knows its id. Says nothing of whose it is but in the certificate."""

    id: str
    state: Annotated[
        Literal["waiting", "running", "done"], Field(description="It can be taken back if waiting.")
    ]
    asked_at: datetime
    starts_at: Annotated[datetime, Field(description="Until then it can be taken back.")]
    due_on: Annotated[date, Field(description="The last day on which it is done.")]
    held_until: Annotated[
        datetime | None, Field(description="What only a law keeps, locked, is deleted then.")
    ]
    finished_at: datetime | None
    certificate: Annotated[
        str | None,
        Field(description="A compact JWS under `/.well-known/jwks.json`."),
    ]

    @classmethod
    def of(cls, erasure: Erasure) -> Self:
        """The erasure on the wire."""
        return cls(
            id=erasure.id,
            state=_state(erasure),
            asked_at=erasure.asked_at,
            starts_at=erasure.starts_at,
            due_on=erasure.due_on,
            held_until=erasure.held_until,
            finished_at=erasure.finished_at,
            certificate=erasure.certificate,
        )


def _state(erasure: Erasure) -> Literal["waiting", "running", "done"]:
    if erasure.finished_at is not None:
        return "done"
    return "waiting" if erasure.next_step == Step.AUTHORITY else "running"
