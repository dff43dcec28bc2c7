"""Every column says what it knows about a person, where it is declared."""

from importlib import import_module

import pytest
from sqlalchemy import Boolean, Column, Integer, MetaData, Table
from sqlmodel import SQLModel

from server.foundation.labels import Link, Personal, Plain, label_of, labelled_columns, plain

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


def test_there_are_tables_to_look_at():
    assert len(COLUMNS) > 40


def test_a_column_made_without_a_label_is_found():
    planted = Table("planted", MetaData(), Column("bare", Integer))
    assert [label for _, label in labelled_columns([planted])] == [None]
    assert label_of(planted.columns["bare"]) is None
    assert plain() is not None
