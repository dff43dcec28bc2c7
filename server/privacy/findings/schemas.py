"""What the staff reads of the findings."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from server.foundation.labels import Personal
from server.foundation.wire import Outgoing
from server.privacy.cases.kinds import CaseState, Ground
from server.privacy.cases.schemas import RemediesOut
from server.privacy.cases.tables import PrivacyCase
from server.privacy.data_map import RECIPIENTS
from server.privacy.findings.finding_rules import Beyond, DataFinding, UseFinding
from server.privacy.findings.proposing import Findings, Proposal, proposal
from server.privacy.purposes import Basis
from server.privacy.use_matrix import labels_by_column


class ConsentOut(Outgoing):
    """The choice that proves a basis; `receipt_id` is that of its receipt."""

    receipt_id: str
    at: datetime
    policy_version: str


class DataFindingOut(Outgoing):
    """What is held for a purpose: values by category, the basis, and the consent if it is one."""

    purpose: str
    title: str
    values: Mapping[str, int]
    oldest: datetime | None
    basis: Annotated[Basis | None, Field(description="None: nothing allows to hold it.")]
    consent: ConsentOut | None

    @classmethod
    def of(cls, found: DataFinding) -> Self:
        """The finding on the wire."""
        held, yes = found.holding, found.consent
        return cls(
            purpose=held.purpose.code,
            title=held.purpose.title,
            values=dict(held.values),
            oldest=held.oldest,
            basis=found.basis,
            consent=ConsentOut(receipt_id=yes.id, at=yes.at, policy_version=yes.policy_version)
            if yes
            else None,
        )


class UseFindingOut(Outgoing):
    """A use on record, the version that was accepted then, and in what it went beyond it."""

    what: str
    purpose: str
    at: datetime
    data: list[str]
    version: str | None
    beyond: Beyond | None

    @classmethod
    def of(cls, found: UseFinding, labels: Mapping[str, Personal]) -> Self:
        """The finding on the wire."""
        return cls(
            what=found.use.what,
            purpose=found.use.purpose,
            at=found.use.at,
            data=sorted({labels[it].category for it in found.use.columns if it in labels}),
            version=found.version,
            beyond=found.beyond,
        )


class AcceptedOut(Outgoing):
    """A version of the policy that was accepted."""

    version: str
    at: datetime


class ProposalOut(Outgoing):
    """The answer that the findings call for, to be read over and sent."""

    outcome: CaseState
    reply: str
    reason: str | None
    remedies: RemediesOut | None

    @classmethod
    def of(cls, made: Proposal) -> Self:
        """The proposal on the wire."""
        told = made.remedies
        return cls(
            outcome=made.outcome,
            reply=made.reply,
            reason=made.reason,
            remedies=RemediesOut(review=told.review, authority=told.authority, court=told.court)
            if told
            else None,
        )


class FindingsOut(Outgoing):
    """What bears on a request. `proposed` is None where somebody has to judge.

    `recipients` are those outside who have got data, and so hear of an erasure.
    """

    ground: Ground | None
    data: list[DataFindingOut]
    uses: list[UseFindingOut]
    accepted: list[AcceptedOut]
    recipients: list[str]
    proposed: ProposalOut | None

    @classmethod
    def of(cls, case: PrivacyCase, found: Findings) -> Self:
        """The findings on the wire."""
        ground = Ground(case.ground) if case.ground else None
        labels = labels_by_column()
        made = proposal(ground, found, case.region) if case.account_id else None
        return cls(
            ground=ground,
            data=[DataFindingOut.of(it) for it in found.data],
            uses=[UseFindingOut.of(it, labels) for it in found.uses],
            accepted=[AcceptedOut(version=it, at=at) for it, at in found.accepted],
            recipients=[it.name for it in RECIPIENTS],
            proposed=ProposalOut.of(made) if made else None,
        )
