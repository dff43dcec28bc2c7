"""An erasure finds a person's rows by indexes, however many rows other people have."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from server.privacy.erasure.sweep_statements import ACCOUNT, MOST, sweep_statements
from tests.privacy.sqlite_plans import plan_of

import_module("server.main")  # so that every table is known

STATEMENTS = sweep_statements()
ENDING = [it.goes if it.goes is not None else it.finds for it in STATEMENTS.endings]


@pytest.mark.parametrize(
    "statement", [STATEMENTS.look, STATEMENTS.kept, *ENDING], ids=lambda it: str(it).split()[0]
)
async def test_no_statement_reads_a_whole_table(statement: Any, tmp_path: Path):
    """Else an erasure would take the longer the more people there are."""
    lines = await plan_of(statement, tmp_path, **{ACCOUNT: "acc_1", MOST: 1})
    assert any("SEARCH" in line for line in lines)
    assert not [line for line in lines if re.match(r"SCAN (?!CONSTANT ROW)", line)]


async def test_a_statement_that_does_is_noticed(tmp_path: Path):
    assert await plan_of(text("SELECT model FROM warranty"), tmp_path) == ["SCAN warranty"]
