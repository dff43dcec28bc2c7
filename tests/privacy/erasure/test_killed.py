"""kill -9 in the middle of every step: whoever starts next finishes it, once."""

import asyncio
import json
import signal
import sys

import jwt
import pytest

from server.privacy.erasure.tables import Erasure, Tombstone
from server.security.events import SecurityEvent
from tests.privacy.canaries import LEAVING, found
from tests.privacy.erasure.test_erasing import TABLES, cancel_at_once, check_gone
from tests.privacy.test_export import two
from tests.registry.world import World

pytestmark = pytest.mark.flow
UNITS = ["authority", "news"]  # the first step of what leaves with one commit
MOST = 12  # processes; more would mean that it doesn't go on


async def process(world: World, dies_at: int) -> int:
    """Let a process erase until it dies; its exit status."""
    moment = world.clock.now().isoformat()
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.privacy.dying_work", "erasures",
        world.database.url, str(world.folder), moment, str(dies_at),
    )  # fmt: skip
    return await child.wait()


async def test_an_erasure_that_is_killed_at_every_step_is_finished_once(world: World):
    both = await two(world, LEAVING)
    erasure_id = await cancel_at_once(world, both.anna)
    events = [it for it in await world.rows(SecurityEvent) if it.account_id == both.anna.id]
    assert await process(world, dies_at=1) == -signal.SIGKILL
    reached: list[str] = []
    for _ in range(MOST):
        (erasure,) = [it for it in await world.rows(Erasure) if it.id == erasure_id]
        reached.append(erasure.next_step)
        if await process(world, dies_at=2) == 0:
            break
    assert list(dict.fromkeys(reached)) == UNITS
    (erasure,) = [it for it in await world.rows(Erasure) if it.id == erasure_id]
    assert erasure.certificate is not None
    check_gone(both.annas, now := await found(world, TABLES))
    assert {at: row for at, row in now.items() if at in both.bens} == both.bens
    assert len(await world.rows(Tombstone)) == 1
    payload = jwt.api_jws.decode_complete(erasure.certificate, options={"verify_signature": False})[
        "payload"
    ]
    told = {(it["table"], it["category"]): it["count"] for it in json.loads(payload)["destroyed"]}
    assert told["security_event", "account use"] == 2 * len(events)  # counted once, not again
    assert told["account", "e-mail address"] == 1
    before = erasure.certificate
    await world.house.erasures.run_due()
    (again,) = [it for it in await world.rows(Erasure) if it.id == erasure_id]
    assert again.certificate == before
