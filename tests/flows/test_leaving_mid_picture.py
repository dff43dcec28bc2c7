"""An account is cancelled while somebody watches: everything that it was served comes to an end.

Whole processes, real video, and a real relay: what counts is what still goes over the wire.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from aioice import stun

from bench.running_server import EMAIL, RunningServer, running_server
from devices.viewer.phone import Phone, Said
from devices.viewer.qr_scene import show_still
from devices.viewer.watching import CannotWatch, Watching
from server.demo.processes import run_once, running
from server.demo.story import code_in_mail
from signaling.protocol import faults
from signaling.protocol.viewer import CallAllowed, ViewerEnd
from tests.faults.two_gateways import Socketed
from tests.gateway.test_turn_credentials import SECRET, allocate, relay

pytestmark = [pytest.mark.flow, pytest.mark.media, pytest.mark.timeout(240)]

LASTS_S: Final = 20  # the relay's credentials: longer than a start of the call on a busy machine
SOON_S: Final = 60.0  # for what another process does by itself
Relay = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A home whose owner is about to leave, and the relay that it uses."""

    home: RunningServer
    relay: Relay
    folder: Path

    async def credentials(self) -> tuple[str, str]:
        """What the relay takes, as a viewer is given it for one session."""
        end = ViewerEnd(self.home.phone.access_token or "")
        viewer = Socketed(end)
        await viewer.open(urlsplit(self.home.signaling_url).port or 0)
        await viewer.say(end.call(self.home.camera_id))
        allowed = await viewer.hears(CallAllowed)
        await viewer.say(end.hang_up(allowed.session, faults.GONE.code, "enough"))
        (server,) = allowed.ice_servers
        assert viewer.socket is not None
        await viewer.socket.close()
        return server.username or "", server.credential or ""

    async def lapsed(self, username: str, password: str) -> None:
        """Wait until the relay takes these no more. Raises TimeoutError."""
        async with asyncio.timeout(LASTS_S + SOON_S):
            while True:
                try:
                    await allocate(self.relay, username, password)
                except stun.TransactionFailed as refused:
                    assert refused.response.error_code == 401
                    return
                await asyncio.sleep(0.2)

    def epochs(self) -> list[int]:
        """Of those who own the camera, or did and are still known."""
        with closing(sqlite3.connect(self.folder / "secuhome.sqlite")) as database:
            rows = database.execute("SELECT epoch FROM ownership ORDER BY epoch").fetchall()
        return [epoch for (epoch,) in rows]

    def ways_out(self) -> int:
        """How many UDP sockets the camera has open: without one no packet of it leaves."""
        process = Path(f"/proc/{self.home.camera.pid}")
        lines = [
            line.split()
            for table in ("udp", "udp6")
            for line in (process / "net" / table).read_text().splitlines()[1:]
        ]
        sockets = {f"socket:[{line[9]}]" for line in lines}
        return sum(_target(link) in sockets for link in (process / "fd").iterdir())

    async def silent(self, before: int) -> None:
        """Wait until the camera sends to nobody any more. Raises TimeoutError."""
        async with asyncio.timeout(SOON_S):
            while self.ways_out() > before:  # noqa: ASYNC110 - another process closes them
                await asyncio.sleep(0.05)


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except FileNotFoundError:
        return ""  # closed while we looked


@pytest.fixture
async def leaving(tmp_path: Path) -> AsyncIterator[Leaving]:
    """Server, camera, phone and relay, each a process but the phone."""
    secret = tmp_path / "turn_secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    async with relay(tmp_path) as (host, port):
        settings = {
            "TURN_URLS": json.dumps([f"turn:{host}:{port}?transport=udp"]),
            "TURN_SECRET_PATH": str(secret),
            "TURN_LASTS_S": str(LASTS_S),
        }
        async with running_server(tmp_path, settings=settings) as home:
            yield Leaving(home, (host, port), tmp_path)


async def both_end(leaving: Leaving, hearing: Watching, deaf: Watching) -> None:
    """Who hears the gateway is told why; who doesn't just has no packets any more."""
    assert "ended" in await hearing.until_ended()
    assert await deaf.until_ended() == "the camera stopped sending"
    told = await logged_by_camera(leaving.home, "ended", 2)
    assert {it["reason"] for it in told[-2:]} == {"The right to this call has ended"}


async def logged_by_camera(home: RunningServer, event: str, count: int) -> list[dict[str, str]]:
    """So many milestones of the camera. Raises TimeoutError."""
    path = home.camera.log.with_suffix(".jsonl")
    async with asyncio.timeout(SOON_S):
        while True:
            told = [json.loads(line) for line in path.read_text().splitlines()]
            if len(found := [it for it in told if it["event"] == event]) >= count:
                return found
            await asyncio.sleep(0.05)


async def test_who_cancels_while_watching_is_served_nothing_more(leaving: Leaving):
    home, phone = leaving.home, leaving.home.phone
    granted = await leaving.credentials()
    await allocate(leaving.relay, *granted)
    await leaving.silent(0)
    hearing = await phone.watch(home.camera_id, within=SOON_S)
    deaf = await phone.watch(home.camera_id, within=SOON_S)
    async with hearing, deaf:
        assert deaf._socket is not None
        await deaf._socket.close()  # its pictures go on, as nobody needs a socket for them
        await deaf.frames(deaf.frames_decoded + 10)
        assert leaving.ways_out() > 0
        token = phone.access_token
        await phone.cancel(home.password)
        await both_end(leaving, hearing, deaf)
        await leaving.silent(0)
    with pytest.raises(CannotWatch):  # and so is given nothing that a relay would take
        await phone.watch(home.camera_id)
    with pytest.raises(Said) as refused:
        await phone.start_pairing("Another")
    assert refused.value.status == 401

    phone.access_token = None
    await phone.sign_in(EMAIL, home.password, take_back=True)
    assert phone.access_token != token
    assert leaving.epochs() == [1]
    again = await phone.watch(home.camera_id, within=SOON_S)
    async with again:
        erasure = await phone.cancel(home.password, at_once=True)
        assert "ended" in await again.until_ended()
        await leaving.silent(0)
    await erased(phone, erasure["id"])
    assert leaving.epochs() == []
    await somebody_else_pairs_it(leaving)
    assert leaving.epochs() == [2]
    await leaving.lapsed(*granted)


async def erased(phone: Phone, erasure_id: str) -> None:
    """Wait until it is done. Raises TimeoutError."""
    phone.access_token = None
    async with asyncio.timeout(SOON_S):
        while (await phone.erasure(erasure_id))["state"] != "done":  # noqa: ASYNC110 - of a process
            await asyncio.sleep(0.5)


async def somebody_else_pairs_it(leaving: Leaving) -> None:
    """The camera is nobody's: whoever resets it and shows it a code has it, in another epoch."""
    home, password = leaving.home, "cobalt meadow unhurried tram"
    box, seen = leaving.folder / "camera", leaving.folder / "seen.png"
    await home.camera.stop()
    await run_once(home.servers.env, "camera", "reset", "--folder", str(box))
    words = ("--folder", str(box), "--server", home.url, "--source", str(home.clip))
    again = ("camera", "run", *words, "--lens", str(seen))
    async with (
        running("again", home.servers.env, leaving.folder, *again),
        Phone(home.url) as other,
    ):
        registration = await other.register("next@secuhome.example", password, "DE")
        await other.confirm(registration, await code_in_mail(leaving.folder / "mail"))
        await other.accept_policy(await other.policy())
        shown = await other.start_pairing("Hall")
        await asyncio.to_thread(show_still, shown.code, seen)
        paired = await other.finish_pairing(shown, within=SOON_S)
        assert paired.id == home.camera_id
