"""No label keeps anything for longer than a law lets us."""

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from sqlmodel import SQLModel

from server.foundation.labels import (
    ACCOUNT_LIFE,
    AfterAccountEnds,
    OnErasure,
    Personal,
    Why,
    days,
    label_of,
)
from server.privacy.legal_limits import LIMITS, limit_beyond

import_module("server.main")  # so that every table is known

PERSONAL = [
    (str(column), label)
    for table in SQLModel.metadata.tables.values()
    for column in table.columns
    if isinstance(label := label_of(column), Personal)
]
MOOD = Personal("mood", Why.SECURITY, days(1), OnErasure.DELETE)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(("column", "label"), PERSONAL, ids=[column for column, _ in PERSONAL])
def test_a_column_is_kept_no_longer_than_a_law_allows(column: str, label: Personal):
    """A term that somebody lengthens by a zero would else be found by a court."""
    assert limit_beyond(label) is None, column


@pytest.mark.parametrize("why", LIMITS, ids=str)
def test_a_term_up_to_the_limit_passes_and_a_second_more_does_not(why: Why):
    limit = LIMITS[why]
    for as_term in (lambda it: it, AfterAccountEnds):
        at, beyond = (
            replace(MOOD, why=why, keep=as_term(it)) for it in (limit.most, limit.most + SECOND)
        )
        assert limit_beyond(at) is None
        assert limit_beyond(beyond) == limit
    assert len(limit.source) > 20


@pytest.mark.parametrize("why", [it for it in Why if it not in LIMITS], ids=str)
def test_only_what_proves_something_outlives_the_account(why: Why):
    assert limit_beyond(replace(MOOD, why=why, keep=ACCOUNT_LIFE)) is None
    assert limit_beyond(replace(MOOD, why=why, keep=AfterAccountEnds(days(1)))) is not None
