"""Every column says what it knows about a person, where it is declared."""

from importlib import import_module
from typing import Any, get_args

import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)
from sqlmodel import AutoString, SQLModel

from server.accounts.registration_fields import FIELDS
from server.foundation.labels import (
    ACCOUNT_LIFE,
    LABEL,
    Link,
    OnErasure,
    Personal,
    Plain,
    Why,
    label_of,
    labelled_columns,
    plain,
)
from server.foundation.origins import Collected, check_name, condition
from server.foundation.vault.sealed_text import Sealed
from server.privacy.subject_paths import model_of

pytestmark = pytest.mark.house

import_module("server.main")  # so that every table is known

COLUMNS = labelled_columns(list(SQLModel.metadata.tables.values()))
# Names under which personal data usually hides: `plain` is not believed for these.
TELLTALE = ("email", "phone", "address", "network", "place", "birth", "avatar", "device_text")


@pytest.mark.parametrize(("column", "label"), COLUMNS, ids=[str(column) for column, _ in COLUMNS])
def test_a_column_has_a_label(column: Column[object], label: object):
    """What carries no label would be forgotten by export, erasure and retention alike."""
    assert isinstance(label, Plain | Personal | Link)
    if column.foreign_keys:
        assert not isinstance(label, Personal)
    if isinstance(label, Plain) and not isinstance(column.type, Boolean):
        assert not any(word in column.name for word in TELLTALE)


PERSONAL = [(column, label) for column, label in COLUMNS if isinstance(label, Personal)]


@pytest.mark.parametrize(("column", "label"), PERSONAL, ids=[str(column) for column, _ in PERSONAL])
def test_text_about_a_person_is_sealed_or_says_why_not(column: Column[object], label: Personal):
    """What stands in the database as it is, stands in every backup and every copy of it."""
    columns = column.table.columns
    if label.sealed_for:
        assert isinstance(column.type, Sealed)
        subject = columns[label.sealed_for]
        assert subject.primary_key or subject.foreign_keys  # else it could be anybody's, or change
        assert not column.primary_key
        assert not column.unique  # two ciphertexts of one text differ: an index column is unique
    elif label.index_of:
        assert isinstance(column.type, LargeBinary)
        assert all(isinstance(columns[name].type, Sealed) for name in label.index_of)
    elif isinstance(column.type, String | JSON | AutoString):
        assert len(label.plain_because or "") > 20
    assert not (label.sealed_for and label.plain_because)


COLLECTED = [
    (column, label) for column, label in PERSONAL if label.collected or label.collected_with
]
# What an account is registered with, or is kept under the same word as something that people gave.
GIVEN = {it.column for it in FIELDS}, {label.category for _, label in COLLECTED}


@pytest.mark.parametrize(("column", "label"), COLLECTED, ids=[str(it) for it, _ in COLLECTED])
def test_what_people_give_us_cannot_be_stored_without_its_origin(
    column: Column[object], label: Personal
):
    """The type wants one, and the column's constraint, or those of the text that it came with."""
    if label.collected_with:
        column = column.table.columns[label.collected_with]
        assert not column.nullable
    declared = model_of(column.table).model_fields[str(column.name)].annotation
    assert wants_origin(column, declared)


def wants_origin(column: Column[object], declared: Any) -> bool:
    name = check_name(column.table.name, column.name)
    checks = {
        str(it.sqltext)
        for it in column.table.constraints
        if isinstance(it, CheckConstraint) and it.name == name
    }
    wanted = {condition(dialect, column.name) for dialect in ("sqlite", "postgresql")}
    kinds = (declared, *get_args(declared))
    return checks == wanted and isinstance(column.type, Sealed) and Collected in kinds


@pytest.mark.parametrize(("column", "label"), PERSONAL, ids=[str(column) for column, _ in PERSONAL])
def test_what_was_given_says_so(column: Column[object], label: Personal):
    """Under one word there is nothing that people gave us with its origin and without."""
    fields, categories = GIVEN
    registered = column.table.name in ("account", "registration") and column.name in fields
    if (registered or label.category in categories) and not label.index_of:
        assert label.collected or label.collected_with


def test_a_collected_column_that_takes_bare_text_is_found():
    for collected, kind, declared in ((False, Sealed, Collected), (True, Sealed, str | None)):
        label = Personal("mood", Why.ACCOUNT, ACCOUNT_LIFE, OnErasure.DELETE, collected=collected)
        planted = Table("planted", MetaData(), Column("mood", kind, info={LABEL: label}))
        assert not wants_origin(planted.columns["mood"], declared)


def test_there_are_tables_to_look_at():
    assert len(COLUMNS) > 40


def test_a_column_made_without_a_label_is_found():
    planted = Table("planted", MetaData(), Column("bare", Integer))
    assert [label for _, label in labelled_columns([planted])] == [None]
    assert label_of(planted.columns["bare"]) is None
    assert plain() is not None
