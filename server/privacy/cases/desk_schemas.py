"""What the staff's routes of cases take and give."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Self

from fastapi import Query
from pydantic import Field

from server.accounts.schemas import AreaCode
from server.foundation.wire import Incoming, Outgoing
from server.privacy.acts.tables import CaseAct
from server.privacy.acts.told import ActOut
from server.privacy.cases.calendars import calendar_of
from server.privacy.cases.case_rules import Answer
from server.privacy.cases.deadline_rules import Stage
from server.privacy.cases.intake import Wish
from server.privacy.cases.kinds import (
    CaseKind,
    CaseState,
    Channel,
    ContactKind,
    Ground,
    OnBehalfOf,
)
from server.privacy.cases.remedy_rules import Remedies, proposed
from server.privacy.cases.schemas import (
    AskedKind,
    ContactIn,
    GroundField,
    ProseText,
    RemediesOut,
)
from server.privacy.cases.tables import PrivacyCase
from server.support.schemas import ReasonText

AfterNumber = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9-]{8,16}$")]


class EnteredIn(Incoming):
    """What reached us by mail or by post. `unclear` goes to whoever sorts."""

    channel: Literal[Channel.MAIL, Channel.POST]
    kind: CaseKind
    region: AreaCode
    received_on: date
    message: ProseText
    contact: ContactIn
    on_behalf_of: OnBehalfOf = OnBehalfOf.SELF
    ground: GroundField = None

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


class EnteredOut(Outgoing):
    """The new case's number, to be told to whoever wrote."""

    number: str
    due_on: date


class DueOut(Outgoing):
    """An open case as the list shows it: nothing of who asks, and nothing of what was written."""

    number: str
    kind: CaseKind
    state: CaseState
    due_on: date
    stage: Stage

    @classmethod
    def of(cls, case: PrivacyCase, now: datetime) -> Self:
        """The case on the wire."""
        return cls(
            number=case.number,
            kind=CaseKind(case.kind),
            state=CaseState(case.state),
            due_on=case.due_on,
            stage=calendar_of(case.region).stage(now, case.due_on),
        )


class DuesOut(Outgoing):
    """Open cases, the nearest date first. `next` is given as `after` to go on."""

    requests: list[DueOut]
    next: str | None


class OpeningIn(Incoming):
    """Why a case is opened. Whoever asked reads that it was, and when."""

    reason: ReasonText


class ContactOut(Outgoing):
    """Where the answer goes."""

    kind: ContactKind
    value: str | None


class OpenedOut(Outgoing):
    """A case as the member of the staff needs it who answers, until `opened_until`."""

    number: str
    kind: CaseKind
    ground: Ground | None
    on_behalf_of: OnBehalfOf
    channel: Channel
    region: str
    state: CaseState
    received_on: date
    due_on: date
    proven: bool
    contact: ContactOut
    message: str
    remedies: RemediesOut
    done: list[ActOut]
    opened_until: datetime

    @classmethod
    def of(cls, case: PrivacyCase, until: datetime, done: Sequence[CaseAct]) -> Self:
        """The case on the wire, with the remedies that a refusal to this region names."""
        told = proposed(case.region)
        return cls(
            number=case.number,
            kind=CaseKind(case.kind),
            ground=Ground(case.ground) if case.ground else None,
            on_behalf_of=OnBehalfOf(case.on_behalf_of),
            channel=Channel(case.channel),
            region=case.region,
            state=CaseState(case.state),
            received_on=case.received_on,
            due_on=case.due_on,
            proven=case.proven_at is not None,
            contact=ContactOut(kind=ContactKind(case.contact_kind), value=case.contact),
            message=case.message,
            remedies=RemediesOut(review=told.review, authority=told.authority, court=told.court),
            done=[ActOut.of(it) for it in done],
            opened_until=until,
        )


class KindIn(Incoming):
    """What a case asks for, as somebody has read it, and on which ground if it names one."""

    kind: AskedKind
    ground: GroundField = None


class RemediesIn(Incoming):
    """What a refusal tells its reader to do next."""

    review: Annotated[ProseText, Field(max_length=500)]
    authority: Annotated[ProseText, Field(max_length=500)]
    court: Annotated[ProseText, Field(max_length=500)]


class AnswerIn(Incoming):
    """An answer.

    A refusal, in part too, needs `reason` and `remedies`; feedback `cause` and `resolution`.
    """

    outcome: Literal[CaseState.ANSWERED, CaseState.PARTLY, CaseState.REFUSED]
    reply: ProseText
    reason: ProseText | None = None
    remedies: RemediesIn | None = None
    cause: ProseText | None = None
    resolution: ProseText | None = None

    def answer(self) -> Answer:
        """As the service takes it."""
        told = self.remedies
        return Answer(
            self.outcome,
            self.reply,
            self.reason,
            Remedies(told.review, told.authority, told.court) if told else None,
            self.cause,
            self.resolution,
        )
