"""What is stored of letters that people asked for: who confirmed, what is sent, to whom."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, days, link, personal, plain
from server.foundation.table_labels import rows

KEPT = days(180)  # half a year: long enough to answer whoever asks why we wrote
A_STATE = "a word of a closed list, by which letters are selected"


class LettersWanted(SQLModel, table=True):
    """Which letters you confirmed, by the link that we mailed to your address."""

    __tablename__: ClassVar[Any] = "letters_wanted"

    account_id: str = link(
        "account.id", on_erasure=OnErasure.DELETE, primary_key=True, max_length=64
    )
    link_id: str = plain(unique=True, max_length=32)  # random; what links in letters name
    news_confirmed_at: datetime | None = personal(
        "confirmation of letters",
        why=Why.NEWS,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )
    invitations_confirmed_at: datetime | None = personal(
        "confirmation of letters",
        why=Why.INVITATIONS,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )


class NewsIssue(SQLModel, table=True):
    """What is sent to many: news, or an invitation. Says nothing about anybody."""

    __tablename__: ClassVar[Any] = "news_issue"
    __table_args__ = rows(counted_from=("queued_at", "it was queued"), keep=KEPT)

    id: str = plain(primary_key=True, max_length=64)  # nws_…
    purpose: str = plain(max_length=32)
    country: str | None = plain(default=None, max_length=2)  # None: everywhere
    subject: str = plain(max_length=150)
    text: str = plain(sa_type=Text)
    queued_at: datetime = plain(sa_type=UtcMoment)
    reached: str = plain(default="", max_length=32)  # the link_id up to which letters are written
    written_at: datetime | None = plain(default=None, sa_type=UtcMoment)  # all of them are


class NewsLetter(SQLModel, table=True):
    """One letter of news to you: waiting, sent or dropped, and by which choice of yours."""

    __tablename__: ClassVar[Any] = "news_letter"
    __table_args__ = (
        UniqueConstraint("issue_id", "account_id"),  # nobody gets an issue twice
        Index("ix_news_letter_state", "state", "try_at"),
        rows(counted_from=("queued_at", "it was queued")),
    )

    id: str = plain(primary_key=True, max_length=64)  # nwl_…
    issue_id: str = link("news_issue.id", on_erasure=OnErasure.DELETE, max_length=64)
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    consent_id: str = plain(foreign_key="consent.id", max_length=64)  # that it is sent under
    state: str = personal(
        "letters sent",
        why=Why.EVIDENCE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        plain_because=A_STATE,
        max_length=16,
    )
    queued_at: datetime = personal(
        "letters sent",
        why=Why.EVIDENCE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )
    taken_at: datetime | None = personal(
        "letters sent",
        why=Why.EVIDENCE,
        keep=KEPT,
        on_erasure=OnErasure.DELETE,
        default=None,
        sa_type=UtcMoment,
    )
    tries: int = plain(default=0)
    try_at: datetime = plain(sa_type=UtcMoment)
