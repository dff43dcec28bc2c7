"""An erasure finds a person's rows by indexes, however many rows other people have."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

from server.foundation.database import Database
from server.privacy.erasure.sweep_statements import ACCOUNT, MOST, sweep_statements

import_module("server.main")  # so that every table is known

STATEMENTS = sweep_statements()
READING = [STATEMENTS.look, STATEMENTS.kept] + [
    statement
    for it in STATEMENTS.endings
    for statement in (it.goes, it.finds)
    if statement is not None
]


def plan(connection: Connection, statement: Any) -> list[str]:
    """How SQLite goes about a statement, line by line."""
    compiled = statement.compile(dialect=connection.dialect)
    values = compiled.construct_params({ACCOUNT: "acc_1", MOST: 1})
    places = tuple(values[name] for name in compiled.positiontup or ())
    told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", places)
    return [row[-1] for row in told]


@pytest.mark.parametrize("statement", READING, ids=lambda it: str(it).split()[0])
async def test_no_statement_reads_a_whole_table(statement: Any, tmp_path: Path):
    """Else an erasure would take the longer the more people there are."""
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
        lines = await connection.run_sync(plan, statement)
        assert await connection.run_sync(plan, text("SELECT model FROM warranty")) == [
            "SCAN warranty"
        ]
    await database.close()
    assert any("SEARCH" in line for line in lines)
    assert not [line for line in lines if re.match(r"SCAN (?!CONSTANT ROW)", line)]
