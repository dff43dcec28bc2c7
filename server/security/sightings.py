"""Where a request came from: a network, a place, a family of devices.

No place is looked up before it is known whose use this is, and by which source they want it found
(`place_sources.py`). It is then as fine as the look-up allows, and stays in memory:
`place_rules.kept_of` takes away what the account has not allowed before any of it is stored or
shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from server.foundation.requests import CallerAddress
from server.security.device_rules import device_family
from server.security.parts import RequestSecurity
from server.security.place_rules import Place, truncated


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting. The whole address is in no field: only look-ups in this process get it."""

    network: str | None  # /24 or /48 in CIDR notation; None where the address isn't known
    device: str
    look_up: Callable[[int], Place]  # in our first or second database
    told: Place | None = None  # what the phone sent along


def _seen(request: Request, address: CallerAddress, parts: RequestSecurity) -> Seen:
    return Seen(
        network=truncated(address) if address else None,
        look_up=lambda number: parts.locators[number].find(address),
        device=device_family(request.headers.get("user-agent", "")),
    )


RequestSeen = Annotated[Seen, Depends(_seen)]
