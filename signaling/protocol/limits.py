"""Where patience and room end. One node's; each is a setting of the server."""

from dataclasses import dataclass

Seconds = float


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes, and counts per endpoint or call."""

    register_within: Seconds = 10
    camera_answers_within: Seconds = 10
    viewer_answers_within: Seconds = 30
    calls_per_camera: int = 16
    calls_per_viewer: int = 16
    trickles_per_call: int = 256
    session_lasts: Seconds | None = None  # unless extended; None: until somebody ends it
    faults_per_endpoint: int = 8
    waiting_frames: int = 16
    keep_for: Seconds = 15  # an endpoint whose socket broke in a call; longer than a Wi-Fi roam
    keep_bytes: int = 65_536  # said lately to an endpoint in a call: a set-up is some 10 KiB
    hold_for: Seconds = 8  # longer than a reconnect (1 to 5 s), shorter than a caller's patience
    goodbye_lasts: Seconds = 600  # how long a camera that unregistered is known to have left
    goodbyes: int = 10_000
    sockets_per_account: int = 32

    @property
    def set_up_within(self) -> Seconds:
        """The longest that a call can take from the first word to the answer."""
        return self.camera_answers_within * 2 + self.viewer_answers_within
