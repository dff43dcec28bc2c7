"""Reviews are made in time, or somebody hears of it; what they find isn't closed by silence."""

from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from server.privacy.reviews.metrics import AREAS
from server.privacy.reviews.review_rules import INTERVALS, Area
from server.privacy.reviews.reviewing import (
    ReviewRefused,
    WhyNot,
    close_finding,
    open_findings,
    record_review,
)
from server.privacy.reviews.tables import PracticeReview, ReviewFinding
from server.privacy.reviews.watch import watch_reviews
from server.support.tables import StaffMember
from tests.privacy.cases.counter import Counter

LOOKED_AT = "Went through the rooms with the list of keys."


async def look(counter: Counter) -> list[tuple[str, int]]:
    """What the log says at this look."""
    world = counter.world
    structlog.reset_defaults()
    with capture_logs() as lines:
        await watch_reviews(world.database, world.house.reviews, world.clock.now())
    return [(it["event"], it["count"]) for it in lines]


def alarms(counter: Counter) -> tuple[set[str], float]:
    """What a scrape sees: areas that are overdue, and findings."""
    scraped = {it.name: it.samples for it in counter.world.house.metrics.registry.collect()}
    areas = {it.labels["area"] for it in scraped["secuhome_review_overdue"] if it.value}
    return areas, scraped["secuhome_review_findings_overdue"][0].value


async def reviewed(counter: Counter, area: Area, *found: str) -> list[str]:
    """Somebody of the staff reviews an area: the ids of what they found."""
    reviewer = (await counter.world.rows(StaffMember))[0].id
    parts = counter.world.house.foundation
    async with counter.world.database.writing() as db:
        told, now = (LOOKED_AT, found), counter.world.clock.now()
        return [it.id for it in await record_review(db, parts.ids, area, reviewer, told, now)]


async def closed(counter: Counter, finding: str, action: str) -> None:
    reviewer = (await counter.world.rows(StaffMember))[0].id
    parts = counter.world.house.foundation
    async with counter.world.database.writing() as db:
        await close_finding(db, parts.ids, finding, reviewer, action, counter.world.clock.now())


async def test_a_review_that_is_late_is_seen_and_rings(counter: Counter):
    await counter.staff()
    assert await look(counter) == [("reviews_overdue", 4)]  # never made: late from the first day
    assert alarms(counter) == (set(AREAS), 0)
    for area in Area:
        await reviewed(counter, area)
    assert await look(counter) == []
    assert alarms(counter) == (set(), 0)
    row: Any = (await counter.world.rows(PracticeReview))[0]
    assert (row.practice, row.at, row.summary) == (
        "collection",
        counter.world.clock.now(),
        LOOKED_AT,
    )

    counter.world.clock.advance(days=INTERVALS[Area.STORAGE].days)
    assert await look(counter) == []
    counter.world.clock.advance(seconds=1)
    assert await look(counter) == [("reviews_overdue", 3)]
    assert alarms(counter) == ({"collection", "storage", "handling"}, 0)
    await reviewed(counter, Area.STORAGE)
    assert await look(counter) == [("reviews_overdue", 2)]
    counter.world.clock.advance(days=183)
    assert await look(counter) == [("reviews_overdue", 3)]  # the building's year is over too
    assert alarms(counter)[0] == {"collection", "handling", "physical"}


async def test_a_finding_is_closed_by_an_action_and_by_nothing_else(counter: Counter):
    await counter.staff()
    for area in set(Area) - {Area.PHYSICAL}:
        await reviewed(counter, area)
    (finding,) = await reviewed(counter, Area.PHYSICAL, "A door stands open.")
    for action in ("", "   ", "done", "x" * 1001, "Locked\nit at last."):
        with pytest.raises(ReviewRefused, match=WhyNot.NO_ACTION):
            await closed(counter, finding, action)
    await reviewed(counter, Area.PHYSICAL)  # a new review closes nothing
    counter.world.clock.advance(days=30)
    assert await look(counter) == []
    counter.world.clock.advance(seconds=1)
    assert await look(counter) == [("review_findings_overdue", 1)]
    assert alarms(counter) == (set(), 1)

    await closed(counter, finding, "The door closes by itself now.")
    assert await look(counter) == []
    assert alarms(counter) == (set(), 0)
    (row,) = await counter.world.rows(ReviewFinding)
    assert (row.action, row.closed_at) == (
        "The door closes by itself now.",
        counter.world.clock.now(),
    )
    async with counter.world.database.reading() as db:
        assert await open_findings(db) == []
    for what, why in ((finding, WhyNot.CLOSED), ("fnd_1", WhyNot.UNKNOWN)):
        with pytest.raises(ReviewRefused, match=why):
            await closed(counter, what, "Looked at it once more.")


async def test_a_review_says_what_was_looked_at(counter: Counter):
    await counter.staff()
    for found in (("",), ("A door\nstands open.",), ("x" * 1001,)):
        with pytest.raises(ReviewRefused, match=WhyNot.NO_WORDS):
            await reviewed(counter, Area.HANDLING, *found)
    assert await counter.world.rows(PracticeReview) == []
