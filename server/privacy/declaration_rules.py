"""What an edition of the policy declares, as data; and what changed between two of them.

Material (policy §8), so that people are told before it counts: a purpose that is new, stands on
another ground or has a high risk; data, uses and recipients, as `data_map_rules` has them; rights,
the ways to use them and the days that an answer takes; who answers, where, and where one complains.
A lost right, a lost way and a later day narrow: they need a yes of their own. Names and wording are
not material.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from server.privacy.data_map_rules import Change, DataMap, compare

HIGH_RISK = "high"


@dataclass(frozen=True, slots=True)
class DeclaredUse:
    """One purpose with its ground, who decides about it, and what its assessment found."""

    code: str
    title: str
    basis: str
    switch: str
    risk: str
    assessment: str
    reviewed: str | None


@dataclass(frozen=True, slots=True)
class Contacts:
    """Who answers for the data, and where. A deployment's own: it stands in the settings."""

    controller: str
    department: str
    email: str
    postal_address: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """All that an edition says about what we do, apart from its wording.

    `rights` are the ways to use each; `working_days` the longest that an answer takes, by what is
    asked for; `authorities` the body that hears complaints, by region.
    """

    purposes: tuple[DeclaredUse, ...]
    rights: Mapping[str, tuple[str, ...]]
    working_days: Mapping[str, int]
    authorities: Mapping[str, str]
    data_map: DataMap
    contacts: Contacts | None = None


def changes(old: Declaration, new: Declaration) -> tuple[Change, ...]:
    """What `new` has otherwise than `old`: what narrows first, then the material, then the rest."""
    found = (
        *right_changes(old, new),
        *_purpose_changes(old, new),
        *_authority_changes(old.authorities, new.authorities),
        *_contact_changes(old.contacts, new.contacts),
        *compare(old.data_map, new.data_map),
    )
    return tuple(sorted(found, key=lambda it: (not it.narrows, not it.material, it.text)))


def narrows(old: Declaration, new: Declaration) -> bool:
    """Whether somebody under `old` would lose a right, a way to use one, or wait longer."""
    return any(it.narrows for it in right_changes(old, new))


def rights_in_words(declared: Declaration) -> list[str]:
    """What people may do, and within which time they are answered."""
    terms = (f"{asked} within {days} working days" for asked, days in declared.working_days.items())
    return [*sorted(declared.rights), *sorted(terms)]


def right_changes(old: Declaration, new: Declaration) -> Iterator[Change]:
    """What became of rights, ways and days."""
    for right in old.rights.keys() - new.rights.keys():
        yield Change(True, f"you can no longer {right}", narrows=True)
    for right in new.rights.keys() - old.rights.keys():
        yield Change(True, f"you can now {right}: {', or '.join(new.rights[right])}")
    for right in old.rights.keys() & new.rights.keys():
        for way in {*old.rights[right]} - {*new.rights[right]}:
            yield Change(True, f"you can no longer {right} this way: {way}", narrows=True)
        for way in {*new.rights[right]} - {*old.rights[right]}:
            yield Change(True, f"you can now also {right} this way: {way}")
    yield from _day_changes(old.working_days, new.working_days)


def _day_changes(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[Change]:
    for asked in old.keys() - new.keys():
        text = f"{asked}: no longer promised within {old[asked]} working days"
        yield Change(True, text, narrows=True)
    for asked in new.keys() - old.keys():
        yield Change(True, f"{asked}: now promised within {new[asked]} working days")
    for asked in old.keys() & new.keys():
        if (after := new[asked]) != (before := old[asked]):
            text = f"{asked}: within {after} working days instead of {before}"
            yield Change(True, text, narrows=after > before)


def _purpose_changes(old: Declaration, new: Declaration) -> Iterator[Change]:
    before, after = ({it.code: it for it in side.purposes} for side in (old, new))
    for code, purpose in after.items():
        if (earlier := before.get(code)) is None:
            yield Change(True, f"{purpose.title}: a new purpose, on the ground of {purpose.basis}")
            if purpose.risk == HIGH_RISK:
                yield _high_risk(purpose)
        else:
            yield from _changes_of(earlier, purpose)
    for code in before.keys() - after.keys():
        yield Change(False, f"{before[code].title}: no longer a purpose")


def _changes_of(earlier: DeclaredUse, purpose: DeclaredUse) -> Iterator[Change]:
    if (purpose.basis, purpose.switch) != (earlier.basis, earlier.switch):
        yield Change(
            True,
            f"{purpose.title}: on the ground of {purpose.basis} and {_words(purpose.switch)}, "
            f"formerly {earlier.basis} and {_words(earlier.switch)}",
        )
    if purpose.risk == HIGH_RISK != earlier.risk:
        yield _high_risk(purpose)
    elif earlier.risk == HIGH_RISK != purpose.risk:
        yield Change(False, f"{purpose.title}: its risk is no longer high")
    if purpose.title != earlier.title:
        yield Change(False, f"{purpose.title}: formerly called {earlier.title}")


def _high_risk(purpose: DeclaredUse) -> Change:
    return Change(True, f"{purpose.title}: we found a high risk in it. {purpose.assessment}")


def _words(switch: str) -> str:
    return switch.replace("_", " ") if switch != "none" else "without a switch"


def _authority_changes(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for region in old.keys() - new.keys():
        yield Change(True, f"complaints in {region}: {old[region]} is no longer named")
    for region in new.keys() - old.keys():
        yield Change(False, f"complaints in {region}: {new[region]} is named now")
    for region in old.keys() & new.keys():
        if new[region] != old[region]:
            yield Change(True, f"complaints in {region}: {new[region]} instead of {old[region]}")


def _contact_changes(old: Contacts | None, new: Contacts | None) -> Iterator[Change]:
    if old is None or new is None:  # one side is of no deployment: nothing to compare
        return
    for what, before, after in (
        ("who answers for the data", old.controller, new.controller),
        ("the department that answers you", old.department, new.department),
        ("the e-mail address for questions and complaints", old.email, new.email),
        ("the postal address", old.postal_address, new.postal_address),
    ):
        if after != before:
            yield Change(True, f"{what}: {after} instead of {before}")
