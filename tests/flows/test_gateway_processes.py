"""Several gateways behind one address: what goes on when one dies, or its parent, or all leave."""

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect

from server.demo.processes import free_port
from server.http_listener import listener_on
from signaling.protocol.close_codes import DRAINING
from tests.flows.gateways import Gateways, gone, running_gateways
from tests.flows.server_process import secuhome
from tests.nats_server import running_nats

pytestmark = [pytest.mark.flow]

SOCKETS = 24  # that all of them land on one of two processes happens once in eight million tries


async def sockets_of(gateways: Gateways, stack: AsyncExitStack) -> list[ClientConnection]:
    """Some sockets, spread over the processes by the kernel."""
    opened = [connect(gateways.url) for _ in range(SOCKETS)]
    return [await stack.enter_async_context(each) for each in opened]


async def closes(socket: ClientConnection) -> int | None:
    """Wait until a socket has closed; its code."""
    async with asyncio.timeout(10):
        await socket.wait_closed()
    return socket.close_code


async def test_the_others_go_on_when_one_dies_and_it_is_started_again(tmp_path: Path):
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(running_nats())
        gateways = await stack.enter_async_context(
            running_gateways(tmp_path, nats, REGISTER_WITHIN_S="60")
        )
        before = gateways.children()
        sockets = await sockets_of(gateways, stack)
        os.kill(before[0], signal.SIGKILL)
        told = await gateways.logged("gateway_ready", 3)
        assert {line["process"] for line in told} == {0, 1}
        lost = [socket for socket in sockets if socket.close_code is not None]
        assert 0 < len(lost) < SOCKETS
        for socket in set(sockets) - set(lost):
            await (await socket.ping())
        after = gateways.children()
        assert len(after) == 2
        assert before[1] in after
        assert before[0] not in after
        died = await gateways.logged("gateway_died")
        assert [(line["status"], line["wait_s"]) for line in died] == [(-signal.SIGKILL, 0.5)]
        again = await sockets_of(gateways, stack)
        os.kill(before[1], signal.SIGKILL)
        await gateways.logged("gateway_died", 2)
        assert any(socket.close_code is None for socket in again)  # so the new one serves too


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_all_leave_well_when_their_parent_is_told_to_stop(
    number: signal.Signals, tmp_path: Path
):
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(running_nats())
        gateways = await stack.enter_async_context(running_gateways(tmp_path, nats))
        children = gateways.children()
        sockets = await sockets_of(gateways, stack)
        os.kill(gateways.parent.pid, number)
        assert {await closes(socket) for socket in sockets} == {DRAINING.number}
        assert await gateways.parent.ended() == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)
        assert "fault" not in gateways.parent.log.read_text()


async def test_nobody_is_left_behind_by_a_parent_that_was_killed(tmp_path: Path):
    """They would keep the address, and serve on with nobody to start or to stop them."""
    async with AsyncExitStack() as stack:
        nats = await stack.enter_async_context(running_nats())
        gateways = await stack.enter_async_context(running_gateways(tmp_path, nats))
        sockets = await sockets_of(gateways, stack)
        children = gateways.children()
        os.kill(gateways.parent.pid, signal.SIGKILL)
        assert {await closes(socket) for socket in sockets} == {DRAINING.number}
        for child in children:
            await gone(child)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (
            {"ENGINE": "memory"},
            "SECUHOME_ENGINE: a gateway process reaches the others",
        ),
        ({"SIGNALING_PORT": "0"}, "SECUHOME_SIGNALING_PORT: processes that share an address need"),
        ({"ENGINE": "nats://127.0.0.1:1"}, "SECUHOME_ENGINE: NATS can't be reached there"),
        ({"DATABASE_URL": "postgresql+asyncpg://127.0.0.1:1/nothing"}, "SECUHOME_DATABASE_URL: "),
        ({"MAX_FRAME_BYTES": "1"}, "SECUHOME_MAX_FRAME_BYTES: "),
    ],
)
async def test_what_keeps_them_from_starting_is_told_once(
    wrong: dict[str, str], told: str, tmp_path: Path
):
    usual = {"DATA_DIR": str(tmp_path), "ENGINE": "nats://127.0.0.1:1"}
    usual["SIGNALING_PORT"] = str(free_port(0))
    status, out, err = await secuhome("gateway", "--processes", "2", **usual | wrong)
    assert (status, out) == (1, "")
    assert err.count(told) == 1
    assert err.splitlines()[-1].startswith(told)
    assert "Traceback" not in err


async def test_an_address_that_somebody_else_has_is_told(tmp_path: Path):
    async with running_nats() as nats:
        with listener_on("127.0.0.1", 0) as other:
            port = str(other.getsockname()[1])
            usual = {"DATA_DIR": str(tmp_path), "ENGINE": nats, "SIGNALING_PORT": port}
            status, _, err = await secuhome("gateway", "--processes", "2", **usual)
    assert status == 1
    last = err.splitlines()[-1]
    assert last.startswith("SECUHOME_SIGNALING_PORT: ")
    assert "address already in use" in last


@pytest.mark.parametrize("processes", ["0", "65", "two"])
async def test_a_number_of_processes_that_is_none_is_refused(processes: str):
    status, _, err = await secuhome("gateway", "--processes", processes)
    assert status == 2
    assert "--processes" in err
    assert "Traceback" not in err
