"""What is stored of the service's end: the end itself, and who was told of it how."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Text
from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, link, personal, plain


class Way(StrEnum):
    """How somebody was told."""

    LETTER = "letter"
    ANNOUNCEMENT = "announcement"  # on our page: no letter reaches them


class EndOfService(SQLModel, table=True):
    """The end of the whole service: since when, why, and when all is erased. One row at most."""

    __tablename__: ClassVar[Any] = "end_of_service"

    number: int = plain(primary_key=True)  # 1: of two that begin it, one does
    begun_at: datetime = plain(sa_type=UtcMoment)
    erases_on: date = plain()  # from this day on (UTC)
    reason: str = plain(sa_type=Text)  # a sentence of ours, for everybody
    by_letter: int = plain(default=0)
    by_announcement: int = plain(default=0)
    report: str | None = plain(default=None, sa_type=Text)  # a compact JWS
    closed_at: datetime | None = plain(default=None, sa_type=UtcMoment)


class EndNotice(SQLModel, table=True):
    """That you were told that the service ends, and how."""

    __tablename__: ClassVar[Any] = "end_notice"

    account_id: str = link(
        "account.id", on_erasure=OnErasure.DELETE, primary_key=True, max_length=64
    )
    way: str = personal(
        "notice that the service ends",
        why=Why.EVIDENCE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        plain_because="a word of a closed list, by which letters are counted",
        max_length=16,
    )
    at: datetime = personal(
        "notice that the service ends",
        why=Why.EVIDENCE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
