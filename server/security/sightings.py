"""Where a request came from: a network, a place, a family of devices.

The place is as fine as the look-up allows, and stays in memory: `place_rules.kept_of` takes away
what the account has not allowed before anything is stored or shown.
"""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from server.foundation.requests import CallerAddress
from server.security.device_rules import device_family
from server.security.parts import RequestSecurity
from server.security.place_rules import Place, truncated


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting, already coarse: the whole address ends before this is made."""

    network: str | None  # /24 or /48 in CIDR notation; None where the address isn't known
    place: Place
    device: str


def _seen(request: Request, address: CallerAddress, parts: RequestSecurity) -> Seen:
    return Seen(
        network=truncated(address) if address else None,
        place=parts.locator.find(address),
        device=device_family(request.headers.get("user-agent", "")),
    )


RequestSeen = Annotated[Seen, Depends(_seen)]
