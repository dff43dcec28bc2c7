"""All parts of the server for the time of one command, as far as it needs them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import server.main
from server.foundation.settings import load_settings
from server.main import House

T = TypeVar("T")


def with_house(work: Callable[[House], Awaitable[T]]) -> T:
    """Do the work with the parts that the settings name; the database is closed behind it.

    Raises what `server.main.build` and the work raise.
    """

    async def run() -> T:
        house = server.main.build(load_settings())
        try:
            return await work(house)
        finally:
            await house.foundation.database.close()

    return asyncio.run(run())
