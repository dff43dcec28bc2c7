"""What is stored about cameras: what the factory said, whose they are, assertions once used."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, text
from sqlmodel import SQLModel, UniqueConstraint

from server.foundation.columns import UtcMoment
from server.foundation.correction_rules import line
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, days, link, personal, plain
from server.foundation.origins import Collected
from server.foundation.table_labels import HeldThen, rows

IN_FORCE = text("until IS NULL")


def owner_then(thing: str, at: str) -> HeldThen:
    """A row's label: about whoever owned the camera in column `thing` at the moment in `at`."""
    return HeldThen(thing, at, "ownership", "camera_id", "since", "until")


class Device(SQLModel, table=True):
    """One camera as the factory made it. Belongs to nobody; `Ownership` says whose it is."""

    __tablename__: ClassVar[Any] = "device"

    id: str = plain(primary_key=True, max_length=64)  # cam_…
    serial: str = plain(unique=True, max_length=64)
    model: str = plain(max_length=16)
    region: str = plain(max_length=2)  # where it was to be sold, ISO 3166-1 alpha-2
    public_key: str = plain(max_length=512)  # JWK as compact JSON, members in order
    key_thumbprint: str = plain(unique=True, max_length=43)  # RFC 7638, SHA-256
    # How often it was paired. Stands here and not with the owner, so that erasing an owner
    # never lets a later one start again at an epoch that was used.
    epoch: int = plain(default=0)
    imported_at: datetime = plain(sa_type=UtcMoment)


class Ownership(SQLModel, table=True):
    """From when until when a camera was yours, and what you call it."""

    __tablename__: ClassVar[Any] = "ownership"
    __table_args__ = (
        # Of two pairings of one camera at the same moment the database lets one through.
        Index(
            "ux_ownership_in_force",
            "camera_id",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
        UniqueConstraint("camera_id", "epoch", name="uq_ownership_camera_id_epoch"),
    )

    id: str = plain(primary_key=True, max_length=64)  # own_…
    camera_id: str = plain(foreign_key="device.id", max_length=64)
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    name: Collected = personal(
        "name that the owner gave the camera",
        why=Why.SERVICE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
        correctable=line("Name of a camera", required=True),
    )
    epoch: int = plain()
    since: datetime = personal(
        "when the camera was paired",
        why=Why.SERVICE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    until: datetime | None = personal(
        "when the camera was released",
        why=Why.SERVICE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )  # None: in force


class CameraTown(SQLModel, table=True):
    """In which town you say that a camera is. One, without a history."""

    __tablename__: ClassVar[Any] = "camera_town"

    camera_id: str = plain(primary_key=True, foreign_key="device.id", max_length=64)
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    town_noted: str = personal(
        "town of a camera",
        why=Why.CAMERA_TOWN,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )


class UsedAssertion(SQLModel, table=True):
    """An assertion that bought a token already. Kept until it could no longer be used anyway."""

    __tablename__: ClassVar[Any] = "used_assertion"
    __table_args__ = rows(counted_from=("expires_at", "it runs out"), keep=days(0))

    device_id: str = plain(primary_key=True, foreign_key="device.id", max_length=64)
    jti: str = plain(primary_key=True, max_length=128)
    expires_at: datetime = plain(sa_type=UtcMoment)
