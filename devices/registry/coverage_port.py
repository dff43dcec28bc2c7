"""What the list of cameras says of a warranty. `devices.warranty` stands above and fills it in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal, Protocol

from fastapi import Depends, Request

from server.foundation.database import Db
from server.foundation.wire import Outgoing


class WarrantyOut(Outgoing):
    """A camera's warranty. Where it is not activated, the dates are null.

    `ends_on` is the last day that is covered; days begin and end in UTC.
    """

    state: Literal["active", "expired", "not_activated"]
    starts_on: date | None = None
    ends_on: date | None = None
    region: str | None = None
    model: str | None = None
    activated_at: datetime | None = None


class Coverage(Protocol):
    """Knows the warranties of cameras."""

    async def of(self, db: Db, camera_ids: Sequence[str], now: datetime) -> dict[str, WarrantyOut]:
        """The warranty of each camera that has one activated, by the camera's id."""
        ...


def _coverage(request: Request) -> Coverage:
    return request.app.state.coverage


RequestCoverage = Annotated[Coverage, Depends(_coverage)]
