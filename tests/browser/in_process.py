"""A server in the test's own process: it is there at once, and the test moves its clock."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from server.foundation.settings import Settings
from server.foundation.vault.key_file import load_keys
from server.http_listener import listener_on, serving
from server.main import House, build
from server.migrations.migrate import migrate
from server.privacy.editions import Edition
from tests.browser.home import Served
from tests.movable_clock import MovableClock


@dataclass(frozen=True, slots=True)
class InProcess:
    """The parts, the clock, and what a browser needs."""

    house: House
    clock: MovableClock
    here: Served


@asynccontextmanager
async def in_process(folder: Path, *editions: Edition) -> AsyncGenerator[InProcess]:
    """The whole HTTP server, with these versions of the policy; else with today's."""
    listener, clock = listener_on("127.0.0.1", 0), MovableClock()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = Settings(data_dir=folder, public_url=url)
    await migrate(settings.database, load_keys(settings))
    house = build(settings, clock, editions or None)
    try:
        async with serving(house.app, listener):
            yield InProcess(house, clock, Served(url, folder, {}))
    finally:
        await house.providers.close()
        await house.foundation.database.close()
