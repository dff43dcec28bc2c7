"""The table of legal limits: no label is beyond a longest term, and what is beyond is refused."""

import json
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

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
from server.foundation.settings import BadSettings, Settings
from server.main import build
from server.privacy.legal_limits import LIMITS, PROVING, LegalLimits, Limit, faults_of

import_module("server.main")  # so that every table is known

PERSONAL = [
    (str(column), label)
    for table in SQLModel.metadata.tables.values()
    for column in table.columns
    if isinstance(label := label_of(column), Personal)
]
MOOD = Personal("mood", Why.SECURITY, days(1), OnErasure.DELETE)
REGIONS = sorted({it.region for it in LIMITS})
LONGEST = [it for it in LIMITS if it.most is not None]
SECOND = timedelta(seconds=1)
LAW = "Records Act 2020, s. 7"


@pytest.mark.parametrize("region", [*REGIONS, "elsewhere"])
def test_no_column_is_kept_longer_than_a_law_of_the_region_lets_us(region: str):
    """A term that somebody lengthens by a zero would else be found by a court."""
    limits = LegalLimits(LIMITS, region)
    assert [column for column, label in PERSONAL if limits.beyond(label)] == []


@pytest.mark.parametrize("limit", LONGEST, ids=lambda it: f"{it.region}-{it.why}")
def test_a_term_up_to_the_limit_passes_and_a_second_more_does_not(limit: Limit):
    limits, most, why = LegalLimits(LIMITS, limit.region), limit.most, limit.why
    assert most is not None
    assert why is not None
    for as_term in (lambda it: it, AfterAccountEnds):
        at, beyond = (replace(MOOD, why=why, keep=as_term(it)) for it in (most, most + SECOND))
        assert limits.beyond(at) is None
        assert limits.beyond(beyond) == limit
        assert LegalLimits(LIMITS, "elsewhere").beyond(beyond) is None  # the law of another region


@pytest.mark.parametrize("why", [it for it in Why if it not in PROVING], ids=str)
def test_only_what_proves_something_outlives_the_account(why: Why):
    limits = LegalLimits(LIMITS, "eu")
    assert limits.beyond(replace(MOOD, why=why, keep=ACCOUNT_LIFE)) is None
    assert limits.beyond(replace(MOOD, why=why, keep=AfterAccountEnds(days(1)))) is not None


def test_each_row_names_its_law_with_the_article_or_the_act_and_can_be_followed():
    assert list(faults_of(LIMITS)) == []
    assert all(any(it.isdigit() for it in row.law) for row in LIMITS)


def settings(folder: Path, cell: str, **row: Any) -> Settings:
    """With a row of the operator's own, for the region of its cell."""
    file = folder / "limits.json"
    file.write_text(json.dumps([{"region": "xx", "law": LAW, "categories": ["hobbies"]} | row]))
    return Settings.model_validate({"cell": cell, "data_dir": folder, "legal_limits_path": file})


def test_an_operator_adds_a_region_and_its_server_starts_where_its_laws_allow_what_we_do(
    tmp_path: Path,
):
    row = {"categories": ["device family"], "least_days": 365, "most_days": 400}
    limits = build(settings(tmp_path, "xx1", **row)).foundation.database.limits
    assert isinstance(limits, LegalLimits)
    assert [(it.law, it.least, it.most) for it in limits.rows] == [(LAW, days(365), days(400))]
    home = build(settings(tmp_path, "eu1", **row)).foundation.database.limits
    assert isinstance(home, LegalLimits)
    assert {it.region for it in home.rows} == {"eu"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"categories": ["device family"], "most_days": 179}, "security_event.device"),
        ({"categories": ["mood"], "most_days": 400}, "no such category as mood"),
        ({"most_days": 30, "least_days": 31}, "keeps longer than"),
        ({}, "give it a shortest or a longest term"),
        ({"most_days": 0}, "most_days"),
        ({"law": "Act 1", "most_days": 9}, "law"),
        ({"most_days": 9, "mood": 1}, "mood"),
    ],
)
def test_what_a_region_forbids_and_a_row_that_cannot_be_followed_stop_the_start(
    tmp_path: Path, row: dict[str, Any], told: str
):
    with pytest.raises(BadSettings, match=told):
        build(settings(tmp_path, "xx1", **row))
