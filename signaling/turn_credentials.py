"""STUN and TURN servers for one session, with credentials that are its own and run out.

The scheme is the one that coturn calls `use-auth-secret` (draft-uberti-behave-turn-rest-00): the
user name is the time of expiry and something opaque, the password an HMAC-SHA1 of it under a
secret that the relay shares with us. Nobody's name or id is in it; the relay's log learns nothing.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class IceServers:
    """What a session may use to reach its peer."""

    always: Sequence[dict[str, Any]]  # RTCIceServer, the same for everybody: STUN
    turn_urls: Sequence[str] = ()
    turn_secret: bytes = field(default=b"", repr=False)
    turn_lasts_s: int = 3_600

    def for_session(self, session: str, now_s: float) -> bytes:
        """The list of RTCIceServer as JSON. `now_s` is in seconds of Unix time.

        A relay forgets an expired credential at the next allocation or refresh, so a call of this
        session can't hold its relay for longer than `turn_lasts_s` and a refresh (10 minutes).
        """
        servers = list(self.always)
        if self.turn_urls:
            username, credential = turn_credential(
                self.turn_secret, session, int(now_s) + self.turn_lasts_s
            )
            turn = {"urls": list(self.turn_urls), "username": username, "credential": credential}
            servers.append(turn)
        return msgspec.json.encode(servers)


def turn_credential(secret: bytes, opaque: str, expires_at: int) -> tuple[str, str]:
    """User name and password for one session. `expires_at` is in seconds of Unix time."""
    username = f"{expires_at}:{opaque}"
    return username, b64encode(hmac.digest(secret, username.encode(), sha1)).decode()
