"""Whoever declares personal data has said whether its subject corrects or deletes it."""

from importlib import import_module
from pathlib import Path

import pytest
from sqlalchemy import Column
from sqlmodel import SQLModel

from server.foundation.labels import Personal, Plain, Why, label_of, labelled_columns
from server.foundation.table_labels import NoAccount, row_label
from server.foundation.vault.sealed_text import Sealed
from server.privacy.corrections.deletion_rules import CHOSEN, NEEDED, may_go, why_kept
from server.privacy.data_map import personal_columns
from server.privacy.subject_paths import SUBJECT
from tests.house.purpose_reads import ungated
from tests.house.sources import name_of, python, tree

pytestmark = pytest.mark.house

import_module("server.main")  # so that every table is known

PERSONAL = [
    (column, label)
    for column, label in labelled_columns(list(SQLModel.metadata.tables.values()))
    if isinstance(label, Personal)
]
CORRECTABLE = [(column, label) for column, label in PERSONAL if label.correctable]
DELETABLE = [(column, label) for column, label in PERSONAL if may_go(label)]


def names(pairs: list[tuple[Column[object], Personal]]) -> list[str]:
    return [str(column) for column, _ in pairs]


@pytest.mark.parametrize(("column", "label"), CORRECTABLE, ids=names(CORRECTABLE))
def test_a_column_that_can_be_corrected_can_be_stored_and_found(
    column: Column[object], label: Personal
):
    """A form names a row by its key, sends text, and may empty what isn't needed."""
    assert label.correctable is not None
    assert isinstance(column.type, Sealed)
    (key,) = column.table.primary_key.columns
    assert isinstance(label_of(key), Plain)
    assert column.nullable or label.correctable.required
    assert not isinstance(row_label(column.table).whose, NoAccount)
    assert 3 < len(label.correctable.label) < 40


@pytest.mark.parametrize(("column", "label"), DELETABLE, ids=names(DELETABLE))
def test_a_column_that_can_be_deleted_takes_nothing_else_with_it(
    column: Column[object], label: Personal
):
    """Where a value can't be blanked its row goes: then nothing else may stand in it."""
    if not column.nullable:
        assert column.table.name != SUBJECT
        assert {it.category for _, it in personal_columns(column.table)} == {label.category}
        assert not any(
            key.column.table is column.table
            for table in column.table.metadata.tables.values()
            for key in table.foreign_keys
        )
    indexes = {name for it in column.table.columns for name in _index_of(it)}
    assert column.name not in indexes  # it would stay findable by its hash


def _index_of(column: Column[object]) -> tuple[str, ...]:
    label = label_of(column)
    return label.index_of if isinstance(label, Personal) else ()


@pytest.mark.parametrize(("column", "label"), PERSONAL, ids=names(PERSONAL))
def test_a_column_goes_by_itself_or_says_why_not(column: Column[object], label: Personal):
    """Nobody is told no without a reason."""
    assert may_go(label) or why_kept(label).endswith(".")


def test_there_is_a_reason_for_each_purpose_that_nobody_switches():
    assert set(NEEDED) | CHOSEN == set(Why)
    assert not set(NEEDED) & CHOSEN


def test_there_are_columns_of_both_kinds():
    assert {"account.birthday", "ownership.name"} <= set(names(CORRECTABLE))
    assert {"account.name", "security_event.seen_town"} <= set(names(DELETABLE))
    assert not {"account.email", "ownership.name", "consent.state"} & set(names(DELETABLE))


TOLD = {str(column.name) for column, label in PERSONAL if label.why is Why.PROFILE}


@pytest.mark.parametrize("path", python("server", "devices"), ids=name_of)
def test_what_people_tell_about_themselves_is_used_for_nothing_else(path: Path):
    """Data that lies about invites a use; whoever wants one adds a purpose with a switch."""
    uses = ungated(tree(path), TOLD)
    assert uses == [] or name_of(path) == "server/accounts/schemas.py"  # the age, to the owner
    assert {"birthday", "gender", "hobbies"} <= TOLD
