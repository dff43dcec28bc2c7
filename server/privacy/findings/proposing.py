"""The answer that the findings call for, in words; a person reads it over and sends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.privacy.cases.kinds import CaseState, Ground
from server.privacy.cases.remedy_rules import Remedies, proposed
from server.privacy.findings.finding_rules import Beyond, DataFinding, UseFinding
from server.privacy.purposes import Basis

BEYOND: Final[dict[Beyond, str]] = {
    Beyond.NOTHING_ACCEPTED: "you had accepted no policy of ours then",
    Beyond.PURPOSE_NOT_TOLD: "the policy that you had accepted names no such purpose",
    Beyond.DATA_NOT_TOLD: "the policy that you had accepted doesn't tell of all of this data",
    Beyond.NOT_CHOSEN: "it needed a yes of yours, and there was none",
}


@dataclass(frozen=True, slots=True)
class Findings:
    """All that was found out. `accepted` are versions of the policy, each with its moment."""

    data: tuple[DataFinding, ...] = ()
    uses: tuple[UseFinding, ...] = ()
    accepted: Sequence[tuple[str, datetime]] = ()

    def is_right(self, ground: Ground | None) -> bool:
        """Whether they bear out a request on this ground.

        Of one that says that the law was broken nothing is found by itself: somebody has to judge.
        """
        match ground:
            case Ground.WITHOUT_CONSENT:
                return any(it.basis is None for it in self.data)
            case Ground.BREACH:
                return any(it.beyond for it in self.uses)
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Proposal:
    """An answer, as far as it follows from the findings."""

    outcome: CaseState
    reply: str
    reason: str | None = None
    remedies: Remedies | None = None


def proposal(ground: Ground | None, found: Findings, region: str) -> Proposal | None:
    """The answer on this ground; None where somebody has to judge."""
    if ground not in (Ground.WITHOUT_CONSENT, Ground.BREACH):
        return None
    by_consent = ground is Ground.WITHOUT_CONSENT
    if found.is_right(ground):
        text = _no_consent(found) if by_consent else _breaches(found)
        return Proposal(CaseState.ANSWERED, f"You are right. {text}")
    reason = _bases(found) if by_consent else _kept_to(found)
    reply = "We have looked through our records and don't delete it on this ground."
    return Proposal(CaseState.REFUSED, reply, reason, proposed(region))


def _no_consent(found: Findings) -> str:
    names = ", ".join(
        f"“{it.holding.purpose.title}” ({', '.join(sorted(it.holding.values))})"
        for it in found.data
        if it.basis is None
    )
    return (
        f"We found no consent of yours on record, and no other ground, for what we held under "
        f"{names}. We have deleted it, with everything that was made of it."
    )


def _breaches(found: Findings) -> str:
    lines = "\n".join(
        f"- {_day(it.use.at)}, {it.use.what}, for “{it.use.purpose}”: {BEYOND[it.beyond]}."
        for it in found.uses
        if it.beyond
    )
    return f"We used data of yours beyond what we had agreed:\n{lines}\nWe have deleted it."


def _bases(found: Findings) -> str:
    lines = "\n".join(f"- {_basis(it, found)}" for it in found.data)
    return f"Each thing that we hold about you has a ground:\n{lines}"


def _basis(it: DataFinding, found: Findings) -> str:
    title = f"“{it.holding.purpose.title}”"
    if it.basis is Basis.CONSENT and it.consent is not None:
        return f"{title}: you said yes on {_day(it.consent.at)}, receipt {it.consent.id}."
    if it.basis is Basis.EXCEPTION:
        return f"{title}: an exception allows it for now; your account lists it with its evidence."
    if not found.accepted:
        return f"{title}: needed for the account that you asked for."
    version, at = found.accepted[-1]
    return f"{title}: agreed to with the policy {version}, which you accepted on {_day(at)}."


def _kept_to(found: Findings) -> str:
    if not found.uses:
        return "No use of your data is on record but those that you made yourself."
    versions = ", ".join(sorted({it.version for it in found.uses if it.version}))
    lines = "\n".join(f"- {_day(it.use.at)}, {it.use.what}" for it in found.uses[-MOST_USES:])
    return (
        f"We compared each of the {len(found.uses)} uses on record with the version of the policy "
        f"that you had accepted then ({versions}). It tells of each. The last ones:\n{lines}"
    )


MOST_USES: Final = 20  # in a letter; the findings have them all


def _day(moment: datetime) -> str:
    return f"{moment:%-d %B %Y}"
