"""Canaries: whatever a person left with us is gone after the erasure, wherever one looks."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import jwt
import pytest
import structlog
from sqlalchemy import LargeBinary, select, text, type_coerce
from sqlmodel import SQLModel, col

from devices.registry.queries import ownership_in_force
from server.foundation.labels import LABEL, OnErasure, Personal, Plain, days, label_of
from server.foundation.vault.faults import NoSubjectKey
from server.foundation.vault.layout import layout_of_table
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure import sweeping
from server.privacy.erasure.erasure_rules import ErasureCannotBePlanned
from server.privacy.erasure.sweep_statements import sweep_statements
from server.privacy.erasure.tables import Erasure, Tombstone
from server.privacy.retention import end_what_is_over
from server.privacy.subject_paths import NoWayToSubject
from server.privacy.tables import PolicyAcceptance
from server.security.events import EventKind, SecurityEvent, note
from signaling.access import AccountEnded, CameraChangedHands, SignInEnded, read_ending
from tests.privacy.canaries import ANNA, LEAVING, PASSWORD, Found, found, unique_words
from tests.privacy.test_export import Two, two
from tests.raw_bytes import bytes_of, found_in
from tests.registry.world import Person, World

import_module("server.main")  # so that every table is known

TABLES = list(SQLModel.metadata.sorted_tables)
SECOND = timedelta(seconds=1)


async def cancel_at_once(world: World, person: Person, password: str | None = PASSWORD) -> str:
    """The id of the erasure."""
    body = {"at_once": True, "password": password}
    answer = await world.ask("POST", "/v1/account/cancellation", person.headers, json=body)
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


async def erase(world: World, person: Person, password: str | None = PASSWORD) -> dict[str, Any]:
    """Cancel, let the server do its work, and read the certificate as anybody could."""
    erasure_id = await cancel_at_once(world, person, password)
    await world.house.erasures.run_due()
    told = (await world.ask("GET", f"/v1/erasures/{erasure_id}")).json()
    assert told["state"] == "done"
    return await read(world, told["certificate"])


async def read(world: World, certificate: str) -> dict[str, Any]:
    """Verified by a library, with the keys that we publish."""
    keys = (await world.ask("GET", "/.well-known/jwks.json")).json()["keys"]
    header = jwt.get_unverified_header(certificate)
    assert header["typ"] == "secuhome-erasure-certificate+jws"
    (key,) = [it for it in keys if it["kid"] == header["kid"]]
    signed = jwt.api_jws.decode(certificate, jwt.PyJWK(key).key, algorithms=["EdDSA"])
    return json.loads(signed)


def kept(table: str, column: str) -> bool:
    """Whether the label keeps the value."""
    label = label_of(SQLModel.metadata.tables[table].c[column])
    return isinstance(label, Personal) and label.on_erasure is OnErasure.KEEP


def kept_values(rows: Found) -> Found:
    """Rows of which something is kept, with only that."""
    values = {
        (table, key): {name: value for name, value in row.items() if kept(table, name)}
        for (table, key), row in rows.items()
    }
    return {at: row for at, row in values.items() if row}


async def stored_bytes(world: World, rows: Found) -> set[bytes]:
    """How the values that are to go are sealed in the database, and the key that opens them."""
    sealed: set[bytes] = set()
    async with world.database.engine.connect() as connection:
        keys = select(col(SubjectKey.wrapped_key)).where(
            col(SubjectKey.id).in_([key for table, (key, *_) in rows if table == "account"])
        )
        sealed |= {bytes(it) for it in (await connection.execute(keys)).scalars()}
        assert sealed
        for table in TABLES:
            key = list(table.primary_key.columns)
            for name in layout_of_table(table).sealed:
                column = type_coerce(table.c[name], LargeBinary)
                for *its_key, value in await connection.execute(select(*key, column)):
                    if (table.name, tuple(its_key)) in rows and not kept(str(table.name), name):
                        sealed |= {bytes(value)} if value else set()
    return sealed


async def everything_stored(world: World) -> bytes:
    """The database, as a copy of it would be, and every other file that we have."""
    if world.database.is_sqlite:
        with closing(sqlite3.connect(world.folder / "secuhome.sqlite")) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return await bytes_of(world.database) + _files(world)
    async with world.database.engine.connect() as connection:
        dump = [
            row.encode()
            for table in TABLES
            for (row,) in await connection.execute(
                text(f'SELECT it::text FROM "{table.name}" AS it')
            )
        ]
    return b"\n".join(dump) + _files(world)


def _files(world: World) -> bytes:
    paths = [it for it in sorted(world.folder.rglob("*")) if it.is_file()]
    return b"\n".join(it.read_bytes() for it in paths if ".sqlite" not in it.name)


def check_gone(before: Found, now: Found) -> None:
    """Each row is gone, or holds what its labels keep, as it was, and nothing else."""
    staying = kept_values(before)
    left = {at: row for at, row in now.items() if at in before}
    assert left.keys() == staying.keys()
    for (table, key), row in left.items():
        for name, value in row.items():
            if not kept(table, name):
                assert value is None, f"{table}.{name} of {key}"
            elif f"{table}.{name}" not in LEAVING:
                assert value == staying[table, key][name]


def readable(rows: Found) -> str:
    return "\n".join(str(value) for row in rows.values() for value in row.values())


async def check_no_word(world: World, words: Iterable[str], sealed: set[bytes]) -> None:
    stored = await everything_stored(world)
    assert found_in(stored, words) == set()
    spelt = {spelling for it in sealed for spelling in (it, it.hex().encode())}
    assert not any(it in stored for it in spelt)
    assert found_in(stored, ["SH-C1"]) == {"SH-C1"}  # what stays is found by the same means


async def test_nothing_of_an_erased_person_is_left_anywhere(
    world: World, capfd: pytest.CaptureFixture[str]
):
    both = await two(world, LEAVING)
    words = unique_words(both.annas, {**both.bens, **kept_values(both.annas)})
    words -= {it.number for it in await world.rows(PrivacyCase)}  # a case keeps its number
    assert {ANNA.email, ANNA.name, ANNA.camera_name, ANNA.reason} < words
    sealed = await stored_bytes(world, both.annas)
    assert len(sealed) > 20
    certificate = await erase(world, both.anna)
    now = await found(world, TABLES)
    check_gone(both.annas, now)
    assert not [word for word in words if word in readable(now)]
    await check_no_word(world, {*words, PASSWORD}, sealed)
    assert not [word for word in words if word in json.dumps(certificate)]
    told = capfd.readouterr()
    assert not [word for word in words if word in told.out + told.err]


async def test_nothing_new_can_be_stored_about_somebody_who_was_erased(world: World):
    """A request that was under way would else leave what no erasure comes back for."""
    person = await world.person()
    await erase(world, person, None)
    assert person.id not in {it.id for it in await world.rows(SubjectKey)}
    with pytest.raises(NoSubjectKey):
        async with world.database.writing() as db:
            await note(
                db, id="evt_late", account_id=person.id, kind=EventKind.SIGNED_IN,
                at=world.clock.now(), about="canary",
            )  # fmt: skip


async def test_other_people_and_what_is_kept_stay_as_they_were(world: World):
    both = await two(world, LEAVING)
    await erase(world, both.anna)
    now = await found(world, TABLES)
    assert {at: row for at, row in now.items() if at in both.bens} == both.bens
    assert (await world.ask("GET", "/v1/account", both.ben.headers)).status_code == 200
    gone = await world.ask("GET", "/v1/privacy/held", both.anna.headers)
    assert (gone.status_code, gone.json()["code"]) == (401, "bad_token")


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("session.account_id", Plain()),
        ("lookup.reason", Plain()),
        ("account.name", Plain()),
        ("account.area", OnErasure.KEEP),
        ("security_event.seen_town", OnErasure.KEEP),
        ("policy_acceptance.sha256", OnErasure.DELETE),
    ],
)
async def test_a_label_that_is_broken_is_noticed(
    world: World, name: str, broken: Plain | OnErasure, monkeypatch: pytest.MonkeyPatch
):
    both = await two(world, LEAVING)
    table, _, column = name.partition(".")
    info = SQLModel.metadata.tables[table].c[column].info
    noticed = (AssertionError, ErasureCannotBePlanned, NoWayToSubject)
    with monkeypatch.context() as patch, pytest.raises(noticed):
        whole = kept_values(both.annas)
        label = broken if isinstance(broken, Plain) else replace(info[LABEL], on_erasure=broken)
        patch.setitem(info, LABEL, label)
        patch.setattr(sweeping, "sweep_statements", sweep_statements.__wrapped__)  # read anew
        await erase(world, both.anna)
        patch.undo()
        now = await found(world, TABLES)
        check_gone(both.annas, now)
        assert kept_values({at: row for at, row in now.items() if at in whole}) == whole


async def test_the_certificate_counts_what_went_and_names_what_stays(world: World):
    both: Two = await two(world, LEAVING)
    told = await erase(world, both.anna)
    assert told["account_id"] == both.anna.id
    assert told["key_destroyed"] is True
    assert told["finished_at"] <= told["due_on"] + "T23:59:59"
    counts = {(it["table"], it["category"]): it["count"] for it in told["destroyed"]}
    for table in ("ownership", "pairing", "first_use", "provider_identity"):
        rows = [row for (name, _), row in both.annas.items() if name == table]
        values = sum(
            value is not None or f"{table}.{name}" == "ownership.until"  # ended by the erasure
            for row in rows
            for name, value in row.items()
        )
        assert sum(count for (name, _), count in counts.items() if name == table) == values > 0
    assert counts["lookup", "reason for a look"] == 1
    assert counts["account", "e-mail address"] == 1
    assert [it["until"] for it in told["kept"] if it["held"]]  # what had been locked before
    keeps = {(it["table"], it["category"]): it for it in told["kept"] if not it["held"]}
    assert {table for table, _ in keeps} == {
        "account", "case_act", "case_opening", "consent", "erasure", "lookup", "policy_acceptance",
        "privacy_case", "warranty",
    }  # fmt: skip
    acceptance = keeps["policy_acceptance", "acceptance of the policy"]
    assert acceptance["count"] == 3
    assert "17(3)" in acceptance["ground"]
    assert acceptance["until"] == (world.clock.now() + days(3 * 366)).date().isoformat()


async def test_a_certificate_is_no_token_and_can_not_be_changed(world: World):
    person = await world.person()
    erasure_id = await cancel_at_once(world, person, None)
    await world.house.erasures.run_due()
    certificate = (await world.ask("GET", f"/v1/erasures/{erasure_id}")).json()["certificate"]
    headers = {"Authorization": f"Bearer {certificate}"}
    assert (await world.ask("GET", "/v1/account", headers)).status_code == 401
    head, payload, signature = certificate.split(".")
    other = payload[:-4] + ("AAAA" if payload[-4:] != "AAAA" else "BBBB")
    with pytest.raises(jwt.InvalidSignatureError):
        await read(world, f"{head}.{other}.{signature}")


async def test_a_heavy_account_goes_in_parts_and_is_counted_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    """Nobody waits behind ten thousand rows; here the parts are small instead."""
    monkeypatch.setattr(sweeping, "AT_ONCE", 7)
    person, ids = await world.person(), world.house.foundation.ids
    async with world.database.writing() as db:
        for number in range(100):
            await note(
                db, id=ids.new("evt"), account_id=person.id, kind=EventKind.SIGNED_IN,
                at=world.clock.now(), about=f"canary {number}",
            )  # fmt: skip
    events = len(await world.rows(SecurityEvent)) + 1  # and that it was cancelled
    told = await erase(world, person, None)
    counts = {(it["table"], it["category"]): it["count"] for it in told["destroyed"]}
    assert counts["security_event", "account use"] == 2 * events
    assert counts["security_event", "what it happened to"] >= 100
    assert await world.rows(SecurityEvent) == []


async def test_cameras_are_free_and_calls_end(world: World):
    owner, camera = await world.person(), await world.camera()
    await world.pair(owner, camera)
    heard: list[Any] = []

    async def listen(message: bytes) -> None:
        heard.append(read_ending(message))

    world.database.announce = listen
    await erase(world, owner, None)
    assert {AccountEnded(owner.id), CameraChangedHands(camera.id)} < set(heard)
    assert SignInEnded(owner.identity.session_id) in heard
    async with world.database.reading() as db:
        assert await ownership_in_force(db, camera.id) is None
    await world.pair(await world.person(), camera)


async def test_work_that_is_stuck_is_told_before_it_is_late_and_holds_up_nobody(world: World):
    stuck, other = await world.person(), await world.person()
    await cancel_at_once(world, stuck, None)
    announce = world.database.announce

    async def away(message: bytes) -> None:
        ending = read_ending(message)
        if isinstance(ending, AccountEnded) and ending.account_id == stuck.id:
            raise OSError
        await announce(message)

    world.database.announce = away
    await cancel_at_once(world, other, None)
    await world.house.erasures.run_due()
    unfinished = {it.account_id: it.finished_at for it in await world.rows(Erasure)}
    assert unfinished[stuck.id] is None
    assert unfinished[other.id] is not None
    world.clock.advance(days=11)
    with structlog.testing.capture_logs() as lines:
        await world.house.erasures.run_due()
    assert {"event": "erasures_late", "count": 1, "log_level": "error"} in lines
    registry = world.house.metrics.registry
    assert registry.get_sample_value("secuhome_erasures_late") == 1
    world.database.announce = announce
    await world.house.erasures.run_due()
    assert all(it.finished_at for it in await world.rows(Erasure))
    assert registry.get_sample_value("secuhome_erasures_late") == 0


async def test_what_was_kept_goes_when_its_term_is_over_and_the_tombstone_stays(world: World):
    person = await world.person()
    await erase(world, person, None)
    over = world.clock.now() + days(3 * 366)
    for moment, left in ((over - SECOND, 1), (over, 0)):
        async with world.database.writing() as db:
            await end_what_is_over(db, moment)
        for table in (PolicyAcceptance, Erasure):
            assert len(await world.rows(table)) == left
    now = await found(world, TABLES)
    assert not [at for at in now if at[0] == "account"]
    (tombstone,) = await world.rows(Tombstone)
    assert tombstone.account_id == person.id
    assert "acceptance of the policy" in tombstone.kept
