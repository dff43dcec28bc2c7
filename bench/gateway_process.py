"""Our gateway as a process under load: the real one, with real tokens, and no database behind it.

    python -m bench.gateway_process --port PORT --folder FOLDER [--engine nats://…] [--usual-limits]

All checks are on. Every account may call every camera. Limits on what one socket or call may do
are raised, because a bench says in a second what a camera says in a week; `--usual-limits` keeps
those that the product ships with, but for the candidates of a call.
"""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop

import server.signaling_parts
from bench.tokens import call_tickets, token_desk
from server.foundation.identity import Identity
from server.foundation.settings import Settings
from server.security.call_tickets import CallTickets
from server.security.errors import BadToken
from server.security.tokens import TokenDesk
from signaling.access import Decision, Ticket
from signaling.engine.interface import Engine
from signaling.engine.memory import MemoryEngine
from signaling.engine.nats import NatsEngine
from signaling.gateway import Gateway, GatewaySettings
from signaling.turn_credentials import IceServers

NO_LIMIT: Final = 1_000_000_000


class SignedAccess:
    """Whoever has a token of ours may call every camera."""

    def __init__(self, desk: TokenDesk, tickets: CallTickets) -> None:
        self._desk = desk
        self._tickets = tickets

    async def who(self, token: str) -> Identity | None:
        """The identity that the token was signed for."""
        try:
            return self._desk.verify(token)
        except BadToken:
            return None

    async def may_call(self, caller: Identity, camera_id: str) -> Decision:
        """Yes."""
        del caller, camera_id
        return Decision(allowed=True)

    def seal_ticket(
        self, viewer: Identity, camera_id: str, session: str, lasts_s: int | None
    ) -> str:
        """A ticket for the camera."""
        return self._tickets.seal(viewer, camera_id, session, lasts_s)

    def open_ticket(self, ticket: str, camera_id: str, session: str) -> Ticket | None:
        """What it says."""
        return self._tickets.open(ticket, camera_id, session)


def gateway_settings(*, usual_limits: bool, ping_every: float) -> GatewaySettings:
    """What the gateway needs to know, with limits that the load does not reach."""
    usual = server.signaling_parts.gateway_settings(Settings())
    given = replace(
        usual,
        ice_servers=IceServers(({"urls": ["stun:127.0.0.1:3478"]},)),
        limits=replace(usual.limits, trickles_per_call=NO_LIMIT),
        ping_every=ping_every,
    )
    if usual_limits:
        return given
    return replace(
        given,
        messages_per_s=NO_LIMIT,
        messages_per_s_per_account=NO_LIMIT,
        calls_per_s_per_account=NO_LIMIT,
        sockets_per_network=NO_LIMIT,
        sockets_per_s_per_network=NO_LIMIT,
    )


async def serve(port: int, engine: Engine, access: SignedAccess, settings: GatewaySettings) -> None:
    """Run until SIGTERM, which drains it."""
    gateway = Gateway(engine, access, settings)
    await gateway.start("127.0.0.1", port)
    leaving = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, leaving.set)
    await leaving.wait()
    await gateway.drain()
    await gateway.stop()


def main(
    port: Annotated[int, typer.Option()],
    folder: Annotated[Path, typer.Option(help="Where the signing key lies.")],
    *,
    node: Annotated[str, typer.Option()] = "node1",
    engine: Annotated[str, typer.Option(help="`memory` or a nats:// address.")] = "memory",
    usual_limits: Annotated[bool, typer.Option("--usual-limits")] = False,
    ping_every: Annotated[float, typer.Option(help="Seconds.")] = 25,
) -> None:
    """Run the gateway."""
    chosen = MemoryEngine(node) if engine == "memory" else NatsEngine(node, engine)
    settings = gateway_settings(usual_limits=usual_limits, ping_every=ping_every)
    access = SignedAccess(token_desk(folder), call_tickets(folder))
    uvloop.run(serve(port, chosen, access, settings))


if __name__ == "__main__":
    typer.run(main)
