"""The two files of an export, written row by row: `data.json` for machines, a page for people."""

import json
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime
from typing import Any, Final

from msgspec import to_builtins

from server.foundation.database import Database
from server.privacy import held
from server.privacy.data_map import RECIPIENTS
from server.privacy.held import HeldRow, HeldTable
from server.privacy.plain_page import (
    FOOT,
    TABLE_FOOT,
    head,
    paragraph,
    section,
    table,
    table_head,
    table_row,
)
from server.privacy.term_words import name_words, value_words

FORMAT: Final = "secuhome-export/1"
INTRODUCTION: Final = (
    "Everything that SecuHome holds about this account: first an overview by category, then every "
    "record. What you gave us says how it came. Moments are in UTC. The file data.json in the same "
    "archive has the same for machines."
)


async def data_file(database: Database, account_id: str, now: datetime) -> AsyncGenerator[bytes]:
    """`data.json`: for each table what it is, its columns with their labels, and its records."""
    start = {
        "format": FORMAT,
        "account_id": account_id,
        "made_at": now.isoformat(),
        "recipients": to_builtins(RECIPIENTS),
    }
    yield _json(start)[:-1].encode() + b',\n"tables": ['
    between = b"\n"
    for it in held.held_tables():
        yield between + _json(_described(it))[:-1].encode() + b', "records": ['
        comma = b"\n"
        async for row in held.records(database, it, account_id):
            yield comma + _json(_record(row)).encode()
            comma = b",\n"
        yield b"]}"
        between = b",\n"
    yield b"]}\n"


async def page_file(database: Database, account_id: str, now: datetime) -> AsyncGenerator[bytes]:
    """`index.html`: an overview by category, then each table's records as people read them."""
    yield head("What SecuHome holds about you").encode()
    yield paragraph(f"{INTRODUCTION} Made on {value_words(now)}.").encode()
    yield (await _overview(database, account_id)).encode()
    for it in held.held_tables():
        mapped = it.mapped
        yield (section(name_words(mapped.table), mapped.table) + paragraph(mapped.about)).encode()
        yield table_head([name_words(column.column) for column in mapped.columns]).encode()
        async for row in held.records(database, it, account_id):
            yield table_row(_words(row)).encode()
        yield TABLE_FOOT.encode()
    yield FOOT.encode()


async def _overview(database: Database, account_id: str) -> str:
    uses: dict[tuple[str, str, str], tuple[int, list[str]]] = {}
    for it in held.held_tables():
        async with database.reading() as db:
            counts = await held.counts(db, it, account_id)
        for column in it.mapped.columns:
            use = (column.category, column.purpose, column.term)
            number, places = uses.get(use, (0, []))
            place = name_words(it.mapped.table)
            places = places if place in places else [*places, place]
            uses[use] = (number + counts[column.column], places)
    rows = [
        (*use, str(number), ", ".join(places)) for use, (number, places) in sorted(uses.items())
    ]
    titles = ("Category", "Held for this purpose", "How long", "Values", "Below, under")
    receivers = ", ".join(it.name for it in RECIPIENTS) or "nobody"
    return (
        section("By category", "categories")
        + table(titles, rows)
        + paragraph(f"Who outside has received any of it: {receivers}.")
    )


def _described(it: HeldTable) -> dict[str, Any]:
    told = to_builtins(it.mapped)
    return {name: told[name] for name in ("table", "about", "columns")}


def _record(row: HeldRow) -> dict[str, Any]:
    values = {name: held.plain_value(value) for name, value in row.values.items()}
    return {"key": row.key, "values": values, "came_by": row.came_by}


def _words(row: HeldRow) -> Iterator[str]:
    for name, value in row.values.items():
        came = row.came_by.get(name)
        yield f"{value_words(value)} (came by {came})" if came else value_words(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
