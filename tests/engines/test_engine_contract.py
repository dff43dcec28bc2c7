"""What every engine promises: one suite, and the engines only obey."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest

from signaling.engine.interface import CameraAway, Engine, NoReply
from signaling.engine.memory import MemoryEngine, MemoryHub
from signaling.engine.nats import NatsEngine
from tests.nats_server import running_nats


@dataclass
class Node:
    """One engine with what it has heard."""

    engine: Engine
    told: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue[bytes])
    announced: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue[bytes])
    asked: asyncio.Queue[tuple[str, bytes]] = field(
        default_factory=asyncio.Queue[tuple[str, bytes]]
    )
    thinking: asyncio.Event | None = None

    async def start(self) -> None:
        """Start the engine; questions are answered with their text turned round."""

        async def on_ask(camera_id: str, message: bytes) -> bytes:
            self.asked.put_nowait((camera_id, message))
            if self.thinking is not None:
                await self.thinking.wait()
            return message[::-1]

        await self.engine.start(on_ask, self.told.put_nowait, self.announced.put_nowait)


@dataclass
class Pair:
    first: Node
    second: Node


@pytest.fixture(params=["memory", "nats"])
async def pair(request: pytest.FixtureRequest) -> AsyncIterator[Pair]:
    async with AsyncExitStack() as stack:
        if request.param == "memory":
            hub = MemoryHub()
            nodes = [Node(MemoryEngine(name, hub)) for name in ("one", "two")]
        else:
            url = await stack.enter_async_context(running_nats())
            nodes = [Node(NatsEngine(name, url)) for name in ("one", "two")]
        for node in nodes:
            await node.start()
            stack.push_async_callback(node.engine.stop)
        yield Pair(*nodes)


async def test_a_question_reaches_the_node_that_holds_the_camera(pair: Pair):
    await pair.second.engine.hold("cam_1")
    assert await pair.first.engine.ask("cam_1", b"abc", within=5) == b"cba"
    assert pair.second.asked.get_nowait() == ("cam_1", b"abc")
    assert pair.first.asked.empty()


async def test_a_node_can_ask_for_a_camera_of_its_own(pair: Pair):
    await pair.first.engine.hold("cam_1")
    assert await pair.first.engine.ask("cam_1", b"abc", within=5) == b"cba"


async def test_an_absent_camera_is_an_answer_and_not_a_timeout(pair: Pair):
    async with asyncio.timeout(2):
        with pytest.raises(CameraAway):
            await pair.first.engine.ask("cam_nobody", b"abc", within=60)


async def test_a_released_camera_is_absent(pair: Pair):
    await pair.second.engine.hold("cam_1")
    await pair.second.engine.release("cam_1")
    with pytest.raises(CameraAway):
        await pair.first.engine.ask("cam_1", b"abc", within=5)


async def test_releasing_what_is_not_held_changes_nothing(pair: Pair):
    await pair.second.engine.hold("cam_1")
    await pair.first.engine.release("cam_1")
    assert await pair.first.engine.is_held("cam_1")


async def test_whether_a_camera_is_held_is_known_on_every_node(pair: Pair):
    await pair.second.engine.hold("cam_1")
    assert await pair.first.engine.is_held("cam_1")
    assert await pair.second.engine.is_held("cam_1")
    assert not await pair.first.engine.is_held("cam_2")


async def test_a_holder_that_thinks_too_long_gives_no_reply(pair: Pair):
    pair.second.thinking = asyncio.Event()
    await pair.second.engine.hold("cam_1")
    with pytest.raises(NoReply):
        await pair.first.engine.ask("cam_1", b"abc", within=0.05)


async def test_a_slow_question_does_not_hold_up_the_next(pair: Pair):
    pair.second.thinking = asyncio.Event()
    await pair.second.engine.hold("cam_1")
    slow = asyncio.create_task(pair.first.engine.ask("cam_1", b"slow", within=5))
    await pair.second.asked.get()
    quick = asyncio.create_task(pair.first.engine.ask("cam_1", b"quick", within=5))
    assert (await pair.second.asked.get())[1] == b"quick"
    pair.second.thinking.set()
    assert await asyncio.gather(slow, quick) == [b"wols", b"kciuq"]


async def test_what_is_told_arrives_in_order(pair: Pair):
    for number in range(1_000):
        pair.first.engine.tell("two", b"%d" % number)
    async with asyncio.timeout(10):
        heard = [await pair.second.told.get() for _ in range(1_000)]
    assert heard == [b"%d" % number for number in range(1_000)]


async def test_telling_a_node_that_is_gone_is_no_error(pair: Pair):
    pair.first.engine.tell("gone", b"hello")
    pair.first.engine.tell("two", b"after")
    async with asyncio.timeout(5):
        assert await pair.second.told.get() == b"after"


async def test_a_node_that_stopped_holds_nothing(pair: Pair):
    await pair.second.engine.hold("cam_1")
    await pair.second.engine.stop()
    with pytest.raises(CameraAway):
        await pair.first.engine.ask("cam_1", b"abc", within=5)


async def test_an_announcement_reaches_every_node_once_and_in_order(pair: Pair):
    for message in (b"first", b"second"):
        await pair.second.engine.announce(message)
    async with asyncio.timeout(5):
        for node in (pair.first, pair.second):
            assert [await node.announced.get() for _ in range(2)] == [b"first", b"second"]
    assert pair.first.announced.empty()
    assert pair.first.told.empty()


async def test_a_node_that_stopped_hears_no_announcement(pair: Pair):
    await pair.second.engine.stop()
    await pair.first.engine.announce(b"hello")
    async with asyncio.timeout(5):
        assert await pair.first.announced.get() == b"hello"
    assert pair.second.announced.empty()
