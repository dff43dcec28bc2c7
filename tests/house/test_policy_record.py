"""The newest version of the policy tells of all that the code does, and of ways that there are."""

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from server.foundation.settings import Settings
from server.main import build
from server.privacy.declaration_rules import changes
from server.privacy.declared_now import declared_now, untold
from server.privacy.editions import FOLDER, load_editions
from server.privacy.rights import RIGHTS

pytestmark = pytest.mark.house

import_module("server.main")  # so that every table is known

OPERATION = re.compile(r"\(([A-Z]+) (/\S+)\)")
NEWEST = load_editions()[-1]


def test_the_newest_version_tells_of_all_that_the_code_does():
    """`secuhome policy compare` says what is missing; docs/policy-versions.md, what to do then."""
    found = changes(NEWEST.declared, declared_now())
    assert [it.text for it in found if it.material] == []


def test_production_starts_with_a_published_version_that_tells_all_and_no_other():
    """The same check once more, for whoever changes code and runs no tests."""
    published = replace(NEWEST, published=True)
    assert untold(published) is None
    assert "draft" in (untold(replace(NEWEST, published=False)) or "")
    one_less = replace(NEWEST.declared, purposes=NEWEST.declared.purposes[1:])
    assert "Your account: a new purpose" in (untold(replace(published, declared=one_less)) or "")


def test_a_way_to_use_a_right_is_an_operation_that_there_is(tmp_path: Path):
    """A right that the policy names and nobody can use is none."""
    app: Any = vars(build(Settings(data_dir=tmp_path)).app)["_app"]
    paths = app.openapi()["paths"]
    told = {found for ways in RIGHTS.values() for way in ways for found in OPERATION.findall(way)}
    assert len(told) > 4
    assert {it for it in told if it[0].lower() not in paths.get(it[1], {})} == set()


def test_each_version_lies_there_as_text_and_as_record():
    assert {path.stem for path in FOLDER.iterdir()} == {it.version for it in load_editions()}
    assert {path.suffix for path in FOLDER.iterdir()} == {".html", ".json"}
