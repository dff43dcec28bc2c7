"""Reads of cases. Those that a change follows take the row's lock, where the database has one."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select, tuple_

from server.foundation.database import Db
from server.privacy.cases.case_rules import heard_number
from server.privacy.cases.errors import RequestProofOver, UnknownRequest
from server.privacy.cases.kinds import CaseState
from server.privacy.cases.tables import CaseOpening, PrivacyCase


async def case_with_number(db: Db, number: str, *, lock: bool = False) -> PrivacyCase:
    """The case of this number, as the staff may know it. Raises UnknownRequest.

    One that is not proven yet is nobody's case so far.
    """
    query = select(PrivacyCase).where(
        PrivacyCase.number == heard_number(number),
        PrivacyCase.state != CaseState.UNPROVEN.value,
    )
    found = (await db.exec(query.with_for_update() if lock else query)).one_or_none()
    if found is None:
        raise UnknownRequest
    return found


async def case_with_token(db: Db, number: str, token_hash: str) -> PrivacyCase:
    """The case of this number, if the token is its own. Raises UnknownRequest."""
    query = select(PrivacyCase).where(
        PrivacyCase.number == heard_number(number),
        PrivacyCase.token_hash == token_hash,
    )
    found = (await db.exec(query)).one_or_none()
    if found is None:
        raise UnknownRequest
    return found


async def cases_of_account(db: Db, account_id: str, most: int) -> Sequence[PrivacyCase]:
    """The account's own cases, the newest first."""
    query = select(PrivacyCase).where(PrivacyCase.account_id == account_id)
    return (await db.exec(query.order_by(col(PrivacyCase.id).desc()).limit(most))).all()


async def number_is_taken(db: Db, number: str) -> bool:
    """Whether a case has this number."""
    query = select(PrivacyCase.id).where(PrivacyCase.number == number)
    return (await db.exec(query)).one_or_none() is not None


async def case_to_prove(db: Db, request_id: str, now: datetime) -> PrivacyCase:
    """The case, locked, if its code still has time and tries. Raises RequestProofOver."""
    found = await db.get(PrivacyCase, request_id, with_for_update=True)
    if (
        found is None
        or found.proven_at is not None
        or found.closed_at is not None
        or found.tries_left <= 0
        or found.proof_expires_at is None
        or found.proof_expires_at <= now
    ):
        raise RequestProofOver
    return found


async def due_cases(db: Db, after: PrivacyCase | None, most: int) -> Sequence[PrivacyCase]:
    """The open cases, the nearest date first, from behind `after`."""
    query = select(PrivacyCase).where(PrivacyCase.state == CaseState.OPEN.value)
    if after is not None:
        query = query.where(
            tuple_(col(PrivacyCase.due_on), col(PrivacyCase.id)) > (after.due_on, after.id)
        )
    order = (col(PrivacyCase.due_on), col(PrivacyCase.id))
    return (await db.exec(query.order_by(*order).limit(most))).all()


async def openings_of(db: Db, case_id: str) -> Sequence[datetime]:
    """When somebody on the staff opened the case, the first time first."""
    query = select(CaseOpening.at).where(CaseOpening.case_id == case_id)
    return (await db.exec(query.order_by(col(CaseOpening.at)))).all()


async def is_open_to(db: Db, staff_id: str, case_id: str, now: datetime) -> bool:
    """Whether this member of the staff has opened the case lately."""
    query = select(CaseOpening.id).where(
        CaseOpening.staff_id == staff_id, CaseOpening.case_id == case_id, CaseOpening.until > now
    )
    return (await db.exec(query.limit(1))).first() is not None
