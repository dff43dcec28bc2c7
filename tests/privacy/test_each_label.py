"""For each label of a life: its subject reads the value, changes it and has it removed, and it is
safe with us.

What stands in a table of `RECORDS` is told as it happened, and so is every moment: nobody changes
that afterwards. Who finds it wrong asks us, and the request stands beside it.
"""

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Column, LargeBinary, select, type_coerce
from sqlmodel import SQLModel
from sqlmodel import select as select_rows

from server.foundation.labels import LABEL, OnErasure, Personal, Plain, label_of
from server.privacy.erasure import sweeping
from server.privacy.erasure.erasure_rules import ErasureCannotBePlanned
from server.privacy.erasure.sweep_statements import sweep_statements
from server.privacy.subject_paths import model_of
from tests.people import CODE
from tests.places import PORTO_V6
from tests.privacy.archives import Archive
from tests.privacy.canaries import (
    ANNA,
    LEAVING,
    PASSWORD,
    Found,
    personal,
    personal_tables,
)
from tests.privacy.erasure.test_erasing import check_gone, erase
from tests.privacy.planted_rows import kind_of
from tests.privacy.test_corrections import form, one, send
from tests.privacy.test_deletions import delete
from tests.privacy.test_deletions import held as held_now
from tests.privacy.test_export import EXPORT, two, world
from tests.registry.world import Person, World

__all__ = ["world"]
import_module("server.main")  # so that every table is known

# What happened or was said, as it was written down then.
RECORDS = {
    "case_act", "case_opening", "consent", "consent_exception", "email_change", "end_notice",
    "erasure", "first_use", "legal_hold", "locked_data", "lookup", "news_letter", "pairing",
    "policy_acceptance", "policy_letter", "privacy_case", "provider_identity", "security_event",
    "session", "warranty",
}  # fmt: skip
# What is changed in a way of its own, as `change_the_rest` does.
ELSEWHERE = {
    "account.email", "account.email_index", "account.password_hash", "camera_town.town_noted",
    "place_source.source",
}  # fmt: skip
NEW_PASSWORD = "copper kettle beside winter gate"
OTHER = {"account.birthday": "1990-01-01", "account.avatar_url": "https://pictures.example/2.png"}
ALL = [pair for table in personal_tables() for pair in personal(table)]
# What stands there once the account is cancelled is in the export by tests/privacy/test_export.py.
COLUMNS = [(column, label) for column, label in ALL if str(column) not in LEAVING]


def again(world: World, person: Person) -> Person:
    """The same person, a while later and with a fresh token."""
    world.clock.advance(seconds=10)
    return world.again(person.id, person.identity.session_id)


def values_of(rows: Found, column: Column[Any]) -> list[Any]:
    """What stands in a column."""
    mine = [row for (table, _), row in rows.items() if table == column.table.name]
    return [it for row in mine if (it := row.get(str(column.name))) is not None]


async def now_of(world: World, mine: Found) -> Found:
    """The same rows as they are now, those that are still there, whatever their labels say now."""
    now: Found = {}
    async with world.database.reading() as db:
        for table in {column.table for column, _ in ALL}:
            names = [str(column.name) for column, _ in ALL if column.table is table]
            for row in (await db.exec(select_rows(model_of(table)))).all():
                key = tuple(getattr(row, str(it.name)) for it in table.primary_key.columns)
                if (str(table.name), key) in mine:
                    now[str(table.name), key] = {name: getattr(row, name) for name in names}
    return now


async def check_read(world: World, anna: Person, mine: Found) -> None:
    """Each value is in the export that its subject asks for."""
    anna = again(world, anna)
    answer = await world.ask("POST", EXPORT, anna.headers, json={"password": PASSWORD})
    archive = Archive.of(answer.content)
    for column, _ in COLUMNS:
        told = [row.get(str(column.name)) for row in archive.records(str(column.table.name))]
        values = values_of(mine, column)
        assert values, f"plant a {column}"
        for value in values:
            assert (value.isoformat() if isinstance(value, date) else value) in told, str(column)


async def check_safe(world: World, mine: Found) -> None:
    """Each text is sealed where it is stored, or its label says why not; a moment is no text."""
    for column, _ in COLUMNS:
        label = label_of(column)
        assert isinstance(label, Personal)
        if label.sealed_for or label.index_of:
            words = {it.encode() for it in values_of(mine, column) if len(it) > 3}
            stored = select(type_coerce(column, LargeBinary))
            async with world.database.engine.connect() as connection:
                rows = [bytes(it) for it in (await connection.execute(stored)).scalars() if it]
            assert rows
            assert not [row for row in rows for word in words if word in row], str(column)
        else:
            assert kind_of(column) in (datetime, date) or label.plain_because, str(column)


async def check_changed(world: World, anna: Person) -> None:
    """Each value that isn't a record is put right by a form; of records its subject asks us."""
    shown = await form(world, anna)
    fields = {name: (row, it) for (name, row), it in shown.items()}
    for column, _ in COLUMNS:
        name, anna = str(column), again(world, anna)
        recorded = column.table.name in RECORDS or kind_of(column) in (datetime, date)
        if recorded or name in ELSEWHERE:
            refused = await send(world, anna, one(name, "x"))
            assert (refused.status_code, refused.json()["code"]) == (422, "not_correctable"), name
            assert "`/v1/account/requests`, kind `correction`" in refused.json()["remedy"]
            continue
        assert name in fields, f"nobody can change {name}"
        row, it = fields[name]
        choices = [choice for choice in it["choices"] or [] if choice != it["value"]]
        value = choices[0] if choices else OTHER.get(name, "otherwise")
        assert (await send(world, anna, one(name, value, row))).status_code == 200, name
        assert (await form(world, anna))[name, row]["value"] == value != it["value"]
    wish = {"kind": "correction", "region": "PT", "message": "I was not in Lisbon."}
    asked = await world.ask("POST", "/v1/account/requests", anna.headers, json=wish)
    assert asked.status_code == 201, asked.text


async def change_the_rest(world: World, anna: Person, mine: Found) -> None:
    """A new address, proven by its letter; a new password; another town of the camera."""
    anna, before = again(world, anna), await now_of(world, mine)
    wish = {"email": ANNA.new_email, "password": PASSWORD}
    assert (await world.ask("POST", "/v1/account/email", anna.headers, json=wish)).is_success
    letters = sorted((world.folder / "mail").glob("*.eml"), key=lambda it: it.stat().st_mtime_ns)
    code = CODE.search(letters[-1].read_text())
    assert code is not None
    path = "/v1/account/email/confirmation"
    assert (await world.ask("POST", path, anna.headers, json={"code": code[1]})).is_success
    change = {"password": PASSWORD, "new_password": NEW_PASSWORD}
    assert (await world.ask("POST", "/v1/account/password", anna.headers, json=change)).is_success
    (camera,) = (await world.ask("GET", "/v1/cameras", anna.headers)).json()["cameras"]
    there = {**anna.headers, "x-forwarded-for": PORTO_V6}
    assert (await world.ask("PUT", f"/v1/cameras/{camera['id']}/town", there)).is_success
    path, off = "/v1/privacy/place-source", {"source": "off"}
    assert (await world.ask("PUT", path, anna.headers, json=off)).is_success
    now = await now_of(world, mine)
    for name in ELSEWHERE:
        table, _, column = name.partition(".")
        its = SQLModel.metadata.tables[table].c[column]
        assert values_of(now, its) not in ([], values_of(before, its)), name


async def check_removed(world: World, anna: Person, mine: Found) -> None:
    """Each value goes by its category, or it is told why it stays and for how long."""
    anna = again(world, anna)
    shown, told = await held_now(world, anna), dict[str, Any]()
    for category in sorted({label.category for _, label in COLUMNS}):
        anna = again(world, anna)
        answer = await delete(world, anna, category)
        assert answer.status_code in (200, 409), answer.text
        told[category] = answer.json()
    now = await now_of(world, mine)
    for column, label in COLUMNS:
        if values_of(now, column):
            kept = [it for it in told[label.category]["kept"] if it["why"]]
            uses = [it for it in shown[label.category]["uses"] if it["table"] == column.table.name]
            assert kept, f"{column} stays without a reason"
            assert uses and all(it["term"] for it in uses), str(column)


async def check_erased(world: World, anna: Person, mine: Found, password: str) -> None:
    """With the account all goes, but for what the certificate names with a ground and a day."""
    before = await now_of(world, mine)
    certificate = await erase(world, again(world, anna), password)
    now = await now_of(world, mine)
    check_gone(before, now)
    stays = {(it["table"], it["category"]): it for it in certificate["kept"]}
    for column, label in COLUMNS:
        if column.table.name == "locked_data":
            continue  # is told as what was locked; and the planted one's last day is over
        if values_of(now, column):
            it = stays[str(column.table.name), label.category]
            assert it["ground"], str(column)
            assert it["until"] or column.table.name in ("privacy_case", "case_act", "case_opening")


async def test_each_value_is_read_changed_removed_and_safe(world: World) -> None:
    both = await two(world, LEAVING)
    anna, mine = both.anna, both.annas
    await check_read(world, anna, mine)
    await check_safe(world, mine)
    await check_changed(world, anna)
    await change_the_rest(world, anna, mine)
    await check_removed(world, anna, mine)
    await check_erased(world, anna, mine, NEW_PASSWORD)


async def test_a_label_short_of_one_ability_is_noticed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = await two(world, LEAVING)
    anna, mine = both.anna, both.annas

    async def noticed(name: str, change: Plain | dict[str, Any], check: Awaitable[None]) -> None:
        table, _, column = name.partition(".")
        info = SQLModel.metadata.tables[table].c[column].info
        label = change if isinstance(change, Plain) else replace(info[LABEL], **change)
        with (
            monkeypatch.context() as patch,
            pytest.raises((AssertionError, ErasureCannotBePlanned)),
        ):
            patch.setitem(info, LABEL, label)
            patch.setattr(sweeping, "sweep_statements", sweep_statements.__wrapped__)  # read anew
            await check

    await noticed("session.device", Plain(), check_read(world, anna, mine))
    await noticed("ownership.name", {"sealed_for": None}, check_safe(world, mine))
    await noticed("account.gender", {"correctable": None}, check_changed(world, anna))
    await noticed("security_event.seen_town", Plain(), check_removed(world, anna, mine))
    broken = {"on_erasure": OnErasure.KEEP}
    await noticed("account.area", broken, check_erased(world, anna, mine, PASSWORD))
