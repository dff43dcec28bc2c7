"""What others notice of erasures: requests a second at a real server, with and without them.

Bystanders read their account, cameras and history, and rename a camera, each as fast as it is
answered. Meanwhile accounts are cancelled at once, as fast as the server erases them.
"""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, NamedTuple

import httpx
from sqlalchemy import update
from sqlmodel import col

from bench.erasing import settings_of
from bench.population import SESSIONS, id_of
from bench.stores import Store
from server.accounts.tables import Session
from server.demo.processes import RunningProcess, attended, free_port, running, until_ready
from server.foundation.database import Database
from server.foundation.identity import Kind
from server.foundation.settings import Settings
from server.main import build
from server.security.tokens import TokenDesk

BYSTANDERS: Final = 16
AT_A_TIME: Final = 5  # accounts that are cancelled
LOOK_EVERY_S: Final = 0.2  # whether they are erased
GIVE_UP_S: Final = 60.0
AT_ONCE: Final = 10_000  # parameters of one statement; PostgreSQL takes 32,767 at most


class Round(NamedTuple):
    """What a round saw: requests a second of bystanders, and erasures a second."""

    requests: float
    erasures: float


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs, and how to be anybody there."""

    server: RunningProcess
    http: httpx.AsyncClient
    tokens: TokenDesk

    def headers(self, number: int) -> dict[str, str]:
        """What an account's phone sends."""
        token = self.tokens.issue(
            Kind.ACCOUNT, id_of("acc", number), id_of("ses", number * SESSIONS)
        )
        return {"Authorization": f"Bearer {token}"}


@asynccontextmanager
async def served(store: Store, folder: Path) -> AsyncGenerator[Served]:
    """The product's server process over this store. Raises StepFailed."""
    ports = free_port(0), free_port(0)
    url = f"http://127.0.0.1:{ports[0]}"
    env = {
        "SECUHOME_MODE": "demo",
        "SECUHOME_DATA_DIR": str(folder),
        "SECUHOME_MASTER_KEY_PATH": str(folder / "master.key"),
        "SECUHOME_DATABASE_URL": store.sealed,
        "SECUHOME_PUBLIC_URL": url,
        "SECUHOME_HTTP_PORT": str(ports[0]),
        "SECUHOME_SIGNALING_PORT": str(ports[1]),
        "SECUHOME_TRIES_PER_MINUTE": "1000000",  # all of them come from one address
    }
    async with running("server", env, folder, "serve") as server:
        await attended(until_ready(url), [server])
        limits = httpx.Limits(max_connections=2 * BYSTANDERS)
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=GIVE_UP_S) as http:
            yield Served(server, http, _tokens(settings_of(store, folder), url))


async def rounds_of(
    town: Served, bystanders: Sequence[int], leaving: Iterator[int], rounds: int, seconds: float
) -> dict[str, list[Round]]:
    """Rounds without and with erasures, in turn. The first of all prepares and doesn't count."""
    found: dict[str, list[Round]] = {"quiet": [], "erasing": []}
    await _round(town, bystanders, None, seconds)
    for place in range(rounds):
        for name in found if place % 2 else reversed(found):
            leavers = leaving if name == "erasing" else None
            found[name].append(await _round(town, bystanders, leavers, seconds))
    return found


async def freshly_signed_in(store: Store, numbers: Sequence[int], settings: Settings) -> None:
    """Let these accounts have signed in just now: who has no password may only then cancel."""
    database = Database(store.sealed)
    now = build(settings).foundation.clock.now() + timedelta(seconds=1)
    async with database.engine.execution_options(sqlite_begin="BEGIN IMMEDIATE").begin() as it:
        for first in range(0, len(numbers), AT_ONCE):
            ids = [id_of("ses", number * SESSIONS) for number in numbers[first : first + AT_ONCE]]
            await it.execute(update(Session).where(col(Session.id).in_(ids)).values(created_at=now))
    await database.close()


async def _round(
    town: Served, bystanders: Sequence[int], leaving: Iterator[int] | None, seconds: float
) -> Round:
    began = time.monotonic()
    until = began + seconds
    leaver = asyncio.create_task(_leave(town, leaving, until) if leaving else _nobody_leaves())
    counts = await asyncio.gather(*(_go_on(town, number, until) for number in bystanders))
    answered = time.monotonic()
    erased = await leaver  # the last of them while nobody else is there
    return Round(sum(counts) / (answered - began), erased / (time.monotonic() - began))


async def _nobody_leaves() -> int:
    return 0


async def _go_on(town: Served, number: int, until: float) -> int:
    """One bystander's requests; how many were answered."""
    headers, camera = town.headers(number), f"/v1/cameras/{id_of('cam', number)}"
    for count in itertools.count(1):
        match count % 4:
            case 0:
                rename = {"name": f"Door {count}"}
                answer = await town.http.patch(camera, json=rename, headers=headers)
            case place:
                path = ("/v1/account", "/v1/cameras", "/v1/account/history")[place - 1]
                answer = await town.http.get(path, headers=headers)
        answer.raise_for_status()
        if time.monotonic() >= until:
            return count
    raise AssertionError


async def _leave(town: Served, leaving: Iterator[int], until: float) -> int:
    """Accounts end, some at a time, so that there is always one to erase; how many."""
    count = 0
    while time.monotonic() < until:
        begun = [await _cancel(town, next(leaving)) for _ in range(AT_A_TIME)]
        await _until_erased(town, begun[-1])
        count += len(begun)
    return count


async def _cancel(town: Served, number: int) -> str:
    answer = await town.http.post(
        "/v1/account/cancellation", json={"at_once": True}, headers=town.headers(number)
    )
    return answer.raise_for_status().json()["id"]


async def _until_erased(town: Served, erasure_id: str) -> None:
    give_up = time.monotonic() + GIVE_UP_S
    while time.monotonic() < give_up:
        answer = await town.http.get(f"/v1/erasures/{erasure_id}")
        if answer.raise_for_status().json()["state"] == "done":
            return
        await asyncio.sleep(LOOK_EVERY_S)
    raise RuntimeError("an erasure was not finished")


def _tokens(settings: Settings, url: str) -> TokenDesk:
    return build(settings.model_copy(update={"public_url": url})).security.tokens
