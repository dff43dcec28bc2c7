"""What is kept of where a request came from: a network, a place, a family of devices."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from server.foundation.requests import CallerAddress
from server.security.device_rules import device_family
from server.security.parts import RequestSecurity
from server.security.place_rules import truncated


@dataclass(frozen=True, slots=True)
class Seen:
    """One sighting, already coarse: the whole address ends before this is made."""

    network: str | None  # /24 or /48 in CIDR notation; None where the address isn't known
    place_id: str | None
    place: str
    device: str


def _seen(request: Request, address: CallerAddress, parts: RequestSecurity) -> Seen:
    place = parts.locator.find(address)
    return Seen(
        network=truncated(address) if address else None,
        place_id=place.id,
        place=place.text,
        device=device_family(request.headers.get("user-agent", "")),
    )


RequestSeen = Annotated[Seen, Depends(_seen)]
