"""When a deployment may change who answers for the data, and what becomes of its policy then.

Controller, department and addresses are a deployment's own, so no edition of the policy can hold
them. What a deployment published is a row in its database. A change makes a version in between,
such as `2026-11-24.2`: the same text, other contacts, told to everybody as any material change is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from server.privacy.declaration_rules import Contacts
from server.privacy.editions import Edition


@dataclass(frozen=True, slots=True)
class Published:
    """Contacts as they were published. `number` counts from 1; `under` is the policy in force."""

    number: int
    under: str
    since: datetime
    contacts: Contacts
    notice: str


class ContactsChanged(Exception):  # noqa: N818 - says what was found
    """The settings name other contacts than were published, and no new notice of the change."""


def to_publish(
    published: Sequence[Published], contacts: Contacts, notice: str, under: str, now: datetime
) -> Published | None:
    """What is to be published before a start with these contacts; None if nothing changed.

    The first ones need no notice: there was nobody to tell. Every other change names one that no
    earlier change named. Raises ContactsChanged.
    """
    if not published:
        return Published(1, under, now, contacts, notice)
    newest = published[-1]
    if newest.contacts == contacts:
        return None
    if not notice or notice in {it.notice for it in published}:
        raise ContactsChanged("who answers for the data, or where, is no longer what was published")
    return Published(newest.number + 1, under, now, contacts, notice)


def deployed(editions: Sequence[Edition], published: Sequence[Published]) -> tuple[Edition, ...]:
    """The versions with the contacts that each had here, and those in between; in order of time.

    What was published under a version stays behind that version, also if a later one is older by
    its date: nobody goes back to an earlier text.
    """
    if not published:
        return tuple(editions)
    found: list[Edition] = []
    for edition in editions:
        earlier = [it for it in published if it.under < edition.version]
        found.append(_with((earlier or published[:1])[-1].contacts, edition))
        found += (
            replace(
                _with(it.contacts, edition),
                version=f"{edition.version}.{it.number}",
                in_force_since=it.since,
            )
            for it in published[1:]
            if it.under == edition.version
        )
    return tuple(found)


def _with(contacts: Contacts, edition: Edition) -> Edition:
    return replace(edition, declared=replace(edition.declared, contacts=contacts))
