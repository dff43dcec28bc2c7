"""The data map in the docs is the one that the labels make, and every row of it is somebody's."""

import re
from importlib import import_module
from pathlib import PurePath

import pytest
from sqlalchemy import Column, DateTime, MetaData, Table
from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.file_labels import label_of_file, labelled_files
from server.foundation.labels import ACCOUNT_LIFE, LABEL, OnErasure, Personal, Why
from server.foundation.mail import LETTERS
from server.foundation.table_labels import row_label
from server.privacy.data_map import as_json, data_map, from_json, personal_columns
from server.privacy.data_map_page import as_html
from server.privacy.held import HeldTable, held_tables
from server.privacy.subject_paths import (
    NoWayToSubject,
    all_about,
    has_personal_data,
    ways,
    why_no_account,
)
from tests.house.sources import page

pytestmark = pytest.mark.house

import_module("server.main")  # so that every table is known

TABLES = tuple(SQLModel.metadata.tables.values())
YOU = re.compile(r"\byou(rs?)?\b", re.IGNORECASE)
OURS = re.compile(r"\b(row|table|column|hash|token|keyed|account's)\b|`")
WITH_PERSONAL_DATA = tuple(table for table in TABLES if has_personal_data(table))


def test_the_map_in_the_docs_is_the_one_that_the_labels_make():
    """`secuhome data-map --json > docs/data-map.json` makes it anew."""
    assert page("docs/data-map.json") == as_json(data_map())


def test_the_page_in_the_docs_is_the_one_that_the_labels_make():
    """`secuhome data-map --html > docs/data-map.html` makes it anew."""
    assert page("docs/data-map.html") == as_html(data_map())


def test_the_map_that_was_printed_can_be_read_again():
    assert from_json(page("docs/data-map.json")) == data_map()


def test_every_personal_column_is_on_the_map():
    told = {f"{it.table}.{at.column}" for it in data_map().tables for at in it.columns}
    assert told == {str(column) for table in TABLES for column, _ in personal_columns(table)}
    assert len(told) > 40


def test_a_file_with_personal_data_is_on_the_map():
    known = {it.pattern for it in labelled_files() if it.label is not None}
    assert known == {it.held.column for it in data_map().files} >= {"mail/*"}
    assert all(it.plain_because for it in labelled_files() if it.label is None)


def test_a_file_that_nobody_made_known_is_found():
    assert label_of_file(PurePath("mail/000001-6175e8c5.eml")) is LETTERS
    assert label_of_file(PurePath("cache/anna.json")) is None


@pytest.mark.parametrize("held", held_tables(), ids=lambda it: it.mapped.table)
def test_what_people_read_beside_their_data_speaks_to_them(held: HeldTable):
    """The first line of a table's description stands on the page of what we hold."""
    assert YOU.search(held.mapped.about), f"{held.mapped.table}: speaks to nobody"
    assert not OURS.search(held.mapped.about)


@pytest.mark.parametrize("table", WITH_PERSONAL_DATA, ids=str)
def test_a_table_with_personal_data_says_whose_it_is(table: Table):
    """Rows that nobody's export finds stay where they are when the person is gone."""
    assert bool(ways(table)) != bool(why_no_account(table))


def test_a_table_that_does_not_say_whose_it_is_is_found():
    metadata = MetaData()
    label = Personal("mood", Why.ACCOUNT, ACCOUNT_LIFE, OnErasure.DELETE)
    Table("planted", metadata, Column("mood", DateTime, info={LABEL: label}))
    with pytest.raises(NoWayToSubject, match="planted"):
        all_about(metadata)


def test_nothing_stands_before_what_points_at_it():
    """Rows are deleted in this order: a parent that goes first leaves children of nobody."""
    order = [it.table.name for it in all_about()]
    for it in all_about():
        for key in it.table.foreign_keys:
            if (parent := key.column.table.name) in order:
                assert order.index(it.table.name) < order.index(parent)
    assert order.index("lookup") < order.index("ownership") < order.index("account")
    assert order[-1] == "account"


NEVER_WHILE_OPEN = {"privacy_case"}  # owed an answer, however old it is


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_term_is_counted_from_a_moment_that_every_row_has(table: Table):
    name = row_label(table).counted_from
    if name is not None:
        assert isinstance(table.c[name].type, UtcMoment)
        assert table.c[name].nullable is (str(table.name) in NEVER_WHILE_OPEN)
