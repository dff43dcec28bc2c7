"""Work that comes back does so whatever it meets."""

import asyncio

import structlog

from server.foundation.rounds import in_rounds


async def test_a_fault_that_nobody_thought_of_is_told_and_the_work_goes_on():
    over, done = asyncio.Event(), list[int]()

    async def work() -> None:
        done.append(len(done))
        if len(done) == 1:
            raise ZeroDivisionError("a secret")
        over.set()

    with structlog.testing.capture_logs() as told:
        await asyncio.wait_for(in_rounds("chores", work, 0.001, over), 10)
    assert done == [0, 1]
    assert [it["event"] for it in told] == ["chores"]
    assert "secret" not in str(told)
