"""What changed between two data maps, and what of it people are told before it counts."""

from dataclasses import replace

import pytest

from server.privacy.data_map import data_map
from server.privacy.data_map_rules import (
    UNTIL_ACCOUNT_ENDS,
    Change,
    DataMap,
    MappedColumn,
    MappedTable,
    Recipient,
    compare,
)

PLACE = MappedColumn(
    column="place",
    category="coarse place",
    purpose="to protect the account",
    term="for 30 days after it happened",
    days=30,
    counted="it happened",
    on_erasure="delete the row",
    in_export="the value",
)
NAME = replace(
    PLACE,
    column="name",
    category="name",
    purpose="to run the account",
    term="until the account ends",
    days=0,
    counted=UNTIL_ACCOUNT_ENDS,
)
MAIL = Recipient("A mail house", "processor under contract", ("name",))


def mapped(*columns: MappedColumn, recipients: tuple[Recipient, ...] = ()) -> DataMap:
    table = MappedTable("event", "One event.", ("event.account_id → account.id",), columns)
    return DataMap((table,), recipients)


OLD = mapped(PLACE, NAME, recipients=(MAIL,))


def after(*columns: MappedColumn, recipients: tuple[Recipient, ...] = (MAIL,)) -> list[Change]:
    return list(compare(OLD, mapped(*columns, recipients=recipients)))


def test_nothing_changed():
    assert compare(OLD, OLD) == ()
    assert compare(data_map(), data_map()) == ()


LONGER = replace(PLACE, days=180, term="for 180 days after it happened")


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (replace(PLACE, category="gait"), "gait: new, held to protect the account"),
        (
            replace(PLACE, purpose="to advertise"),
            "coarse place: held for a new purpose, to advertise",
        ),
        (LONGER, "held longer, for 180 days after it happened instead of"),
        (replace(PLACE, counted=UNTIL_ACCOUNT_ENDS, term="until the account ends"), "held longer"),
        (replace(PLACE, counted="it was read", term="for 30 days after"), "counted otherwise"),
        (replace(PLACE, on_erasure="keep until the term ends"), "erasure: keep until"),
        (replace(PLACE, on_erasure="blank the value, keep the row"), "erasure: blank"),
        (replace(PLACE, in_export="There is a place."), "the export tells it otherwise"),
    ],
    ids=str,
)
def test_what_widens_is_material(column: MappedColumn, text: str):
    material = [it.text for it in after(column, NAME) if it.material]
    assert len(material) == 1
    assert text in material[0]


def test_a_further_column_that_widens_is_material_although_the_old_one_stays():
    further = replace(LONGER, column="home")
    assert [it.material for it in after(PLACE, further, NAME)] == [True, False]


def test_a_new_recipient_is_material_and_so_is_more_for_an_old_one():
    police = Recipient("The police", "a court's order", ("coarse place",))
    more = replace(MAIL, categories=("name", "coarse place"))
    other = replace(MAIL, ground="consent")
    for recipients in ((MAIL, police), (more,), (other,)):
        changes = after(PLACE, NAME, recipients=recipients)
        assert [it.material for it in changes] == [True]


@pytest.mark.parametrize(
    "columns",
    [
        (replace(PLACE, column="whereabouts"), NAME),
        (PLACE, replace(PLACE, column="place_id"), NAME),
        (replace(PLACE, days=7, term="for 7 days after it happened"), NAME),
        (NAME,),
    ],
    ids=["renamed", "another column of the same", "shorter", "gone"],
)
def test_what_stays_the_same_or_becomes_less_is_not_material(columns: tuple[MappedColumn, ...]):
    changes = after(*columns)
    assert changes
    assert not any(it.material for it in changes)


def test_a_better_erasure_and_a_recipient_who_is_gone_are_not_material():
    kept = replace(PLACE, on_erasure="keep until the term ends")
    changes = compare(mapped(kept, recipients=(MAIL,)), mapped(PLACE))
    assert [it.material for it in changes] == [False, False]


def test_the_material_comes_first():
    changes = after(replace(PLACE, category="gait"), NAME)
    assert [it.material for it in changes] == sorted((it.material for it in changes), reverse=True)
