"""What is cancelled is erased before its tenth working day is over, holidays and grace included."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from server.foundation.settings import BadSettings, load_settings
from server.privacy.erasure.tables import Erasure
from tests.movable_clock import MovableClock
from tests.people import PASSWORD, bearer, people

LONGEST_GRACE_S = 10 * 86_400


@pytest.mark.parametrize(
    ("area", "begun", "due"),
    [
        ("PT", datetime(2026, 12, 23, 22, tzinfo=UTC), date(2027, 1, 8)),  # Christmas, New Year
        (
            "CN",
            datetime(2026, 9, 29, 12, tzinfo=UTC),
            date(2026, 10, 19),
        ),  # the golden week, and the 10th made up
        ("DE", datetime(2026, 11, 25, 8, tzinfo=UTC), date(2026, 12, 9)),
    ],
)
async def test_the_longest_grace_ends_before_the_last_day(
    tmp_path: Path, database_url: str, area: str, begun: datetime, due: date
):
    clock = MovableClock(begun)
    async with people(
        tmp_path, database_url, clock=clock, erasure_grace_s=LONGEST_GRACE_S
    ) as house:
        async with house.browser() as browser:
            session = await house.register(browser, area=area)
            told = await browser.post(
                "/v1/account/cancellation", json={"password": PASSWORD}, headers=bearer(session)
            )
        assert told.json()["due_on"] == due.isoformat()
        clock.advance(seconds=LONGEST_GRACE_S)
        await house.erasures.run_due()
        (erasure,) = await house.rows(Erasure)
        assert erasure.finished_at is not None
        assert erasure.finished_at.date() <= erasure.due_on


def test_a_grace_that_could_miss_the_day_is_refused():
    with pytest.raises(BadSettings, match="ERASURE_GRACE_S"):
        load_settings(erasure_grace_s=LONGEST_GRACE_S + 1)
