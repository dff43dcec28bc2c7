"""Everything held about a person comes out, in both formats, and nothing of anybody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import SQLModel

from server.foundation.labels import LABEL, Plain
from server.privacy.export import archive
from server.privacy.held_overview import MOST
from server.privacy.receipts import Receipts
from server.privacy.term_words import value_words
from server.security.events import SecurityEvent
from server.security.signing_keys import SigningKey
from tests.privacy.archives import Archive
from tests.privacy.canaries import (
    ANNA,
    BEN,
    Found,
    fill,
    found,
    live,
    personal,
    personal_tables,
    unique_words,
)
from tests.registry.world import Person, World, running_world
from tests.support.test_support import on_staff

import_module("server.main")  # so that every table is known

EXPORT = "/v1/privacy/export"
RECEIPTS = Receipts((SigningKey.of(Ed25519PrivateKey.generate()),))
# What no public interface of today fills: a key comes from a sign-in provider.
NOT_BY_HTTP = [
    "account.idle_warned_at",
    "account.ends_at",
    "account.ended_at",
    "consent_exception.situation",
    "consent_exception.purpose",
    "consent_exception.evidence",
    "consent_exception.asked_at",
    "consent_exception.approved_at",
    "consent_exception.until",
    "consent_exception.ended_at",
    "end_notice.way",
    "end_notice.at",
    "erasure.asked_at",
    "legal_hold.category",
    "legal_hold.ground",
    "legal_hold.until",
    "locked_data.category",
    "locked_data.law",
    "locked_data.until",
    "locked_data.content",
    "policy_letter.sent_at",
    "provider_identity.identity_index",
    "provider_identity.issuer",
    "provider_identity.subject",
]


@pytest.fixture
async def world(tmp_path: Path, database_url: str) -> AsyncIterator[World]:
    """The whole server over an empty database."""
    async with running_world(tmp_path, database_url) as running:
        yield running


@dataclass(frozen=True)
class Two:
    """Two people who lived with us one after the other, and what each left."""

    anna: Person
    ben: Person
    annas: Found
    bens: Found
    planted: list[str]


async def two(world: World, but: frozenset[str] = frozenset()) -> Two:
    """Let both live, one after the other, with the same camera; `but` those columns are filled."""
    staff, camera = await on_staff(world), await world.camera()
    tables = personal_tables()
    before = await found(world, tables)
    anna = await live(world, ANNA, camera, staff)
    planted = await fill(world, anna.id, await found(world, tables), but)
    after_anna = await found(world, tables)
    ben = await live(world, BEN, camera, staff)
    await fill(world, ben.id, _without(await found(world, tables), after_anna), but)
    after_ben = await found(world, tables)
    return Two(anna, ben, _without(after_anna, before), _without(after_ben, after_anna), planted)


def _without(rows: Found, earlier: Found) -> Found:
    return {key: row for key, row in rows.items() if key not in earlier}


async def download(world: World, person: Person) -> Archive:
    """What the route would send; the person may be planted as leaving, and so signed out."""
    world.clock.advance(seconds=1)  # each moment is its own
    chunks = archive(world.database, person.id, world.clock.now(), RECEIPTS)
    return Archive.of(b"".join([chunk async for chunk in chunks]))


def check_complete(archive: Archive, expected: Found) -> None:
    """Each row that is the person's, with each of its values, and no other row: in both files."""
    for table in personal_tables():
        rows = [row for (name, _), row in expected.items() if name == table.name]
        told = [{name: _plain(value) for name, value in row.items()} for row in rows]
        words = [[value_words(value) for value in row.values()] for row in rows]
        assert _sorted(archive.records(str(table.name))) == _sorted(told), table.name
        assert _sorted(archive.cells(str(table.name))) == _sorted(words), table.name


def check_each_column(expected: Found, archive: Archive) -> None:
    """Each labelled column holds something of the person: else plant it in `canaries`."""
    for table in personal_tables():
        rows = [row for (name, _), row in expected.items() if name == table.name]
        for column, _ in personal(table):
            assert any(row[str(column.name)] is not None for row in rows), f"plant a {column}"
    for typed in ANNA.typed:
        assert _as_json(typed) in archive.data_text
        cells = [cell for it in personal_tables() for row in archive.cells(it.name) for cell in row]
        assert any(typed in cell for cell in cells)


def check_nobody_else(archive: Archive, mine: Found, others: Found) -> None:
    """No value that only somebody else has."""
    strangers = unique_words(others, mine)
    assert len(strangers) > 20
    for word in strangers:
        assert word not in archive.data_text
        assert word not in archive.page


async def test_everything_of_a_person_comes_out_and_nothing_of_another(world: World):
    both = await two(world)
    assert both.planted == NOT_BY_HTTP
    archive = await download(world, both.anna)
    now = await found(world, personal_tables())
    mine = {key: row for key, row in now.items() if key not in both.bens}
    check_complete(archive, mine)
    check_each_column(mine, archive)
    check_nobody_else(archive, mine, both.bens)
    assert both.ben.id not in archive.data_text + archive.page
    assert "argon2" not in archive.data_text + archive.page
    assert "<script" not in archive.page
    again = await download(world, both.ben)
    check_nobody_else(again, both.bens, both.annas)


@pytest.mark.parametrize("name", ["security_event.seen_town", "ownership.name", "session.ended_at"])
async def test_a_label_that_is_broken_is_noticed(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
):
    both = await two(world)
    mine = await found(world, personal_tables())
    table, _, column = name.partition(".")
    monkeypatch.setitem(SQLModel.metadata.tables[table].c[column].info, LABEL, Plain())
    archive = await download(world, both.anna)
    with pytest.raises(AssertionError):
        check_complete(archive, {key: row for key, row in mine.items() if key not in both.bens})


async def test_the_page_about_what_is_held_shows_each_value_by_its_category(world: World):
    both = await two(world)
    answer = await world.ask("GET", "/v1/privacy/held", both.anna.headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    held = {it["category"]: it["uses"] for it in answer.json()["categories"]}
    for table in personal_tables():
        for column, label in personal(table):
            name = str(column.name)
            uses = [it for it in held[label.category] if it["table"] == table.name]
            shown = [it[name] for use in uses for it in use["values"] if name in it]
            newest = sorted(both.annas.items(), key=lambda it: it[0], reverse=True)
            rows = [row for (it, _), row in newest if it == table.name][:MOST]
            values = [_plain(row[name]) for row in rows if row[name] is not None]
            assert values or len(rows) == MOST
            assert _sorted(shown) == _sorted(values), column
            assert sum(use["count"] for use in uses) >= len(values)
            its = [use for use in uses if any(name in it for it in use["values"])]
            assert {use["purpose"] for use in its} == ({label.why.value} if values else set())
    text = answer.text
    assert not any(_as_json(word) in text for word in unique_words(both.bens, both.annas))
    assert answer.json()["recipients"] == []


async def test_an_export_goes_before_the_policy_is_accepted_and_accepts_nothing(world: World):
    person = await world.person(accepted=False)
    assert (await world.ask("GET", "/v1/cameras", person.headers)).status_code == 403
    await download(world, person)
    assert (await world.ask("GET", "/v1/privacy/held", person.headers)).status_code == 200
    assert (await world.ask("GET", "/v1/cameras", person.headers)).status_code == 403


async def test_the_owner_reads_of_an_export_and_it_can_not_be_had_all_day(world: World):
    person = await world.person()
    for _ in range(5):
        world.clock.advance(seconds=1)
        answer = await world.ask("POST", EXPORT, person.headers, json={})
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["content-disposition"].startswith('attachment; filename="secuhome-')
        assert Archive.of(answer.content).data["account_id"] == person.id
    refused = await world.ask("POST", EXPORT, person.headers, json={})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_requests")
    events = [it.kind for it in await world.rows(SecurityEvent) if it.account_id == person.id]
    assert events.count("data_exported") == 5
    assert (await world.history(person))[0]["text"] == "Downloaded all data of this account"
    other = await world.person()
    assert (await world.ask("POST", EXPORT, other.headers, json={})).status_code == 200


@pytest.mark.parametrize("method, path", [("POST", EXPORT), ("GET", "/v1/privacy/held")])
async def test_it_is_for_the_person_alone(world: World, method: str, path: str):
    camera, staff = await world.camera(), await on_staff(world)
    for headers, code in ((camera.headers, 403), (staff, 403), ({}, 401)):
        how = {"json": {}} if method == "POST" else {}
        assert (await world.ask(method, path, headers, **how)).status_code == code


def _sorted(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=str)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str.__str__(value)  # the text alone, of one that was sealed too
    return value.isoformat() if hasattr(value, "isoformat") else value


def _as_json(text: str) -> str:
    return text.replace('"', '\\"')
