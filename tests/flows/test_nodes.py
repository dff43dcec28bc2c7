"""An operator looks at one gateway, and sends it away, while the others go on."""

import asyncio
import os
import re
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from signaling.protocol.close_codes import DRAINING
from tests.flows.gateways import Gateways, gone, running_gateways
from tests.flows.server_process import running_server, secuhome
from tests.nats_server import running_nats

pytestmark = [pytest.mark.flow]

SOCKETS = 24


@pytest.fixture
async def gateways(tmp_path: Path) -> AsyncIterator[Gateways]:
    """Two gateways behind one address."""
    async with (
        running_nats() as nats,
        running_gateways(tmp_path, nats, REGISTER_WITHIN_S="60") as running,
    ):
        yield running


async def node(data_dir: Path, *words: str) -> str:
    """What `secuhome node …` prints; it must succeed."""
    status, out, err = await secuhome("node", *words, DATA_DIR=str(data_dir))
    assert (status, err) == (0, "")
    return out


async def shown(data_dir: Path, name: str) -> dict[str, Any]:
    """What `secuhome node show` says of a node."""
    return dict(line.split(None, 1) for line in (await node(data_dir, "show", name)).splitlines())


def sockets_in(data_dir: Path) -> list[Path]:
    """The nodes' sockets."""
    return sorted((data_dir / "nodes").glob("*.sock"))


async def code_of(closing: ClientConnection) -> int | None:
    """The code with which a socket closes."""
    async with asyncio.timeout(20):
        await closing.wait_closed()
    return closing.close_code


async def test_the_nodes_are_listed_and_each_tells_its_counts(gateways: Gateways, tmp_path: Path):
    async with AsyncExitStack() as stack:
        for _ in range(SOCKETS):
            await stack.enter_async_context(connect(gateways.url))
        head, *lines = (await node(tmp_path)).splitlines()
        names = [line.split()[0] for line in lines]
        told = [await shown(tmp_path, name) for name in names]
    assert head.split() == ["node", "pid", "up", "connections", "cameras", "viewers", "calls"]
    assert names == [path.stem for path in sockets_in(tmp_path)]
    assert {int(each["pid"]) for each in told} == set(gateways.children())
    assert sum(int(each["connections"]) for each in told) == SOCKETS
    assert {each["state"] for each in told} == {"serving"}
    for each in told:  # counts, and nothing that could be about a person
        assert each.keys() == {
            "node", "pid", "up", "state", "connections", "cameras", "viewers", "calls"
        }  # fmt: skip


async def test_a_drained_node_sends_its_sockets_away_and_is_not_started_again(
    gateways: Gateways, tmp_path: Path
):
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(connect(gateways.url)) for _ in range(SOCKETS)]
        leaving, staying = (path.stem for path in sockets_in(tmp_path))
        pid = int((await shown(tmp_path, leaving))["pid"])
        moved = int((await shown(tmp_path, leaving))["connections"])
        assert "draining" in await node(tmp_path, "drain", leaving)
        await gateways.logged("gateway_drained")
        assert not Path(f"/proc/{pid}").exists()
        assert [path.stem for path in sockets_in(tmp_path)] == [staying]
        assert len(gateways.children()) == 1
        closed = [each for each in opened if each.close_code is not None]
        assert {each.close_code for each in closed} == {DRAINING.number}
        assert 0 < len(closed) == moved < SOCKETS
        again = [await stack.enter_async_context(connect(gateways.url)) for _ in range(4)]
        assert all([await (await each.ping()) is not None for each in again])
        await node(tmp_path, "drain", staying)
        assert {await code_of(each) for each in again} == {DRAINING.number}
        assert await gateways.parent.ended() == 0  # nobody is left to watch
    assert "fault" not in gateways.parent.log.read_text()


async def test_a_server_alone_has_a_node_too_and_leaves_when_it_is_drained(tmp_path: Path):
    async with running_server(tmp_path) as server:
        (path,) = sockets_in(tmp_path)
        await node(tmp_path, "drain", path.stem)
        await gone(server.pid)
    assert sockets_in(tmp_path) == []
    assert "fault" not in (tmp_path / "server.log").read_text()


async def test_nobody_but_the_process_own_user_can_ask_and_nothing_is_left_behind(tmp_path: Path):
    async with running_server(tmp_path) as server:
        (path,) = sockets_in(tmp_path)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        os.kill(server.pid, signal.SIGTERM)
        await gone(server.pid)
        assert list(path.parent.iterdir()) == []


async def test_what_a_killed_process_left_is_swept_away(gateways: Gateways, tmp_path: Path):
    before = sockets_in(tmp_path)
    os.kill(gateways.children()[0], signal.SIGKILL)
    await gateways.logged("gateway_ready", 3)
    after = sockets_in(tmp_path)
    assert len(after) == 2
    assert len({*before, *after}) == 3
    os.kill(gateways.parent.pid, signal.SIGSTOP)  # who would start them again
    for pid in (*gateways.children(), gateways.parent.pid):
        os.kill(pid, signal.SIGKILL)
        await gone(pid)
    assert len(sockets_in(tmp_path)) == 2
    status, _, err = await secuhome("node", DATA_DIR=str(tmp_path))
    assert (status, sockets_in(tmp_path)) == (1, [])
    assert err == f"no gateway runs here: there is none in {tmp_path}/nodes\n"


@pytest.mark.parametrize("words", [("show", "eu1-none"), ("drain", "../nodes/x"), ("show", "")])
async def test_a_name_that_is_no_nodes_is_told(words: tuple[str, str], tmp_path: Path):
    async with running_server(tmp_path):
        status, out, err = await secuhome("node", *words, DATA_DIR=str(tmp_path))
    assert (status, out) == (1, "")
    assert re.fullmatch(r"there is no node of this name; there is eu1-[0-9a-f]{12}\n", err)


@pytest.mark.parametrize("words", [(), ("show", "eu1-mute"), ("drain", "eu1-mute")])
async def test_a_node_that_does_not_answer_is_told(words: tuple[str, ...], tmp_path: Path):
    (tmp_path / "nodes").mkdir()
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "nodes" / "eu1-mute.sock"))
        mute.listen()
        status, _, err = await secuhome("node", *words, DATA_DIR=str(tmp_path))
    assert (status, err) == (1, "node eu1-mute does not answer\n")


async def test_a_folder_with_a_long_name_is_no_hindrance(tmp_path: Path):
    """A socket's path has 107 bytes at most; a data folder may have any number."""
    folder = tmp_path / ("long" * 30)
    async with running_server(folder):
        (path,) = sockets_in(folder)
        assert (await shown(folder, path.stem))["state"] == "serving"
