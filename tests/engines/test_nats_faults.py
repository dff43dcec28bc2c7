"""What only the engine of many processes has to survive: a node killed, NATS killed and back."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from server.demo.nats_server import running_nats
from signaling.engine.interface import CameraAway, EngineAway, NoReply
from signaling.engine.nats import NatsEngine
from tests.engines.test_engine_contract import Node, heard

pytestmark = pytest.mark.slow


async def test_a_node_that_is_killed_is_lost_within_what_the_engine_promises(tmp_path: Path):
    async with running_nats(tmp_path) as nats:
        watcher = Node(NatsEngine("watcher", nats.url))
        await watcher.start()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.engines.lonely_node", nats.url,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert await process.stdout.readline() == b"holding\n"
        process.kill()
        await process.wait()
        assert await heard(watcher.lost_nodes) == "lonely"
        with pytest.raises(CameraAway):
            await watcher.engine.ask("cam_1", b"abc", within=5)
        await watcher.engine.stop()


async def test_a_node_that_is_killed_right_after_we_came_is_lost_too(tmp_path: Path):
    """It was alive before us, and we had never heard its heart."""
    async with running_nats(tmp_path) as nats:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.engines.lonely_node", nats.url,
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert await process.stdout.readline() == b"holding\n"
        watcher = Node(NatsEngine("watcher", nats.url))
        await watcher.start()
        assert not await watcher.engine.is_held("cam_1")  # it answers: it has heard us
        process.kill()
        await process.wait()
        assert await heard(watcher.lost_nodes) == "lonely"
        await watcher.engine.stop()


async def test_after_nats_is_killed_and_back_each_node_holds_what_it_held(tmp_path: Path):
    async with running_nats(tmp_path) as nats:
        nodes = [Node(NatsEngine(name, nats.url)) for name in ("one", "two")]
        for node in nodes:
            await node.start()
        first, second = nodes
        await second.engine.hold("cam_1")
        os.kill(nats.process.pid, signal.SIGKILL)
        with pytest.raises((NoReply, EngineAway)):
            while True:  # until the loss of the connection is known
                await first.engine.ask("cam_1", b"abc", within=0.5)
        await second.engine.hold("cam_2")  # registers while we are cut off
        arrival = asyncio.create_task(first.engine.arrival("cam_2", within=20))
        port = urlsplit(nats.url).port or 0
        async with running_nats(tmp_path, port) as again:
            assert again.url == nats.url
            assert await arrival
            for camera in ("cam_1", "cam_2"):
                assert await first.engine.ask(camera, b"abc", within=5) == b"cba"
            first.engine.tell("two", b"hello")
            assert await heard(second.told_of) == b"hello"
            assert first.lost_nodes.empty()  # we were cut off, nobody was lost
            for node in nodes:
                await node.engine.stop()
