"""Which of the other nodes are alive, by when they were last heard. No clock: time comes in."""

from typing import Final

from signaling.engine.interface import LOST_WITHIN_S, Seconds

BEAT_EVERY_S: Final = 1.0
SILENT_FOR_S: Final = 3.5  # three beats may go missing; found within one beat more
LATE_S: Final = 1.0  # we were stopped ourselves: what we did not hear says nothing

assert SILENT_FOR_S + BEAT_EVERY_S < LOST_WITHIN_S  # noqa: S101 - what the interface promises


class Heartbeats:
    """When each node was last heard, on a clock that never goes back."""

    def __init__(self) -> None:
        self._heard: dict[str, Seconds] = {}
        self._looked: Seconds | None = None

    def heard(self, node: str, now: Seconds) -> bool:
        """A node is alive. True for a newcomer, which is to be told at once that we are, too."""
        is_new = node not in self._heard
        self._heard[node] = now
        return is_new

    def forget(self, node: str) -> None:
        """A node said goodbye."""
        self._heard.pop(node, None)

    def begin_anew(self, now: Seconds) -> None:
        """We were cut off: everybody has its full time again."""
        self._heard = dict.fromkeys(self._heard, now)

    def lost(self, now: Seconds, *, connected: bool) -> list[str]:
        """The nodes that have been silent for too long, each once. Ask every BEAT_EVERY_S."""
        late = self._looked is not None and now - self._looked > BEAT_EVERY_S + LATE_S
        self._looked = now
        if late or not connected:
            self.begin_anew(now)
            return []
        silent = [node for node, then in self._heard.items() if now - then > SILENT_FOR_S]
        for node in silent:
            del self._heard[node]
        return silent
