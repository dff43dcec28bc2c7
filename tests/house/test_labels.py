"""Every column says what it knows about a person, where it is declared."""

from importlib import import_module

import pytest
from sqlalchemy import JSON, Boolean, Column, Integer, LargeBinary, MetaData, String, Table
from sqlmodel import AutoString, SQLModel

from server.foundation.labels import Link, Personal, Plain, label_of, labelled_columns, plain
from server.foundation.vault.sealed_text import Sealed

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


def test_there_are_tables_to_look_at():
    assert len(COLUMNS) > 40


def test_a_column_made_without_a_label_is_found():
    planted = Table("planted", MetaData(), Column("bare", Integer))
    assert [label for _, label in labelled_columns([planted])] == [None]
    assert label_of(planted.columns["bare"]) is None
    assert plain() is not None
