"""What is stored of acts upon requests, and of copies that wait to be fetched."""

from datetime import datetime
from typing import Any, ClassVar

from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import OnErasure, Why, days, link, personal, plain
from server.foundation.table_labels import rows
from server.privacy.cases.tables import CASE_KEPT


def _note(category: str) -> Any:
    return personal(
        category,
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.BLANK,
        sealed_for="case_id",
        default=None,
    )


class CaseAct(SQLModel, table=True):
    """Something was done because of a request of yours: what, when, and why it was decided so."""

    __tablename__: ClassVar[Any] = "case_act"
    __table_args__ = rows(
        counted_from=("at", "it was done"),
        audited=("id", "case_id", "account_id", "staff_id", "act", "at"),
    )

    id: str = plain(primary_key=True, max_length=64)  # act_…
    case_id: str = link("privacy_case.id", on_erasure=OnErasure.KEEP, index=True, max_length=64)
    # Whose account it was done to. Not always the asker's: guardians and heirs ask for others.
    account_id: str = link("account.id", on_erasure=OnErasure.KEEP, index=True, max_length=64)
    staff_id: str | None = plain(  # None: by itself, with the proof
        foreign_key="staff_member.id", index=True, max_length=64, default=None
    )
    act: str = personal(
        "what was done upon a request",
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.KEEP,
        plain_because="a word of a closed list",
        max_length=16,
    )
    reason: str | None = _note("reason for an act")
    proof_seen: str | None = _note("proof of a relation, as staff has seen it")
    at: datetime = personal(
        "when something was done upon a request",
        why=Why.SUPPORT,
        keep=CASE_KEPT,
        on_erasure=OnErasure.KEEP,
        sa_type=UtcMoment,
    )


class CaseCopy(SQLModel, table=True):
    """A copy of somebody's data that may be fetched once. The data is not in here, nor anywhere."""

    __tablename__: ClassVar[Any] = "case_copy"
    __table_args__ = rows(counted_from=("expires_at", "it runs out"), keep=days(0))

    id: str = plain(primary_key=True, max_length=64)  # cpy_…
    case_id: str = link("privacy_case.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE, index=True, max_length=64)
    code_hash: str = plain()  # argon2id, as of a registration
    tries_left: int = plain()
    expires_at: datetime = plain(sa_type=UtcMoment)
    fetched_at: datetime | None = plain(default=None, sa_type=UtcMoment)
