"""What a camera tells whoever runs it: one JSON line per milestone on standard output.

For people there is the same, in words, on standard error, where something went wrong. Neither
ever holds a secret: no token, no key, no proof, no password of a source.
"""

import json
import sys
from collections.abc import Callable
from typing import Final

EVENTS: Final = {
    "token": "the server knows us and gave us a token",
    "pairing_read": "a pairing QR was read",
    "paired": "somebody owns us now",
    "registered": "the signaling gateway knows us",
    "online": "we can be watched",
    "call": "somebody wants to watch",
    "first_packet": "the first picture has left for a viewer",
    "ended": "a call is over",
    "refused": "something was refused, and why",
    "waiting": "something can't be reached; we try again",
    "stopped": "we were asked to stop, and did",
}
Say = Callable[..., None]


def say(event: str, why: str | None = None, **facts: str | float | None) -> None:
    """Print a milestone. `why` also goes to standard error, for a person to read."""
    if event not in EVENTS:
        raise ValueError(f"{event} is no milestone")
    told = {"event": event} | ({"why": why} if why else {}) | facts
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    if why:
        sys.stderr.write(f"{why}\n")
