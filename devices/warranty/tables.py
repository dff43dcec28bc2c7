"""What is stored about a warranty."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from devices.registry.tables import owner_then
from server.foundation.columns import UtcMoment
from server.foundation.labels import OnErasure, Why, days, personal, plain
from server.foundation.table_labels import rows

KEPT = days(10 * 366)  # the longest term, then the years in which it can be argued about


class Warranty(SQLModel, table=True):
    """The warranty of a camera of yours, which belongs to the camera and outlives its owners.

    Never changed.
    """

    __tablename__: ClassVar[Any] = "warranty"
    __table_args__ = rows(
        whose=owner_then("device_id", at="activated_at"),
        counted_from=("activated_at", "it was activated"),
    )

    device_id: str = plain(primary_key=True, foreign_key="device.id", max_length=64)
    model: str = plain(max_length=16)
    region: str = plain(max_length=2)
    activated_at: datetime = personal(
        "first use of a camera",
        why=Why.WARRANTY,
        keep=KEPT,
        on_erasure=OnErasure.KEEP,
        sa_type=UtcMoment,
    )
    starts_on: date = personal(
        "first use of a camera", why=Why.WARRANTY, keep=KEPT, on_erasure=OnErasure.KEEP
    )
    ends_on: date = plain()
