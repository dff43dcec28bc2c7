"""The whole camera, in the order in which it wakes: who am I, whose am I, show what I see.

What heals by itself is waited for (server or gateway down, a source that has gone); what doesn't
ends the camera with `CannotRun`, in words that say what to do.
"""

import asyncio
from dataclasses import dataclass

import httpx

from devices.agent.calls import Calls
from devices.agent.camera_folder import CameraFolder, Pairing, UnusableFolder
from devices.agent.capture import Capture
from devices.agent.demux import SourceFailed, open_source
from devices.agent.lens import Lens
from devices.agent.milestones import Say
from devices.agent.pairing import pair, same_server
from devices.agent.patience import until_answered
from devices.agent.server_api import ServerApi, TokenRefused
from devices.agent.signaling_link import Replaced, SignalingLink


class CannotRun(Exception):  # noqa: N818 - says what it is
    """The camera can't run, and waiting won't help. Its text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """How one camera is set up: its folder, server, source and lens."""

    folder: CameraFolder
    server: str | None
    source: str
    lens: str | None = None


async def run_camera(wiring: Wiring, say: Say) -> None:
    """Be a camera until cancelled. Raises CannotRun."""
    final: BaseException | None = None
    try:
        async with httpx.AsyncClient() as http:
            await _Camera(wiring, say, http).run()
    except* (UnusableFolder, TokenRefused, Replaced, CannotRun) as reasons:
        final = reasons.exceptions[0]  # raised here it would come out in a group again
    if final is not None:
        raise CannotRun(str(final)) from final


async def _check_source(source: str) -> None:
    """A file is there or it isn't; what comes over a network or a cable may come later."""
    if "://" in source or source.startswith("/dev/"):
        return
    try:
        container = await asyncio.to_thread(open_source, source)
    except SourceFailed as why:
        raise CannotRun(f"{why}. Give --source a video file, rtsp://… or /dev/videoN.") from why
    container.close()


class _Camera:
    """One camera that is on. It holds its signaling socket whether or not somebody owns it."""

    def __init__(self, wiring: Wiring, say: Say, http: httpx.AsyncClient) -> None:
        self._wiring = wiring
        self._say = say
        self._servers = _Servers(wiring, say, http)
        self._capture = Capture(wiring.source, on_trouble=lambda why: say("waiting", why=why))
        self._calls = Calls(self._capture, say)
        self._registered = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. Raises a group of what can't be healed."""
        try:
            async with asyncio.TaskGroup() as group:
                pairing = self._wiring.folder.pairing()
                server = self._server_for(pairing)
                await _check_source(self._wiring.source)
                if server is not None:  # a wrong key is told now, not when a phone is at hand
                    group.create_task(self._hold_link(await self._servers.api_for(server)))
                if pairing is None:
                    pairing = await self._pair()
                if server is None:
                    group.create_task(self._hold_link(await self._servers.api_for(pairing.server)))
                await self._show(pairing)
        finally:
            await self._calls.close()
            await self._capture.close()

    def _server_for(self, pairing: Pairing | None) -> str | None:
        """Where we belong; None if only a QR code can tell. Raises CannotRun."""
        told = self._wiring.server
        if pairing is None or told is None:
            return told or (pairing.server if pairing else None)
        if not same_server(told, pairing.server):
            raise CannotRun(
                f"This camera belongs to somebody at {pairing.server}, and was told {told}. "
                "Its owner has to release it there first; then reset it (`camera reset`)."
            )
        return told

    async def _pair(self) -> Pairing:
        lens = Lens(self._wiring.lens or self._wiring.source)
        folder, told = self._wiring.folder, self._wiring.server
        return await pair(folder, lens, told, self._servers.api_for, self._say)

    async def _hold_link(self, api: ServerApi) -> None:
        await SignalingLink(api, self._calls, self._say, self._registered.set).hold()

    async def _show(self, pairing: Pairing) -> None:
        """Look at the source from now on: a device can't be opened twice, so not before."""
        await self._capture.open()
        await self._registered.wait()
        self._say("online", camera=pairing.camera_id)


class _Servers:
    """The server's API, asked for a token once, and until the server answers."""

    def __init__(self, wiring: Wiring, say: Say, http: httpx.AsyncClient) -> None:
        self._identity = wiring.folder.identity()
        self._key = wiring.folder.key()
        self._say = say
        self._http = http
        self._known: dict[str, ServerApi] = {}

    async def api_for(self, server: str) -> ServerApi:
        """Raises TokenRefused; waits for a server that is away."""
        server = server.rstrip("/")
        if server not in self._known:
            api = ServerApi(server, self._identity, self._key, self._http)
            await until_answered(api.token, self._say)
            self._say("token", server=server, serial=self._identity.serial)
            self._known[server] = api
        return self._known[server]
