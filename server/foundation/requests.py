"""What a route may ask for by its signature: a unit of work, the clock, ids, settings, mail."""

import ipaddress
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from server.foundation.clock import Clock
from server.foundation.database import Database, Db
from server.foundation.ids import Ids
from server.foundation.mail import Mail
from server.foundation.settings import Settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Foundation:
    """The parts that every domain stands on, put together in `server.main`."""

    settings: Settings
    database: Database
    clock: Clock
    ids: Ids
    mail: Mail


def foundation_of(request: Request) -> Foundation:
    """The parts of the application that this request came to."""
    return request.app.state.foundation


RequestFoundation = Annotated[Foundation, Depends(foundation_of)]


async def _reading(parts: RequestFoundation) -> AsyncIterator[Db]:
    async with parts.database.reading() as db:
        yield db


async def _writing(parts: RequestFoundation) -> AsyncIterator[Db]:
    async with parts.database.writing() as db:
        yield db


def _clock(parts: RequestFoundation) -> Clock:
    return parts.clock


def _ids(parts: RequestFoundation) -> Ids:
    return parts.ids


def _settings(parts: RequestFoundation) -> Settings:
    return parts.settings


def _mail(parts: RequestFoundation) -> Mail:
    return parts.mail


# The commit comes before the answer leaves: nobody is told of what was not stored.
ReadingDb = Annotated[Db, Depends(_reading, scope="function")]
WritingDb = Annotated[Db, Depends(_writing, scope="function")]
RequestClock = Annotated[Clock, Depends(_clock)]
RequestIds = Annotated[Ids, Depends(_ids)]
RequestSettings = Annotated[Settings, Depends(_settings)]
RequestMail = Annotated[Mail, Depends(_mail)]


def peer_address(peer: str | None, forwarded: list[str], settings: Settings) -> Address | None:
    """The address that a request came from; None where it can't be known.

    `X-Forwarded-For` counts only as far as our own proxies wrote it: read from its end, the
    first address that is not a trusted proxy's is the caller's. An untrusted peer's header is
    ignored altogether. Never raises.
    """
    chain = [*(part.strip() for line in forwarded for part in line.split(",")), peer or ""]
    for text in reversed(chain):
        address = _address(text)
        if address is None or not any(address in net for net in settings.trusted_proxies):
            return address
    return _address(chain[0])


def _address(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _caller_address(request: Request, parts: RequestFoundation) -> Address | None:
    peer = request.client.host if request.client else None
    return peer_address(peer, request.headers.getlist("x-forwarded-for"), parts.settings)


CallerAddress = Annotated[Address | None, Depends(_caller_address)]
