"""What every engine promises: one suite, and the engines only obey."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from signaling.engine.interface import LOST_WITHIN_S, CameraAway, Engine, NoReply
from signaling.engine.memory import MemoryEngine, MemoryHub
from signaling.engine.nats import NatsEngine
from tests.nats_server import running_nats


@dataclass
class Node:
    """One engine with what it has heard."""

    engine: Engine
    told_of: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue[bytes])
    announced_of: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue[bytes])
    asked_of: asyncio.Queue[tuple[str, bytes]] = field(
        default_factory=asyncio.Queue[tuple[str, bytes]]
    )
    taken_from: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    lost_nodes: asyncio.Queue[str] = field(default_factory=asyncio.Queue[str])
    thinking: asyncio.Event | None = None
    away: set[str] = field(default_factory=set[str])  # cameras that are held and not connected

    async def start(self) -> None:
        """Start the engine; questions are answered with their text turned round."""
        await self.engine.start(self)

    async def asked(self, camera_id: str, message: bytes) -> bytes:
        self.asked_of.put_nowait((camera_id, message))
        if self.thinking is not None:
            await self.thinking.wait()
        return message[::-1]

    def is_there(self, camera_id: str) -> bool:
        return camera_id not in self.away

    def told(self, message: bytes) -> None:
        self.told_of.put_nowait(message)

    def announced(self, message: bytes) -> None:
        self.announced_of.put_nowait(message)

    def taken(self, camera_id: str) -> None:
        self.taken_from.put_nowait(camera_id)

    def lost(self, node: str) -> None:
        self.lost_nodes.put_nowait(node)


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


async def heard(queue: asyncio.Queue[Any]) -> Any:
    """The next thing heard. Raises TimeoutError after what an engine promises, and a little."""
    async with asyncio.timeout(LOST_WITHIN_S + 2):
        return await queue.get()


async def test_a_question_reaches_the_node_that_holds_the_camera(pair: Pair):
    await pair.second.engine.hold("cam_1")
    assert await pair.first.engine.ask("cam_1", b"abc", within=5) == b"cba"
    assert pair.second.asked_of.get_nowait() == ("cam_1", b"abc")
    assert pair.first.asked_of.empty()


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


async def test_what_is_asked_while_a_camera_goes_is_answered_or_known_to_be_away(pair: Pair):
    """Never left without a reply: who asks would wait for as long as a camera may think."""
    for _ in range(50):
        await pair.second.engine.hold("cam_1")
        asked = [asyncio.create_task(answer(pair.first.engine, "cam_1")) for _ in range(20)]
        await asyncio.sleep(0)  # they are on their way
        await pair.second.engine.release("cam_1")
        assert {*await asyncio.gather(*asked)} <= {b"cba", None}


async def test_what_is_asked_while_a_node_stops_is_answered_or_known_to_be_away(pair: Pair):
    await pair.second.engine.hold("cam_1")
    asked = [asyncio.create_task(answer(pair.first.engine, "cam_1")) for _ in range(200)]
    await asyncio.sleep(0)  # they are on their way
    await pair.second.engine.stop()
    assert {*await asyncio.gather(*asked)} <= {b"cba", None}


async def answer(engine: Engine, camera_id: str) -> bytes | None:
    """The reply; None where nobody holds the camera. Raises NoReply."""
    try:
        return await engine.ask(camera_id, b"abc", within=5)
    except CameraAway:
        return None


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
    await pair.second.asked_of.get()
    quick = asyncio.create_task(pair.first.engine.ask("cam_1", b"quick", within=5))
    assert (await pair.second.asked_of.get())[1] == b"quick"
    pair.second.thinking.set()
    assert await asyncio.gather(slow, quick) == [b"wols", b"kciuq"]


async def test_what_is_told_arrives_in_order(pair: Pair):
    for number in range(1_000):
        pair.first.engine.tell("two", b"%d" % number)
    async with asyncio.timeout(10):
        heard = [await pair.second.told_of.get() for _ in range(1_000)]
    assert heard == [b"%d" % number for number in range(1_000)]


async def test_telling_a_node_that_is_gone_is_no_error(pair: Pair):
    pair.first.engine.tell("gone", b"hello")
    pair.first.engine.tell("two", b"after")
    async with asyncio.timeout(5):
        assert await pair.second.told_of.get() == b"after"


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
            assert [await node.announced_of.get() for _ in range(2)] == [b"first", b"second"]
    assert pair.first.announced_of.empty()
    assert pair.first.told_of.empty()


async def test_a_node_that_stopped_hears_no_announcement(pair: Pair):
    await pair.second.engine.stop()
    await pair.first.engine.announce(b"hello")
    async with asyncio.timeout(5):
        assert await pair.first.announced_of.get() == b"hello"
    assert pair.second.announced_of.empty()


async def test_the_newest_holder_wins_and_the_one_before_is_told(pair: Pair):
    await pair.first.engine.hold("cam_1")
    await pair.second.engine.hold("cam_1")
    assert await heard(pair.first.taken_from) == "cam_1"
    assert await pair.first.engine.ask("cam_1", b"abc", within=5) == b"cba"
    assert pair.second.asked_of.get_nowait() == ("cam_1", b"abc")
    await pair.first.engine.hold("cam_1")
    assert await heard(pair.second.taken_from) == "cam_1"
    assert await pair.second.engine.ask("cam_1", b"abc", within=5) == b"cba"
    assert pair.first.asked_of.get_nowait() == ("cam_1", b"abc")


async def test_of_two_that_hold_at_once_one_yields(pair: Pair):
    for number in range(20):
        camera = f"cam_{number}"
        await asyncio.gather(pair.first.engine.hold(camera), pair.second.engine.hold(camera))
        nodes = (pair.first, pair.second)
        waiting = [asyncio.create_task(heard(node.taken_from)) for node in nodes]
        done, late = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        assert len(done) == 1
        for task in late:
            task.cancel()
        keeper = pair.second if waiting[0] in done else pair.first
        await pair.first.engine.ask(camera, b"abc", within=5)
        assert keeper.asked_of.get_nowait() == (camera, b"abc")


async def test_holding_again_takes_it_from_nobody(pair: Pair):
    await pair.first.engine.hold("cam_1")
    await pair.first.engine.hold("cam_1")
    assert await pair.second.engine.ask("cam_1", b"abc", within=5) == b"cba"
    assert pair.first.taken_from.empty()


async def test_a_camera_that_is_held_and_away_is_not_connected(pair: Pair):
    await pair.second.engine.hold("cam_1")
    pair.second.away.add("cam_1")
    assert not await pair.first.engine.is_held("cam_1")


@pytest.mark.parametrize("asker", ["first", "second"])
async def test_whoever_waits_for_a_camera_learns_that_it_came(pair: Pair, asker: str):
    engine: Engine = getattr(pair, asker).engine
    arrival = asyncio.create_task(engine.arrival("cam_1", within=10))
    other = asyncio.create_task(engine.arrival("cam_2", within=0.2))
    assert not await other
    await pair.second.engine.hold("cam_1")
    assert await arrival
    assert await engine.arrival("cam_1", within=0.2)


async def test_whoever_waits_for_a_camera_that_is_held_and_away_learns_that_it_is_back(pair: Pair):
    await pair.second.engine.hold("cam_1")
    pair.second.away.add("cam_1")
    arrival = asyncio.create_task(pair.first.engine.arrival("cam_1", within=10))
    assert not await pair.first.engine.arrival("cam_1", within=0.1)
    pair.second.away.clear()
    await pair.second.engine.hold("cam_1")
    assert await arrival


async def test_a_node_that_stops_is_lost_to_the_others(pair: Pair):
    await pair.second.engine.stop()
    assert await heard(pair.first.lost_nodes) == "two"
    assert pair.second.lost_nodes.empty()
