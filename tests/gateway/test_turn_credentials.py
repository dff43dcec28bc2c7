"""Credentials for a relay: one session's own, running out, and taken by a real coturn."""

import asyncio
import json
import shutil
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aioice import stun, turn

from server.demo.processes import free_port
from signaling.turn_credentials import IceServers, turn_credential

SECRET = b"a secret that only the relay and we know"


def test_each_session_has_credentials_of_its_own():
    ice = IceServers(({"urls": ["stun:x"]},), ("turn:relay:3478",), SECRET, 600)
    first, second = (json.loads(ice.for_session(name, 1_000.9)) for name in ("call_a", "call_b"))
    assert first[0] == {"urls": ["stun:x"]}
    assert first[1]["urls"] == ["turn:relay:3478"]
    assert first[1]["username"] == "1600:call_a"
    assert first[1]["credential"] != second[1]["credential"]
    assert SECRET.decode() not in str(ice)


def test_without_a_relay_there_are_no_credentials():
    assert json.loads(IceServers(()).for_session("call_a", 1.0)) == []


@asynccontextmanager
async def relay(folder: Path) -> AsyncGenerator[tuple[str, int]]:
    """A coturn of our own on loopback, which has answered."""
    program = shutil.which("turnserver")
    assert program, "coturn is missing; `make setup-tests` installs it"
    port = free_port(0)
    process = await asyncio.create_subprocess_exec(
        program, "-n", "--use-auth-secret", f"--static-auth-secret={SECRET.decode()}",
        "--realm=test", "--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1",
        f"--listening-port={port}", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout",
        "--min-port=49160", "--max-port=49200", "--allow-loopback-peers",
        f"--pidfile={folder / 'turn.pid'}", f"--userdb={folder / 'turn.db'}", cwd=folder,
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async for line in process.stdout:
            if b"IPv4. UDP listener opened on" in line or b"Relay ports initialization" in line:
                break
        ready = turn_credential(SECRET, "ready", int(time.time()) + 60)
        await allocate(("127.0.0.1", port), *ready)  # who asks before it listens asks twice
        yield "127.0.0.1", port
    finally:
        process.terminate()
        await process.communicate()


STALE_NONCE = 438


async def allocate(address: tuple[str, int], username: str, password: str) -> None:
    """Ask a relay for an address, again where it calls its own nonce old (RFC 8489, 9.2.5).

    A coturn whose clock has just started does that now and then, and aioice asks once more only.
    Raises stun.TransactionFailed where the relay refuses.
    """
    for attempts_left in (2, 1, 0):
        try:
            transport, _ = await turn.create_turn_endpoint(
                asyncio.DatagramProtocol, address, username=username, password=password
            )
        except stun.TransactionFailed as refused:
            if refused.response.error_code != STALE_NONCE or not attempts_left:
                raise
        else:
            transport.close()
            await asyncio.sleep(0)
            return


@pytest.mark.media
async def test_coturn_takes_them_and_refuses_them_once_they_have_run_out(tmp_path: Path):
    async with relay(tmp_path) as address:
        now = int(time.time())
        await allocate(address, *turn_credential(SECRET, "call_a", now + 60))
        for wrong in (
            turn_credential(SECRET, "call_a", now - 60),
            turn_credential(b"another secret", "call_a", now + 60),
        ):
            with pytest.raises(stun.TransactionFailed, match="401"):
                await allocate(address, *wrong)
