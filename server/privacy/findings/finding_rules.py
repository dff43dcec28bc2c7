"""What proves that data may be held, and which use goes beyond what was agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.privacy.consent_rules import Link, State
from server.privacy.declaration_rules import Declaration
from server.privacy.purposes import Basis, DeclaredPurpose, Switch


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held for a purpose: how many values of each category, the oldest from when."""

    purpose: DeclaredPurpose
    values: Mapping[str, int]
    oldest: datetime | None  # None: not known


@dataclass(frozen=True, slots=True)
class DataFinding:
    """What is held for a purpose, and on which basis; None where there is none.

    `consent` is the choice that proves it, where it stands on one.
    """

    holding: Holding
    basis: Basis | None
    consent: Link | None = None


class Beyond(StrEnum):
    """In what a use went beyond the agreement."""

    NOTHING_ACCEPTED = "nothing_accepted"  # no version of the policy counted then
    PURPOSE_NOT_TOLD = "purpose_not_told"
    DATA_NOT_TOLD = "data_not_told"
    NOT_CHOSEN = "not_chosen"  # it stands on consent, and there was none


@dataclass(frozen=True, slots=True)
class RecordedUse:
    """A use on record: what was done, for which purpose, with which columns (`table.column`).

    `chosen` says whether a choice of the person allowed it at that moment.
    """

    what: str
    purpose: str
    at: datetime
    columns: tuple[str, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class UseFinding:
    """A use, the version of the policy that was accepted then, and in what it went beyond it."""

    use: RecordedUse
    version: str | None
    beyond: Beyond | None


def yes_that_holds(choices: Sequence[Link]) -> Link | None:
    """Of the choices about one purpose, oldest first, the first yes since the last no."""
    found = None
    for it in choices:
        if it.state != State.GIVEN:
            found = None
        elif found is None:
            found = it
    return found


def judged(holding: Holding, choices: Sequence[Link], *, excepted: bool) -> DataFinding:
    """On which basis this is held, by the choices about its purpose, oldest first.

    `excepted` says that an exception is in force, by which no consent is needed for now.

    A yes proves nothing that is older than itself. Where some of it is older all counts as
    unproven: in doubt it goes, because the person asked for that.
    """
    otherwise = Basis.EXCEPTION if excepted else None
    match holding.purpose.switch:
        case Switch.NONE:
            return DataFinding(holding, Basis.CONTRACT)
        case Switch.ON_AT_FIRST:
            objects = bool(choices) and choices[-1].state == State.WITHDRAWN
            return DataFinding(holding, otherwise if objects else Basis.CONTRACT)
        case Switch.OFF_AT_FIRST:
            yes = yes_that_holds(choices)
            if yes is None or (holding.oldest is not None and holding.oldest < yes.at):
                return DataFinding(holding, otherwise)
            return DataFinding(holding, Basis.CONSENT, yes)


def beyond(use: RecordedUse, accepted: Declaration | None) -> Beyond | None:
    """In what a use went beyond the version that was accepted then; None where it kept to it."""
    if accepted is None:
        return Beyond.NOTHING_ACCEPTED
    told = {it.code: it.basis for it in accepted.purposes}
    if use.purpose not in told:
        return Beyond.PURPOSE_NOT_TOLD
    known = {f"{it.table}.{row.column}" for it in accepted.data_map.tables for row in it.columns}
    if not known.issuperset(use.columns):
        return Beyond.DATA_NOT_TOLD
    if told[use.purpose] == Basis.CONSENT and not use.chosen:
        return Beyond.NOT_CHOSEN
    return None
