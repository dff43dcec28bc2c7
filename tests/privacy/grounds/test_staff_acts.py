"""What our staff does and no other row says: who, what and to what, in the audit."""

from datetime import timedelta

from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure.agreeing import confirm_end_of, propose_end
from server.privacy.erasure.tables import LockedData
from server.privacy.exceptions.tables import ConsentException
from server.privacy.legal_limits import LegalLimits, Limit
from server.privacy.locking import opened_for
from server.privacy.reviews.review_rules import Area
from server.privacy.reviews.reviewing import close_finding, record_review
from server.security.audit import AuditEntry
from server.security.audit_check import check_audit
from server.security.staff_acts import Deed, StaffAct
from server.support.queries import operator
from server.support.tables import StaffMember
from tests.privacy.erasure.test_erasing import erase
from tests.privacy.grounds.conftest import Asker
from tests.privacy.grounds.test_exceptions import approve, ask, second, wish

LAW = "Some Act, s. 7"
KEPT = Limit("eu", LAW, None, frozenset({"device family"}), least=timedelta(days=90))


async def by_http(asker: Asker, pavel: dict[str, str]) -> list[tuple[str, str, str]]:
    """An exception is asked for, approved and ended; a letter is entered, sorted and answered."""
    counter = asker.counter
    made = (await ask(asker, wish(asker, "crime"))).json()["id"]
    assert (await approve(asker, pavel, made)).status_code == 200
    path = f"/v1/support/exceptions/{made}"
    assert (await counter.world.ask("DELETE", path, asker.staff)).status_code == 200
    number = (await counter.enter(asker.staff)).json()["number"]
    await counter.open(pavel, number)
    kind = {"kind": "question"}
    sort = f"/v1/support/requests/{number}/kind"
    assert (await counter.world.ask("PUT", sort, pavel, json=kind)).status_code == 200
    assert (await counter.answer(pavel, number)).status_code == 204
    (case,) = [it.id for it in await counter.world.rows(PrivacyCase) if it.number == number]
    assert [it.id for it in await counter.world.rows(ConsentException)] == [made]
    return [
        ("Olga", Deed.EXCEPTION_ASKED, made),
        ("Pavel", Deed.EXCEPTION_APPROVED, made),
        ("Olga", Deed.EXCEPTION_ENDED, made),
        ("Olga", Deed.REQUEST_ENTERED, case),
        ("Pavel", Deed.REQUEST_SORTED, case),
        ("Pavel", Deed.REQUEST_ANSWERED, case),
    ]


async def by_command(asker: Asker, staff: dict[str, str]) -> list[tuple[str, str, str]]:
    """A review and its finding, the end of a country, and something locked that is opened."""
    world, now = asker.counter.world, asker.counter.world.clock.now()
    parts = world.house.foundation
    async with world.database.writing() as db:
        told = ("The shelves were looked at.", ("A key was left in a door.",))
        (found,) = await record_review(db, parts.ids, Area.STORAGE, staff["Olga"], told, now)
        action = "The key is in the safe."
        await close_finding(db, parts.ids, found.id, staff["Pavel"], action, now)
        olga, pavel = [await operator(db, staff[it]) for it in ("Olga", "Pavel")]
        end = await propose_end(db, parts.ids, "PT", "We leave.", 1, olga, now)
        await confirm_end_of(db, parts.ids, end.id, pavel, now)
    locked, *_ = [it.id for it in await world.rows(LockedData)]
    async with world.database.writing() as db:
        assert await opened_for(db, parts.ids, staff["Pavel"], locked, LAW, now)
    return [
        ("Olga", Deed.REVIEWED, found.review_id),
        ("Pavel", Deed.FINDING_CLOSED, found.id),
        ("Olga", Deed.END_PROPOSED, end.id),
        ("Pavel", Deed.END_CONFIRMED, end.id),
        ("Pavel", Deed.LOCKED_OPENED, locked),
    ]


async def lock_something(asker: Asker) -> None:
    """Somebody is erased, of whom a law keeps a little."""
    world = asker.counter.world
    world.database.limits = LegalLimits([KEPT], "eu")
    await erase(world, await asker.counter.owner_of("carl@example.com"), None)


async def test_each_deed_has_an_entry_that_says_who_and_to_what(asker: Asker):
    world = asker.counter.world
    await lock_something(asker)
    pavel = await second(asker)
    done = await by_http(asker, pavel)
    staff = {it.name: it.id for it in await world.rows(StaffMember)}
    done += await by_command(asker, staff)
    assert {deed for _, deed, _ in done} == set(Deed)
    acts = {it.id: it for it in await world.rows(StaffAct)}
    rows = sorted(await world.rows(AuditEntry), key=lambda it: it.number)
    entered = [acts[it.row_id] for it in rows if it.of_table == "staff_act"]
    named = {id_: name for name, id_ in staff.items()}
    assert [(named[it.staff_id], it.deed, it.about) for it in entered] == done
    assert list((await check_audit(world.database, world.clock.now())).broken) == []
    async with world.database.writing() as db:
        (await db.get_one(StaffAct, entered[0].id)).staff_id = staff["Pavel"]
    (found,) = (await check_audit(world.database, world.clock.now())).broken
    assert entered[0].id in found
