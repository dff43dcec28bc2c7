"""`docs/privacy.md` is followed to the letter: its example is declared, and everything follows."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.house.sources import ROOT, page

EXAMPLE = re.compile(r"^```python\n(.+?)^```", re.DOTALL | re.MULTILINE)
# In a process of its own: a table that is declared once is there for all tests.
AROUND = """
import asyncio, json
from datetime import datetime, timedelta, UTC
from pathlib import Path
from typing import Any, ClassVar
from sqlmodel import SQLModel
import server.main
from server.accounts.tables import Account
from server.foundation.clock import SystemClock
from server.foundation.columns import UtcMoment
from server.foundation.database import Database
from server.foundation.correcting import put_right
from server.foundation.correction_rules import line
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.origins import Collected, Origin
from server.foundation.table_labels import rows
from server.foundation.vault.keyring import Vault
from server.privacy import held
from server.privacy.corrections.fields import fields_of
from server.privacy.data_map import data_map
from server.privacy.retention import end_what_is_over, what_is_over
from tests.foundation.vault.diary import keys_in

{example}

LEFT = datetime(2026, 11, 25, 8, tzinfo=UTC)

async def follow() -> None:
    folder = Path("{folder}")
    vault = Vault(keys_in(folder), SystemClock())
    database = Database("sqlite+aiosqlite:///{folder}/db.sqlite", vault)
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with database.writing() as db:
        db.add(Account(id="acc_1", created_at=LEFT))
        await db.flush()
        hello = Collected("Hello!", origin=Origin.INTERACTION)
        db.add(Greeting(id="grt_1", account_id="acc_1", text=hello, at=LEFT))
    (table,) = [it for it in held.held_tables() if it.mapped.table == "greeting"]
    found = [row async for row in held.records(database, table, "acc_1")]
    exported = [*(it.values["text"] for it in found), *(it.came_by["text"] for it in found)]
    async with database.writing() as db:
        greeting = await db.get_one(Greeting, "grt_1")
        put_right(greeting, "text", " Good day! ", LEFT.date(), origin=Origin.SURVEY)
    async with database.reading() as db:
        (field,) = [it for it in await fields_of(db, "acc_1") if it.row == "grt_1"]
    form = [field.name, field.correction.label, field.value]
    over = []
    for days_later in (29, 30):
        async with database.writing() as db:
            now = LEFT + timedelta(days=days_later)
            over.append([it.table for it in await what_is_over(db, now)])
            await end_what_is_over(db, now)
    async with database.reading() as db:
        left = await held.counts(db, table, "acc_1")
    await database.close()
    print(json.dumps([table.mapped.about, table.mapped.whose, exported, form, over, left]))

asyncio.run(follow())
"""


def test_the_example_is_on_the_map_in_the_export_and_the_form_and_ends(tmp_path: Path):
    found = EXAMPLE.search(page("docs/privacy.md"))
    assert found is not None
    program = AROUND.replace("{example}", found[1]).replace("{folder}", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        "One greeting that a visitor left at the door.",
        ["greeting.account_id → account.id"],
        ["Hello!", "other interaction"],
        ["greeting.text", "What your visitor said", "Good day!"],
        [[], ["greeting"]],
        {"text": 0, "at": 0},
    ]
