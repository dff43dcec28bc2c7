"""Whatever people give us is stored with the way it came by, and never without."""
# Lets `make check` fail where a type below takes what it should refuse.
# pyright: reportUnnecessaryTypeIgnoreComment=true

from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import LargeBinary, func, null, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from server.accounts.tables import Account
from server.foundation.correcting import put_right
from server.foundation.labels import Personal, labelled_columns
from server.foundation.origins import Collected, Origin, check_name
from server.foundation.vault.faults import NoOrigin
from server.foundation.vault.key_file import FileKeys, make_key_file
from server.foundation.vault.keyring import Vault
from tests.backups.rows import BEFORE, fill, opened
from tests.movable_clock import MORNING, MovableClock
from tests.privacy.archives import Archive
from tests.privacy.canaries import ANNA, live
from tests.privacy.test_export import download
from tests.registry.world import Person, World, running_world
from tests.support.test_support import on_staff

import_module("server.main")  # so that every table is known

REGISTERED, OTHERWISE = Origin.REGISTRATION.value, Origin.INTERACTION.value
COLLECTED = [
    column
    for column, label in labelled_columns(SQLModel.metadata.sorted_tables)
    if isinstance(label, Personal) and label.collected
]


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


def ways(archive: Archive, table: str) -> list[dict[str, str]]:
    """How the values of a table's rows came, by the export."""
    (told,) = [it for it in archive.data["tables"] if it["table"] == table]
    return [record["came_by"] for record in told["records"]]


async def write(world: World, person: Person, column: str, value: str, origin: Origin) -> None:
    """As whatever collects in this way would, by the one function that writes such values."""
    async with world.database.writing() as db:
        account = await db.get_one(Account, person.id)
        assert put_right(account, column, value, MORNING.date(), origin=origin)


async def test_the_export_and_the_page_tell_how_each_value_came(world: World):
    anna = await live(world, ANNA, await world.camera(), await on_staff(world))
    archive = await download(world, anna)
    registered = dict.fromkeys(("name", "email", "password_hash", "area"), REGISTERED)
    told = dict.fromkeys(("birthday", "gender", "hobbies", "avatar_url"), OTHERWISE)
    assert ways(archive, "account") == [registered | told]
    assert ways(archive, "ownership") == [{"name": OTHERWISE}] * 2
    asked = ("message", "contact", "contact_kind", "region", "on_behalf_of")
    assert dict.fromkeys(asked, OTHERWISE) in ways(archive, "privacy_case")
    assert f"{ANNA.email} (came by {REGISTERED})" in archive.page
    assert f"{ANNA.birthday} (came by {OTHERWISE})" in archive.page
    (row,) = archive.records("account")
    assert (row["name"], row["birthday"]) == (ANNA.name, ANNA.birthday)
    categories = (await world.ask("GET", "/v1/privacy/held", anna.headers)).json()["categories"]
    shown = {it["category"]: it["uses"] for it in categories}
    assert [it["came_by"] for it in shown["name"]] == [[REGISTERED]]
    assert [it["came_by"] for it in shown["hobbies"]] == [[OTHERWISE]]
    assert all(it["came_by"] == [] for it in shown["account use"])  # nobody gave us these


async def test_a_correction_is_another_way_for_that_value_alone(world: World):
    anna = await live(world, ANNA, await world.camera(), await on_staff(world))
    for value, way in ((ANNA.name, REGISTERED), ("Anna K.", OTHERWISE)):
        body = {"corrections": [{"field": "account.name", "value": value}]}
        path = "/v1/privacy/corrections"
        answer = await world.ask("PATCH", path, anna.headers, json=body)
        assert answer.is_success, answer.text
        (came,) = ways(await download(world, anna), "account")
        assert (came["name"], came["area"]) == (way, REGISTERED)


async def test_each_way_that_the_policy_names_has_its_word(world: World):
    """Nothing collects by download or by survey yet; whatever will, writes as this does."""
    person = await world.person()
    columns = {
        "name": ("Ada", Origin.REGISTRATION),
        "gender": ("woman", Origin.DOWNLOAD_OR_UPDATE),
        "hobbies": ("chess", Origin.SURVEY),
        "birthday": ("1987-03-14", Origin.INTERACTION),
    }
    for column, (value, origin) in columns.items():
        await write(world, person, column, value, origin)
    expected = {column: origin.value for column, (_, origin) in columns.items()}
    archive = await download(world, person)
    assert ways(archive, "account") == [expected]
    assert set(expected.values()) == {it.value for it in Origin}
    (row,) = archive.records("account")
    assert {name: row[name] for name in columns} == {name: it[0] for name, it in columns.items()}


async def test_no_type_and_no_session_takes_a_value_without_its_origin(world: World):
    person = await world.person()
    with pytest.raises(TypeError):
        Collected("Ada")  # pyright: ignore[reportCallIssue] - the type refuses it as well
    Account(id="acc_1", name="Ada", created_at=MORNING)  # pyright: ignore[reportArgumentType]
    account = Account(id="acc_1", created_at=MORNING)
    with pytest.raises(TypeError):
        put_right(account, "name", "Ada", MORNING.date())  # pyright: ignore[reportCallIssue]
    with pytest.raises(NoOrigin):
        async with world.database.writing() as db:
            account = await db.get_one(Account, person.id)
            account.name = "Ada"  # pyright: ignore[reportAttributeAccessIssue]
    assert ways(await download(world, person), "account") == [{}]


@pytest.fixture
async def vault(tmp_path: Path) -> Vault:
    """Keys of this test's own."""
    make_key_file(tmp_path / "master.key")
    return Vault(FileKeys(tmp_path / "master.key"), MovableClock(BEFORE))


async def test_the_migrated_database_takes_no_value_without_its_origin(
    database_url: str, vault: Vault
):
    await fill(database_url, vault)
    async with opened(database_url, vault) as database:
        for column in COLLECTED:
            raw = type_coerce(column, LargeBinary)
            unmarked: list[Any] = [func.substr(raw, 2), type_coerce(b"X123", LargeBinary)]
            for value in unmarked:
                change = update(column.table).where(column.is_not(None))
                with pytest.raises(
                    IntegrityError, match=check_name(column.table.name, column.name)
                ):
                    async with database.engine.begin() as connection:
                        await connection.execute(change.values({column.name: value}))
            if column.nullable:
                async with database.engine.begin() as connection:
                    await connection.execute(update(column.table).values({column.name: null()}))
    assert len(COLLECTED) > 15
