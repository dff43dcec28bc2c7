"""What becomes of each table by its labels."""

from datetime import date
from importlib import import_module

import pytest
from sqlalchemy import Column, MetaData, String, Table

from server.foundation.labels import ACCOUNT_LIFE, LABEL, OnErasure, Personal, Term, Why, days
from server.privacy.erasure.erasure_rules import (
    TOGETHER,
    ErasureCannotBePlanned,
    Step,
    after,
    kept_until,
    plan_of,
    unit_from,
)
from server.privacy.subject_paths import SubjectTable, all_about
from tests.movable_clock import MORNING

import_module("server.main")  # so that every table is known


@pytest.mark.parametrize("it", all_about(), ids=lambda it: it.table.name)
def test_every_table_of_accounts_can_be_erased(it: SubjectTable):
    """And a row that stays points at no row that goes: the database would refuse the erasure."""
    if plan_of(it.table).goes:
        return
    about = {other.table.name: other.table for other in all_about()}
    for key in it.table.foreign_keys:
        if (parent := key.column.table.name) in about:
            assert not plan_of(about[parent]).goes


def test_what_leaves_with_one_commit_is_all_steps_in_their_order():
    """And nobody is told of an end, or looks for rows, before key and end are committed."""
    assert [step for unit in TOGETHER for step in unit] == list(Step)
    for later in (Step.NEWS, Step.ROWS, Step.CERTIFICATE):
        assert not {Step.AUTHORITY, Step.KEY} & {*unit_from(later)}
    assert unit_from(Step.KEY) == (Step.KEY,)  # where a hold that has ended lets it go on


def _table(*columns: Column[object]) -> Table:
    return Table("planted", MetaData(), *columns)


def _column(
    name: str, fate: OnErasure, *, nullable: bool = True, keep: Term | None = None
) -> Column[object]:
    label = Personal("mood", Why.EVIDENCE, keep or days(1), fate)
    return Column(name, String, nullable=nullable, info={LABEL: label})


def test_a_row_with_nothing_to_keep_goes_and_any_other_is_blanked():
    goes = _table(_column("one", OnErasure.DELETE), _column("two", OnErasure.DELETE))
    assert plan_of(goes).goes
    stays = _table(_column("one", OnErasure.DELETE), _column("two", OnErasure.BLANK))
    assert [it.name for it in plan_of(stays).blanked] == ["one", "two"]


@pytest.mark.parametrize(
    "columns",
    [
        (_column("one", OnErasure.BLANK, nullable=False),),
        (_column("one", OnErasure.KEEP, keep=ACCOUNT_LIFE),),
        (_column("one", OnErasure.KEEP),),  # counted from nothing
    ],
    ids=["can't be blanked", "no end", "no moment"],
)
def test_labels_that_can_not_be_followed_are_found(columns: tuple[Column[object], ...]):
    with pytest.raises(ErasureCannotBePlanned, match="one"):
        plan_of(_table(*columns))


def test_a_value_is_kept_for_its_term_and_no_longer():
    label = Personal("mood", Why.WARRANTY, days(10), OnErasure.KEEP)
    assert kept_until(label, MORNING, MORNING) == date(2026, 12, 5)
    assert kept_until(label, None, MORNING) is None  # its term is still to begin


def test_the_key_goes_before_the_rows_and_the_certificate_is_last():
    """Nothing new can be stored about somebody whose key is gone; so nothing follows the sweep."""
    order = [Step.AUTHORITY]
    while after(order[-1]) is not order[-1]:
        order.append(after(order[-1]))
    assert order == list(Step)
    assert order.index(Step.LETTERS) < order.index(Step.KEY) < order.index(Step.ROWS)
    assert order[-1] is Step.CERTIFICATE
