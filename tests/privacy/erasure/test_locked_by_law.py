"""After the purpose a law keeps a thing, and nothing else does: locked, dated, and then gone.

There are no invoices with us. The nearest that a law may keep is the record of the warranty.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from devices.pairing.tables import FirstUse
from server.accounts.tables import Account
from server.foundation.labels import days
from server.foundation.vault.faults import CannotOpen
from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.erasure.tables import LockedData
from server.privacy.legal_limits import HALF_A_YEAR, LIMITS, LegalLimits, Limit
from server.privacy.retention import end_what_is_over
from server.security.events import SecurityEvent
from tests.places import LISBON
from tests.privacy.erasure.test_erasing import erase, everything_stored
from tests.privacy.opening_locked import opened
from tests.privacy.test_export import download
from tests.raw_bytes import found_in
from tests.registry.world import Person, World

TAX = "Commercial Records Act, s. 257(1) no. 4"
RECORD = frozenset({"first use of a camera", "country of first use"})
LOGS = next(it.law for it in LIMITS if it.region == "cn")
OF_THE_RECORD = {"first_use.at", "first_use.country", "pairing.country"}


def keeps(world: World, least: timedelta) -> None:
    """The operator's law: records of the warranty are kept for so long."""
    rows = [Limit("eu", TAX, categories=RECORD, least=least), *LIMITS]
    world.database.limits = LegalLimits(rows, "eu")


async def retain(world: World, now: datetime) -> None:
    async with world.database.writing() as db:
        await end_what_is_over(db, now)


async def locked(world: World) -> list[LockedData]:
    return sorted(await world.rows(LockedData), key=lambda it: (it.category, it.until))


async def test_of_a_cancelled_account_only_what_a_law_names_is_left_locked_until_the_day(
    world: World,
):
    keeps(world, days(6 * 366))
    owner, camera = await world.person(), await world.camera()
    await world.pair(owner, camera, "Canary porch", seen_at=LISBON)
    world.clock.advance(seconds=67)  # nothing else happens at that moment
    warranty = await world.ask("PUT", f"/v1/cameras/{camera.id}/warranty", owner.headers)
    assert warranty.status_code == 200
    (used,) = await world.rows(FirstUse)
    last = (used.at + days(6 * 366)).date()
    certificate = await erase(world, owner, None)
    held = [it for it in certificate["kept"] if it["held"]]
    assert {it for one in held for it in one["fields"]} == OF_THE_RECORD
    assert {(it["ground"], it["until"]) for it in held} == {(TAX, last.isoformat())}
    assert await world.rows(FirstUse) == []
    assert found_in(await everything_stored(world), ["Canary porch"]) == set()
    await _is_closed_to_all_but_its_law(world, certificate["account_id"], used)
    over = datetime.combine(last + timedelta(days=1), datetime.min.time(), used.at.tzinfo)
    keys = {it.id for it in await locked(world)}
    await retain(world, over - timedelta(seconds=1))
    assert {it.id for it in await locked(world)} == keys
    assert owner.id in {it.id for it in await world.rows(Account)}  # an empty row, to tell whose
    await retain(world, over)
    assert await locked(world) == []
    assert keys.isdisjoint({it.id for it in await world.rows(SubjectKey)})
    await retain(world, over + timedelta(seconds=1))
    assert owner.id not in {it.id for it in await world.rows(Account)}


async def _is_closed_to_all_but_its_law(world: World, account_id: str, used: FirstUse) -> None:
    rows = await locked(world)
    assert {it.account_id for it in rows} == {account_id}
    assert account_id not in {it.id for it in await world.rows(SubjectKey)}
    stored = await everything_stored(world)
    assert not found_in(stored, [used.at.isoformat(), used.at.strftime("%Y-%m-%dT%H:%M:%S")])
    told: dict[str, Any] = {}
    for it in rows:
        (values,) = await opened(world, it.id, TAX)
        told |= values
        for purpose in ("to protect the account", LOGS, TAX + " "):
            with pytest.raises(CannotOpen):
                await opened(world, it.id, purpose)
    assert told["country"] == "PT"
    assert datetime.fromisoformat(told["at"]) == used.at


async def test_a_law_that_keeps_less_long_than_we_do_locks_nothing(world: World):
    world.database.limits = LegalLimits(
        [
            Limit(
                "eu", LOGS, categories=frozenset({"account use", "device family"}), least=days(180)
            )
        ],
        "eu",
    )
    person = await world.person()
    noted = (await world.rows(SecurityEvent))[0].at
    await retain(world, noted + days(179))
    assert len(await world.rows(SecurityEvent)) == 1
    end = datetime.combine((noted + days(181)).date(), datetime.min.time(), noted.tzinfo)
    await retain(world, end)
    assert await world.rows(SecurityEvent) == await locked(world) == []
    assert person.id in {it.id for it in await world.rows(Account)}


async def test_logs_that_china_keeps_for_six_months_are_locked_when_our_purpose_is_over(
    world: World,
):
    """Ours lasts 180 days, and that of an address 30; the law counts six months."""
    world.database.limits = LegalLimits(LIMITS, "cn")
    person = await world.person()
    (event,) = await world.rows(SecurityEvent)
    await retain(world, event.at + days(30))
    (network,) = await locked(world)
    assert (network.category, network.fields) == ("IP prefix, /24 or /48", "security_event.network")
    await retain(world, event.at + days(180))
    assert await world.rows(SecurityEvent) == []
    now = await locked(world)
    assert {it.category for it in now} == {
        "IP prefix, /24 or /48", "account use", "device family", "what it happened to",
    }  # fmt: skip
    assert {str(it.law) for it in now} == {LOGS}
    last = (event.at + HALF_A_YEAR).date()
    assert {(it.until - timedelta(microseconds=1)).date() for it in now} == {last}
    await _nobody_else_reads_it(world, person, event)
    await retain(world, now[0].until - timedelta(seconds=1))
    assert len(await locked(world)) == 4
    await retain(world, now[0].until)
    assert await locked(world) == []


async def _nobody_else_reads_it(world: World, person: Person, event: SecurityEvent) -> None:
    """History, overview and export tell that a law keeps something, and nothing of what it is."""
    history = (await world.ask("GET", "/v1/account/history", person.headers)).json()["events"]
    assert event.at.isoformat() not in {it["at"] for it in history}
    archive = await download(world, person)
    assert "Sealed for the law that is named" in archive.data_text
    assert LOGS in archive.data_text
    assert event.id not in archive.data_text


async def test_what_somebody_deletes_before_a_law_lets_it_go_is_locked_too(world: World):
    world.database.limits = LegalLimits(
        [Limit("eu", TAX, categories=frozenset({"hobbies"}), least=days(10))], "eu"
    )
    person = await world.person()
    change = {"corrections": [{"field": "account.hobbies", "value": "Canary choir"}]}
    done = await world.ask("PATCH", "/v1/privacy/corrections", person.headers, json=change)
    assert done.status_code == 200, done.text
    body = {"category": "hobbies"}
    gone = await world.ask("POST", "/v1/privacy/deletions", person.headers, json=body)
    assert gone.status_code == 200, gone.text
    (row,) = await locked(world)
    async with world.database.reading() as db:
        assert (
            await db.exec(select(Account.hobbies).where(col(Account.id) == person.id))
        ).one() is None
    (told,) = await opened(world, row.id, TAX)
    assert told["hobbies"] == "Canary choir"
    assert (row.until - timedelta(microseconds=1)).date() == world.clock.now().date() + days(10)
    certificate = await erase(world, person, None)
    kept = [(it["fields"], it["ground"], it["held"]) for it in certificate["kept"]]
    assert (["account.hobbies"], TAX, True) in kept  # locked before, and told with the rest
