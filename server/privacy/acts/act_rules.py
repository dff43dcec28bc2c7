"""What may be done upon which request, by itself or by the staff."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from server.privacy.cases.case_rules import Fault
from server.privacy.cases.kinds import CaseKind, Channel, ContactKind, Ground, OnBehalfOf


class Act(StrEnum):
    """What can be done upon a request."""

    CANCEL = "cancel"  # the account is cancelled, and erased after the grace
    COPY = "copy"  # all that is held may be fetched, once
    DELETE = "delete"  # values of some categories; the account goes on
    UPHOLD = "uphold"  # what is held without a basis goes; the account goes on
    HOLD = "hold"  # a law or a court makes us keep something


FITTING: Final[Mapping[Act, frozenset[CaseKind]]] = {
    Act.CANCEL: frozenset({CaseKind.CANCELLATION, CaseKind.DELETION}),
    Act.COPY: frozenset({CaseKind.ACCESS}),
    Act.DELETE: frozenset({CaseKind.DELETION}),
    Act.UPHOLD: frozenset({CaseKind.DELETION}),
}
DELETING: Final = frozenset({Act.CANCEL, Act.DELETE, Act.UPHOLD})
# Nothing is to be judged: who has proven the address of an account asks for what is theirs.
BY_ITSELF: Final[Mapping[CaseKind, Act]] = {
    CaseKind.CANCELLATION: Act.CANCEL,
    CaseKind.ACCESS: Act.COPY,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member of the staff wants to do, and why.

    `concerning` is the address of somebody else's account, for a guardian or an heir, and
    `proof_seen` says by what the staff knows that they are.
    """

    act: Act
    reason: str
    concerning: str | None = None
    proof_seen: str | None = None
    categories: frozenset[str] = frozenset()  # for DELETE


@dataclass(frozen=True, slots=True)
class Asked:
    """What counts of a request."""

    kind: CaseKind
    channel: Channel
    contact_kind: ContactKind
    on_behalf_of: OnBehalfOf
    proven: bool
    ground: Ground | None = None

    @property
    def address_proven(self) -> bool:
        """Whether a code has shown that the contact is the asker's.

        A signed-in owner's request is proven too, but its contact may be anybody's.
        """
        mailed = self.contact_kind is ContactKind.EMAIL
        return self.proven and mailed and self.channel is not Channel.APP


def by_itself(asked: Asked) -> Act | None:
    """What is done as soon as the request is proven; None where somebody has to judge."""
    if asked.on_behalf_of is not OnBehalfOf.SELF or not asked.address_proven:
        return None
    return BY_ITSELF.get(asked.kind)


def faults_of_act(asked: Asked, wanted: Wanted, can_go: frozenset[str]) -> Iterator[Fault]:
    """Why the staff may not do this. Nothing: it may. `can_go` are the categories to delete."""
    if asked.kind not in FITTING[wanted.act]:
        yield Fault("act", "this was not asked for")
    if wanted.act is Act.COPY and not asked.address_proven:
        yield Fault("act", "a copy goes to an address that was proven; owners have it in the app")
    if wanted.act is Act.UPHOLD and asked.ground is not Ground.WITHOUT_CONSENT:
        yield Fault("act", "only of what was gathered without consent is it known what goes")
    if bool(wanted.categories) is not (wanted.act is Act.DELETE):
        yield Fault("categories", "name them where they are to be deleted, and only there")
    if not wanted.categories <= can_go:
        yield Fault("categories", "these end with the account only, or are no categories")
    for_other = asked.on_behalf_of is not OnBehalfOf.SELF
    for name, value in (("concerning", wanted.concerning), ("proof_seen", wanted.proof_seen)):
        if for_other and not value:
            yield Fault(name, "needed where somebody asks for somebody else")
        if not for_other and value:
            yield Fault(name, "only where somebody asks for somebody else")
