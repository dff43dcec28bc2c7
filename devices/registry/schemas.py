"""What the registry's routes take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import AfterValidator, Field, StringConstraints

from devices.registry.call_rules import CAMERA_ID
from devices.registry.coverage_port import WarrantyOut
from devices.registry.queries import OwnedCamera
from server.foundation.correction_rules import printable
from server.foundation.wire import Incoming, Outgoing

CameraName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
    AfterValidator(printable),
]
CameraId = Annotated[str, Path(pattern=f"^{CAMERA_ID.pattern}$")]


class CameraOut(Outgoing):
    """A camera, as its owner sees it. `warranty` is null until it is activated.

    `town` is null until the owner has it noted, and while they don't allow that.
    """

    id: str
    name: str
    model: str
    serial: str
    online: bool
    paired_at: datetime
    warranty: WarrantyOut | None
    town: str | None

    @classmethod
    def of(
        cls,
        camera: OwnedCamera,
        *,
        online: bool,
        warranty: WarrantyOut | None,
        town: str | None,
    ) -> Self:
        """The camera on the wire."""
        return cls(
            id=camera.device.id,
            name=camera.ownership.name,
            model=camera.device.model,
            serial=camera.device.serial,
            online=online,
            paired_at=camera.ownership.since,
            warranty=warranty,
            town=town,
        )


class CamerasOut(Outgoing):
    """All cameras of an account, the first paired first."""

    cameras: list[CameraOut]


class RenameIn(Incoming):
    """A camera's new name."""

    name: CameraName


class TokenIn(Incoming):
    """RFC 6749 §4.4 with RFC 7523 §2.2, as a form."""

    grant_type: Annotated[str, Field(max_length=128)]
    client_assertion_type: Annotated[str, Field(max_length=128)]
    client_assertion: Annotated[str, Field(max_length=4096)]


class TokenOut(Outgoing):
    """RFC 6749 §5.1. `expires_in` is in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a type's name, no secret
    expires_in: int
