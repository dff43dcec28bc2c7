"""Coming to belong to somebody: look for a QR code, redeem it, remember the owner.

Nothing that is held before the lens can harm: a foreign code, a used or expired one, or one for
another server is told and passed over, and the camera goes on looking.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from devices.agent.camera_folder import CameraFolder, Pairing
from devices.agent.lens import Lens
from devices.agent.milestones import Say
from devices.agent.patience import until_answered
from devices.agent.server_api import PairingRefused, ServerApi
from signaling.protocol.pairing_code import PairingCode

ApiFor = Callable[[str], Awaitable[ServerApi]]  # for a server's address; retries until it answers


async def pair(
    folder: CameraFolder, lens: Lens, told_server: str | None, api_for: ApiFor, say: Say
) -> Pairing:
    """Wait for a code that the server takes, and remember its owner.

    `told_server` is where the camera was told to belong: codes for others are refused. Without
    it the code decides. Raises what `api_for` raises.
    """

    def foreign(text: str) -> None:
        why = "This QR code is not a SecuHome pairing code."
        say("refused", why=why, what="qr", size=len(text))

    async with aclosing(lens.codes(foreign)) as codes:
        async for code in codes:
            say("pairing_read", server=code.server)
            if told_server is not None and not same_server(code.server, told_server):
                why = f"This QR code is for {code.server}; this camera was told {told_server}."
                say("refused", why=why, what="server")
                continue
            pairing = await _redeem(await api_for(told_server or code.server), code, say)
            if pairing is not None:
                folder.remember(pairing)
                say("paired", camera=pairing.camera_id, name=pairing.name, epoch=pairing.epoch)
                return pairing
    raise AssertionError("a lens looks for ever")


def same_server(one: str, other: str) -> bool:
    """Whether two addresses name the same server; a closing slash and case don't matter."""
    return one.rstrip("/").lower() == other.rstrip("/").lower()


async def _redeem(api: ServerApi, code: PairingCode, say: Say) -> Pairing | None:
    try:
        return await until_answered(lambda: api.redeem(code), say)
    except PairingRefused as why:
        say("refused", why=str(why), what="pairing", code=why.code)
        return None
