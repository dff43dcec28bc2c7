"""Asking a server that may be away, until it answers."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from devices.agent.milestones import Say
from devices.agent.reconnect_rules import wait_s
from devices.agent.server_api import ServerAway

T = TypeVar("T")


async def until_answered(ask: Callable[[], Awaitable[T]], say: Say) -> T:
    """What `ask` returns once the server is there. Raises whatever else it raises."""
    failures = 0
    while True:
        try:
            return await ask()
        except ServerAway as why:
            say("waiting", why=str(why))
            await asyncio.sleep(wait_s(failures, random.random()))  # noqa: S311 - spreads load only
            failures += 1
