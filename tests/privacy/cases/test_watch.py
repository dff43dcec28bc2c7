"""Time goes by: warnings before the date, over holidays too, and what alone stops the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from server.foundation.vault.subject_keys import SubjectKey
from server.privacy.cases.deadline_rules import Stage
from server.privacy.cases.tables import CaseOpening, PrivacyCase
from server.privacy.cases.watch import watch_cases
from server.privacy.retention import end_what_is_over
from tests.privacy.cases.counter import ADA, REFUSAL, Counter

NOON = 12  # UTC: the same day in every region used here


async def look(counter: Counter) -> list[dict[str, Any]]:
    """What the log says at this look."""
    structlog.reset_defaults()
    with capture_logs() as lines:
        await watch_cases(
            counter.world.database, counter.world.house.cases, counter.world.clock.now()
        )
    return [dict(it) for it in lines if it["event"].startswith("cases_")]


def gauge(counter: Counter) -> dict[str, float]:
    """What a scrape sees, stages without a case left out."""
    (family,) = (
        it
        for it in counter.world.house.metrics.registry.collect()
        if it.name == "secuhome_cases_due"
    )
    return {it.labels["state"]: it.value for it in family.samples if it.value}


def go_to(counter: Counter, day: str) -> None:
    """Move the clock to noon of a day."""
    then = datetime.fromisoformat(day).replace(hour=NOON, tzinfo=UTC)
    counter.world.clock.advance(seconds=(then - counter.world.clock.now()).total_seconds())


HOLIDAYS = (
    # region, kind, received, warned, warned again, the last day
    ("CN", "complaint", "2026-09-18", "2026-10-09", "2026-10-13", "2026-10-15"),
    ("DE", "question", "2026-12-18", "2027-01-05", "2027-01-08", "2027-01-12"),
    ("DE", "cancellation", "2026-12-18", "2026-12-28", "2026-12-31", "2027-01-05"),
    ("US", "complaint", "2026-12-18", "2027-01-05", "2027-01-08", "2027-01-12"),
)


@pytest.mark.parametrize(("region", "kind", "received", "soon", "urgent", "last"), HOLIDAYS)
async def test_warnings_come_before_the_date_over_holidays_too(
    counter: Counter, region: str, kind: str, received: str, soon: str, urgent: str, last: str
):
    go_to(counter, received)
    mail = {"kind": "email", "value": ADA}
    if kind == "cancellation":
        told = await counter.proven(kind=kind, region=region)
    else:
        told = (await counter.asked(kind=kind, region=region, contact=mail))["followed"]
    assert told["due_on"] == last
    first: dict[str, str] = {}
    day = datetime.fromisoformat(received)
    while day <= datetime.fromisoformat(last) + timedelta(days=2):
        go_to(counter, day.date().isoformat())
        for line in await look(counter):
            first.setdefault(line["event"], day.date().isoformat())
        day += timedelta(days=1)
    over = (datetime.fromisoformat(last) + timedelta(days=1)).date().isoformat()
    assert first == {"cases_due_soon": soon, "cases_urgent": urgent, "cases_overdue": over}
    assert soon < urgent < last


async def test_a_case_is_warned_of_once_a_stage_and_when_overdue_at_every_look(counter: Counter):
    go_to(counter, "2026-11-02")
    await counter.asked(kind="question", region="DE")
    told: list[tuple[str, int]] = []
    for day in ("2026-11-13", "2026-11-16", "2026-11-17", "2026-11-19", "2026-11-20",
                "2026-11-23", "2026-11-24", "2026-11-25"):  # fmt: skip
        go_to(counter, day)
        told += [(day[-2:] + " " + it["event"], it["count"]) for it in await look(counter)]
    assert told == [
        ("16 cases_due_soon", 1), ("19 cases_urgent", 1),
        ("24 cases_overdue", 1), ("25 cases_overdue", 1),
    ]  # fmt: skip


async def test_the_gauge_counts_by_stage_and_names_nobody(counter: Counter):
    go_to(counter, "2026-11-02")
    await counter.asked(kind="question", region="DE")
    await counter.proven(kind="cancellation", region="DE")
    await look(counter)
    assert gauge(counter) == {"later": 2}
    go_to(counter, "2026-11-16")
    lines = await look(counter)
    assert gauge(counter) == {"soon": 1, "urgent": 1}
    assert all(set(it) == {"event", "log_level", "count"} for it in lines)
    go_to(counter, "2026-11-24")
    await look(counter)
    assert gauge(counter) == {"overdue": 2}
    assert {stage.value for stage in Stage} >= set(gauge(counter))


async def test_only_a_real_answer_stops_the_clock(counter: Counter):
    """Neither the receipt, nor a proof, nor a look, nor a failed answer; a reply does, and a no."""
    go_to(counter, "2026-11-02")
    staff = await counter.staff()
    words = (await counter.asked(kind="question", region="PT"))["followed"]
    asked = await counter.proven(region="PT")
    assert len(counter.letters()) == 3  # two receipts and a code, all written by a machine
    await look(counter)
    assert gauge(counter) == {"later": 2}
    go_to(counter, "2026-11-20")
    staff = await counter.staff_again()
    for told in (words, asked):
        await counter.open(staff, told["number"])
        assert (await counter.answer(staff, told["number"], outcome="refused")).status_code == 422
    await look(counter)
    assert gauge(counter) == {"urgent": 2}
    assert (await counter.answer(staff, words["number"])).status_code == 204
    await look(counter)
    assert gauge(counter) == {"urgent": 1}
    assert (await counter.answer(staff, asked["number"], **REFUSAL)).status_code == 204
    go_to(counter, "2027-01-20")
    assert await look(counter) == []
    assert gauge(counter) == {}


async def test_what_is_not_proven_is_owed_nothing_yet(counter: Counter):
    await counter.asked()
    counter.world.clock.advance(days=60)
    assert await look(counter) == []


async def test_contacts_and_cases_end_with_their_terms_and_an_open_case_does_not(counter: Counter):
    staff = await counter.staff()
    told = await counter.proven()
    await counter.open(staff, told["number"])
    await counter.answer(staff, told["number"])
    waiting = (await counter.asked(kind="question"))["followed"]
    for days, contact, cases in (
        (179, ADA, 2),
        (1, None, 2),
        (3 * 366 - 181, None, 2),
        (1, None, 1),
    ):
        counter.world.clock.advance(days=days)
        async with counter.world.database.writing() as db:
            await end_what_is_over(db, counter.world.clock.now())
        rows = {it.number: it for it in await counter.world.rows(PrivacyCase)}
        assert len(rows) == cases
        if told["number"] in rows:
            assert rows[told["number"]].contact == contact
            assert rows[told["number"]].reply == "Here it is."
    assert list(rows) == [waiting["number"]]
    assert rows[waiting["number"]].contact == ADA
    assert await counter.world.rows(CaseOpening) == []
    keys = {it.id for it in await counter.world.rows(SubjectKey)}
    assert {it for it in keys if it.startswith("cas_")} == {rows[waiting["number"]].id}
