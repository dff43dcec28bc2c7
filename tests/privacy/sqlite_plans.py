"""How SQLite would go about a statement: what it reads, and whether it has to sort."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlmodel import SQLModel

from server.foundation.database import Database


async def plan_of(statement: Any, folder: Path, **values: Any) -> list[str]:
    """The plan in an empty database, line by line. `values` are those of its parameters."""
    database = Database(f"sqlite+aiosqlite:///{folder / 'empty.sqlite'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
        lines = await connection.run_sync(_explained, statement, values)
    await database.close()
    return lines


def _explained(connection: Connection, statement: Any, given: dict[str, Any]) -> list[str]:
    compiled = statement.compile(dialect=connection.dialect)
    values = compiled.construct_params(given)
    places = tuple(values[name] for name in compiled.positiontup or ())
    told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", places)
    return [row[-1] for row in told]
