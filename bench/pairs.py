"""Two sockets in a call: what each sends, and how long what it hears is."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.dialects import Dialect
from bench.frames import client_frame, server_frame
from bench.sockets import Client


class End(NamedTuple):
    """One end of a pair."""

    client: Client
    frame: bytes  # its candidate, masked
    heard_size: int  # bytes of the other's, as the server sends it on


def call(dialect: Dialect, camera: Client, viewer: Client) -> tuple[End, End]:
    """Set a call up, and send one candidate each way. Raises LoadFailed."""
    to_viewer, to_camera = dialect.put_through(camera, viewer)
    camera.say(to_viewer)
    viewer_hears = len(server_frame(viewer.hear()))
    viewer.say(to_camera)
    camera_hears = len(server_frame(camera.hear()))
    return (
        End(camera, client_frame(to_viewer), camera_hears),
        End(viewer, client_frame(to_camera), viewer_hears),
    )


def call_all(dialect: Dialect, clients: Sequence[Client]) -> list[End]:
    """Calls between socket 2n and socket 2n + 1, the two behind each other."""
    in_order = sorted(clients, key=lambda client: client.number)
    return [
        end
        for camera, viewer in zip(in_order[::2], in_order[1::2], strict=True)
        for end in call(dialect, camera, viewer)
    ]
