"""What changed between two data maps, and whether people must be told before it counts.

Material (policy §8): a new category of data or purpose, a longer term, a new recipient, an erasure
or an export that reaches less far. Not material: names of tables and columns, another column of
what was held already, anything that is held no more or for a shorter time. Where a comparison can't
tell, as when a term is counted from another moment, the change counts as material.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

UNTIL_ACCOUNT_ENDS: Final = "the account's end"
# What erasure does, from the most to the least.
ERASURES: Final = ("delete the row", "blank the value, keep the row", "keep until the term ends")


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column with personal data. `term` is in words, `days` are counted after `counted`.

    `collected`: people gave it us, and each value is stored with the way it came by.
    """

    column: str
    category: str
    purpose: str
    term: str
    days: int
    counted: str
    on_erasure: str
    in_export: str
    collected: bool = False


@dataclass(frozen=True, slots=True)
class MappedTable:
    """One table: what a row is, and whose it is, by which ways one gets from it to the person."""

    table: str
    about: str
    whose: tuple[str, ...]
    columns: tuple[MappedColumn, ...]


@dataclass(frozen=True, slots=True)
class MappedFile:
    """Files with personal data: which, what they are, and how they are held, as a column is."""

    about: str
    held: MappedColumn  # its `column` is the file's path in the data folder


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody outside who gets data of some categories, and on which ground."""

    name: str
    ground: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataMap:
    """All personal data, and who else gets it (GDPR Art. 30)."""

    tables: tuple[MappedTable, ...]
    recipients: tuple[Recipient, ...]
    files: tuple[MappedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One difference in words, whether it is material, and whether it takes a right."""

    material: bool
    text: str
    narrows: bool = False


def compare(old: DataMap, new: DataMap) -> tuple[Change, ...]:
    """What `new` has otherwise than `old`; the material changes first."""
    changes = (
        *_use_changes(_uses(old), _uses(new)),
        *_recipient_changes(old, new),
        *_name_changes(old, new),
    )
    return tuple(sorted(changes, key=lambda it: (not it.material, it.text)))


Uses = dict[tuple[str, str], list[MappedColumn]]


def _uses(data_map: DataMap) -> Uses:
    """The columns, and the files, for each category and purpose."""
    uses: Uses = {}
    columns = [column for table in data_map.tables for column in table.columns]
    for held in (*columns, *(it.held for it in data_map.files)):
        uses.setdefault((held.category, held.purpose), []).append(held)
    return uses


def _use_changes(old: Uses, new: Uses) -> Iterator[Change]:
    known_categories = {category for category, _ in old}
    for use in new.keys() - old.keys():
        category, purpose = use
        if category in known_categories:
            yield Change(True, f"{category}: held for a new purpose, {purpose}")
        else:
            yield Change(True, f"{category}: new, held {purpose}")
    for category, purpose in old.keys() - new.keys():
        yield Change(False, f"{category}: no longer held {purpose}")
    for use in old.keys() & new.keys():
        yield from (
            Change(material, f"{use[0]}, held {use[1]}: {text}")
            for material, text in _reach_changes(old[use], new[use])
        )


def _reach_changes(old: list[MappedColumn], new: list[MappedColumn]) -> Iterator[tuple[bool, str]]:
    before, after = max(map(_reach, old)), max(map(_reach, new))
    old_moments, new_moments = ({it.counted for it in side} for side in (old, new))
    if after > before:
        yield True, f"held longer, {_longest(new)} instead of {_longest(old)}"
    elif new_moments - old_moments:
        yield True, f"its term is counted otherwise, {_longest(new)} instead of {_longest(old)}"
    elif after < before:
        yield False, f"held shorter, {_longest(new)} instead of {_longest(old)}"
    before, after = (max(ERASURES.index(it.on_erasure) for it in side) for side in (old, new))
    if after != before:
        yield after > before, f"erasure: {ERASURES[after]}, formerly {ERASURES[before]}"
    hidden = {it.in_export for it in new} - {it.in_export for it in old}
    if hidden:
        yield True, f"the export tells it otherwise: {', '.join(sorted(hidden))}"


def _reach(column: MappedColumn) -> tuple[bool, int]:
    """How long a value is held, to be compared: an account may last for ever."""
    return column.counted == UNTIL_ACCOUNT_ENDS, column.days


def _longest(columns: list[MappedColumn]) -> str:
    return max(columns, key=_reach).term


def _recipient_changes(old: DataMap, new: DataMap) -> Iterator[Change]:
    for recipient in new.recipients:
        earlier = next((it for it in old.recipients if it.name == recipient.name), None)
        if earlier is None:
            yield Change(True, f"{recipient.name}: a new recipient, {recipient.ground}")
            continue
        for category in sorted({*recipient.categories} - {*earlier.categories}):
            yield Change(True, f"{recipient.name}: receives {category} as well")
        if recipient.ground != earlier.ground:
            yield Change(True, f"{recipient.name}: on another ground, {recipient.ground}")
    for name in {it.name for it in old.recipients} - {it.name for it in new.recipients}:
        yield Change(False, f"{name}: no longer a recipient")


def _name_changes(old: DataMap, new: DataMap) -> Iterator[Change]:
    before, after = _names(old), _names(new)
    for name in after.keys() - before.keys():
        yield Change(False, f"{name}: a new column of {after[name]}")
    for name in before.keys() - after.keys():
        yield Change(False, f"{name}: no longer a column of {before[name]}")


def _names(data_map: DataMap) -> dict[str, str]:
    """The category by the full name of its column."""
    return {
        f"{table.table}.{column.column}": column.category
        for table in data_map.tables
        for column in table.columns
    }
