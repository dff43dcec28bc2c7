"""What is stored about a pairing, and about the first use that came of it."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import (
    ACCOUNT_LIFE,
    OnErasure,
    Why,
    days,
    link,
    personal,
    plain,
)
from server.foundation.origins import Collected
from server.foundation.table_labels import rows

KEPT = days(1)  # the phone asks for the proof within seconds; a day is for finding faults


class Pairing(SQLModel, table=True):
    """A camera that you were about to pair. Deleted when its term is over."""

    __tablename__: ClassVar[Any] = "pairing"
    __table_args__ = rows(counted_from=("created_at", "it was begun"))

    id: str = plain(primary_key=True, max_length=64)  # pai_…
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    name: Collected = personal(
        "name that the owner gave the camera",
        why=Why.SERVICE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
        collected=True,
    )
    phone_key: str = personal(
        "public key of the owner's phone",
        why=Why.SERVICE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    place_id: str | None = personal(
        "town of use",
        why=Why.TOWN_OF_USE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sealed_for="account_id",
    )
    country: str | None = personal(
        "country of first use",
        why=Why.WARRANTY,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sealed_for="account_id",
    )
    token_sha256: str = plain(unique=True, max_length=64)  # hex; the token itself is not stored
    created_at: datetime = personal(
        "when a camera was to be paired",
        why=Why.SERVICE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    expires_at: datetime = plain(sa_type=UtcMoment)
    paired_at: datetime | None = personal(
        "when the camera was paired",
        why=Why.SERVICE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )
    camera_id: str | None = plain(default=None, foreign_key="device.id", max_length=64)
    epoch: int | None = plain(default=None)  # of the ownership that came of it
    proof: str | None = plain(default=None, max_length=43)


class FirstUse(SQLModel, table=True):
    """Which phone of yours first used a camera, and about where. Written once.

    The phone is known by the key that the app made for it, not by anything of its hardware.
    """

    __tablename__: ClassVar[Any] = "first_use"

    device_id: str = plain(primary_key=True, foreign_key="device.id", max_length=64)
    account_id: str = link(
        "account.id", on_erasure=OnErasure.DELETE, primary_key=True, index=True, max_length=64
    )
    phone_thumbprint: str = personal(
        "identifier of the owner's phone",
        why=Why.SERVICE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    place_id: str | None = personal(
        "town of use",
        why=Why.TOWN_OF_USE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    country: str | None = personal(
        "country of first use",
        why=Why.WARRANTY,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    at: datetime = personal(
        "first use of a camera",
        why=Why.SERVICE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
