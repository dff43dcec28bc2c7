"""The signaling parts of a process: its engine and its gateway's settings, or none of a gateway."""

import secrets
from collections.abc import Sequence
from functools import partial

from server.foundation.requests import peer_address
from server.foundation.settings import Settings
from server.security.place_rules import truncated
from signaling.engine.interface import CameraAway, Engine
from signaling.engine.memory import MemoryEngine
from signaling.engine.nats import NatsEngine
from signaling.gateway import GatewaySettings
from signaling.protocol.limits import Limits
from signaling.turn_credentials import IceServers


def engine_of(settings: Settings) -> Engine:
    """The engine that the settings name, for a node with a fresh name."""
    node = f"{settings.cell}-{secrets.token_hex(6)}"
    return MemoryEngine(node) if settings.engine == "memory" else NatsEngine(node, settings.engine)


def gateway_settings(settings: Settings) -> GatewaySettings:
    """What the gateway needs to know. Raises OSError for a secret that can't be read."""
    return GatewaySettings(
        origins=frozenset({settings.public_url, *settings.allowed_origins}),
        ice_servers=IceServers(
            settings.ice_servers, settings.turn_urls, turn_secret(settings), settings.turn_lasts_s
        ),
        limits=Limits(
            register_within=settings.register_within_s,
            camera_answers_within=settings.camera_answers_within_s,
            viewer_answers_within=settings.viewer_answers_within_s,
            session_lasts=settings.session_lasts_s,
            calls_per_camera=settings.calls_per_camera,
            calls_per_viewer=settings.calls_per_viewer,
            trickles_per_call=settings.trickles_per_call,
            keep_for=settings.keep_s,
            hold_for=settings.hold_s,
            sockets_per_account=settings.sockets_per_account,
        ),
        max_frame=settings.max_frame_bytes,
        max_outbound=settings.max_outbound_bytes,
        messages_per_s=settings.messages_per_s,
        ping_every=settings.ping_every_s,
        upgrade_within=settings.register_within_s,
        messages_per_s_per_account=settings.messages_per_s_per_account,
        calls_per_s_per_account=settings.calls_per_minute_per_account / 60,
        sockets_per_network=settings.sockets_per_network,
        sockets_per_s_per_network=settings.sockets_per_s_per_network,
        penalty_s=settings.penalty_s,
        drain_over=settings.drain_over_s,
        network_of=partial(network_of, settings),
    )


def network_of(settings: Settings, peer: str, forwarded: Sequence[str]) -> str:
    """The network of whoever is behind a socket; an address that can't be read is its own."""
    address = peer_address(peer, list(forwarded), settings)
    return peer if address is None else truncated(address)


def turn_secret(settings: Settings) -> bytes:
    """The secret shared with the relay; empty where there is none. Raises OSError."""
    if settings.turn_secret_path is None:
        return b""
    return settings.turn_secret_path.read_bytes().strip()


class NoGateway:
    """A process without a gateway: it has no cameras, and no sessions to be told about."""

    async def asked(self, camera_id: str, message: bytes) -> bytes:
        """Nobody asks for what is not held."""
        del message
        raise CameraAway(camera_id)

    def is_there(self, camera_id: str) -> bool:
        """No camera is."""
        del camera_id
        return False

    def told(self, message: bytes) -> None:
        """For no session of ours."""

    def announced(self, message: bytes) -> None:
        """For no socket of ours."""

    def taken(self, camera_id: str) -> None:
        """Nothing of ours."""

    def lost(self, node: str) -> None:
        """Nobody that we speak to."""
