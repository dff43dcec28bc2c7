"""One process from its start to its end: what its role asks for, in order, and back."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from server import nodes
from server.foundation.log import start_log
from server.foundation.mail import LETTERS_KEPT
from server.foundation.rounds import in_rounds
from server.foundation.settings import PREFIX, BadSettings, Settings
from server.foundation.vault.key_file import load_keys
from server.http_listener import listener_on, serving
from server.main import House, build
from server.migrations.migrate import is_current, migrate
from server.node_answers import node_app
from server.operations import operations_app
from server.privacy.cases.forgetting import forget_unproven_cases
from server.privacy.cases.watch import watch_cases
from server.privacy.contacts import settle_contacts
from server.privacy.declared_now import untold
from server.privacy.erasure.idling import end_idle_accounts
from server.privacy.exceptions.excepting import end_run_out
from server.privacy.retention import end_what_is_over, what_is_over
from server.privacy.reviews.watch import watch_reviews
from server.signaling_parts import NoGateway
from server.stopping import stop_when_input_ends, when_told_to_stop
from signaling.engine.interface import EngineAway

HOURLY_S: Final = 3_600  # the shortest term is half an hour, and is checked at use too
READY: Final = "ready"  # told to the parent of several: from now on we serve
DRAINED: Final = "drained"  # we leave because an operator said so: don't start us again
log = structlog.get_logger()


class SchemaNotCurrent(Exception):  # noqa: N818 - says what it is
    """The database's tables are not those of this release."""

    def __init__(self) -> None:
        super().__init__("the database is not at this release's schema; run secuhome migrate")


class PolicyNotPublished(Exception):  # noqa: N818 - says what it is
    """People would not be told what this release does. The message says what."""


@dataclass(frozen=True, slots=True)
class OneOfSeveral:
    """This process is one of the gateways that a parent (`gateway_processes.py`) has started.

    They share an address. The parent holds the other end of our standard input for as long as it
    lives, and reads on our standard output what became of us.
    """

    number: int

    def tell(self, what: str) -> None:
        """Tell the parent READY or DRAINED. One that is gone has no use for it."""
        with contextlib.suppress(BrokenPipeError):
            print(what, flush=True)  # noqa: T201 - the parent's end of a pipe


async def serve(settings: Settings, among: OneOfSeveral | None = None) -> None:
    """Run until we are told to stop.

    Raises SchemaNotCurrent, PolicyNotPublished, or BadSettings for what is taken.
    """
    start_log(settings.log_level)
    with _named("data_dir"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    house = build(settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.foundation.database.close)
        stack.push_async_callback(house.providers.close)
        with _named("database_url"):
            await _prepare_database(house)
        await _prepare_policy(house)
        _tell_geography(house)
        stopped = when_told_to_stop()
        if settings.role == "http":
            await stack.enter_async_context(_presence_only(house))
        else:
            await stack.enter_async_context(_gateway(house, settings, among))
            await stack.enter_async_context(_node(house, settings, stopped, among))
        if settings.role != "gateway":
            await stack.enter_async_context(_http(house, settings, stopped))
        await stack.enter_async_context(_operations(house, settings, among))
        if among is not None:
            watch = asyncio.create_task(stop_when_input_ends(stopped))
            stack.callback(watch.cancel)
            among.tell(READY)
        await stopped.wait()


@asynccontextmanager
async def _presence_only(house: House) -> AsyncGenerator[None]:
    """The engine without a gateway: to ask which cameras are there, and to announce."""
    with _named("engine"):
        await house.engine.start(NoGateway())
    try:
        yield
    finally:
        await house.engine.stop()


@asynccontextmanager
async def _gateway(
    house: House, settings: Settings, among: OneOfSeveral | None
) -> AsyncGenerator[None]:
    host, port = settings.signaling_host, settings.signaling_port
    with _named("signaling_port"):
        await house.gateway.start(host, port, reuse_port=among is not None)
    log.info("signaling", address=f"{host}:{house.gateway.port}", node=house.engine.node)
    try:
        yield
        await house.gateway.drain()  # told to stop: everybody is sent away in turn first
    finally:
        await house.gateway.stop()


@asynccontextmanager
async def _node(
    house: House, settings: Settings, stopped: asyncio.Event, among: OneOfSeveral | None
) -> AsyncGenerator[None]:
    """Answer this node's operator, who may send it away: then the process ends by itself."""
    folder, node = nodes.folder_in(settings.data_dir), house.engine.node
    leaving: list[asyncio.Task[None]] = []

    async def leave() -> None:
        log.info("draining", node=node)
        await house.gateway.drain()
        if among is not None:
            among.tell(DRAINED)
        stopped.set()

    def drain() -> None:
        leaving.append(asyncio.create_task(leave()))

    with _named("data_dir"):
        listener = nodes.open_socket(folder, node)
    try:
        async with serving(node_app(node, house.gateway.counts, drain), listener):
            yield
    finally:
        nodes.remove_socket(folder, node)
        for task in leaving:
            task.cancel()


@asynccontextmanager
async def _http(house: House, settings: Settings, stopped: asyncio.Event) -> AsyncGenerator[None]:
    with _named("http_port"):
        listener = listener_on(settings.http_host, settings.http_port)
    over = asyncio.Event()
    chores = in_rounds("chores", lambda: _do_chores(house), HOURLY_S, over)
    works = (chores, *(it.keep_on(over) for it in house.works))
    tasks = [asyncio.create_task(it) for it in works]
    log.info("http", address=f"{settings.http_host}:{settings.http_port}")
    try:
        async with serving(house.app, listener) as task:
            task.add_done_callback(lambda _: stopped.set())
            yield
    finally:
        over.set()
        await asyncio.gather(*tasks)  # cancelled in the middle, drivers' threads would outlive us


@asynccontextmanager
async def _operations(
    house: House, settings: Settings, among: OneOfSeveral | None
) -> AsyncGenerator[None]:
    if settings.metrics_port is None:
        yield
        return
    port = settings.metrics_port + (among.number if among else 0)
    with _named("metrics_port"):
        listener = listener_on(settings.metrics_host, port)
    log.info("metrics", address=f"{settings.metrics_host}:{port}")
    async with serving(operations_app(house.metrics.registry), listener):
        yield


@contextmanager
def _named(setting: str) -> Generator[None]:
    """What the system refuses is told with the setting behind it. Raises BadSettings."""
    try:
        yield
    except EngineAway:
        raise BadSettings(f"{PREFIX}ENGINE: NATS can't be reached there; start it first") from None
    except OSError as why:
        reason = why.strerror or "it can't be reached"
        raise BadSettings(f"{PREFIX}{setting.upper()}: {reason}") from None


async def _prepare_database(house: House) -> None:
    settings, database = house.foundation.settings, house.foundation.database
    if settings.mode == "demo":
        await migrate(settings.database, load_keys(settings))
    elif not await is_current(settings.database):
        raise SchemaNotCurrent
    await database.recognise_keys()


async def _prepare_policy(house: House) -> None:
    parts, policy = house.foundation, house.policy
    written = policy.written_in_force()
    if parts.settings.mode == "production" and (why := untold(written)):
        raise PolicyNotPublished(why)
    now = parts.clock.now()
    policy.know_contacts(
        await settle_contacts(parts.database, parts.settings, written.version, now)
    )


async def _do_chores(house: House) -> None:
    """Look at what is due, end what is over."""
    database, clock = house.foundation.database, house.foundation.clock
    await watch_cases(database, house.cases, clock.now())
    await watch_reviews(database, house.reviews, clock.now())
    async with database.reading() as db:  # without a lock, in which all who write would wait
        due = await what_is_over(db, clock.now())
    async with database.writing() as db:
        await forget_unproven_cases(db, clock.now())
        await end_run_out(db, house.foundation.ids, house.purposes, clock.now())
        if due:
            await end_what_is_over(db, clock.now(), due)
    await end_idle_accounts(house.foundation)
    await house.foundation.mail.forget_before(clock.now() - LETTERS_KEPT)


def _tell_geography(house: House) -> None:
    state = house.security.locator.state(house.foundation.clock.now())
    log.info("geography", code=state.condition, age_days=state.age_days)
