"""What happens when a request is acted upon: by itself with its proof, or by the staff.

The act, its place in the owner's history and what it does are one unit of work.
"""

from datetime import datetime
from typing import Final

from server.accounts import queries as accounts
from server.accounts.tables import Account
from server.accounts.visit import Visit
from server.foundation.database import Db
from server.foundation.errors import InvalidRequest
from server.foundation.requests import Foundation
from server.privacy.acts import copies
from server.privacy.acts.act_rules import Act, Asked, Wanted, by_itself, faults_of_act
from server.privacy.acts.deleting import (
    categories_that_can_go,
    delete_categories,
    delete_unfounded,
)
from server.privacy.acts.errors import NothingToActOn
from server.privacy.acts.tables import CaseAct
from server.privacy.cases.answering import case_in_hand
from server.privacy.cases.codes import Code, new_code
from server.privacy.cases.errors import IdentityNotProven
from server.privacy.cases.kinds import CaseKind, Channel, ContactKind, Ground, OnBehalfOf
from server.privacy.cases.tables import PrivacyCase
from server.privacy.erasure import cancelling
from server.privacy.erasure.letters import cancelled_letter
from server.security.audit import enter
from server.security.events import EventKind, note
from server.security.passwords import Passwords

NOTED_BY_ITSELF: Final = {
    Act.CANCEL: EventKind.ACCOUNT_CANCELLED,
    Act.COPY: EventKind.COPY_OFFERED,
}
NOTED_BY_STAFF: Final = {
    Act.CANCEL: EventKind.ACCOUNT_CANCELLED_BY_STAFF,
    Act.COPY: EventKind.COPY_OFFERED,
    Act.DELETE: EventKind.DATA_DELETED_BY_STAFF,
    Act.UPHOLD: EventKind.DATA_DELETED_BY_STAFF,
}


async def act_by_itself(
    parts: Foundation, passwords: Passwords, case: PrivacyCase, visit: Visit
) -> None:
    """Do what a proven request asks for, where nothing is to be judged.

    Without an account of that address nothing is done. What fails here is left to the staff: the
    request is theirs to answer in any case.
    """
    wanted = by_itself(_asked(case))
    if wanted is None or case.account_id is None:
        return
    code = await _code_for(parts, passwords, wanted)
    async with parts.database.writing() as db:
        account = await accounts.locked_account(db, case.account_id)
        if account is None or account.ended_at is not None:
            return
        act = CaseAct(
            id=parts.ids.new("act"),
            case_id=case.id,
            account_id=account.id,
            act=wanted.value,
            at=visit.now,
        )
        if await _do(parts, db, case, act, code):
            await visit.note(db, account.id, NOTED_BY_ITSELF[wanted], case.number)
        await enter(db, act)


async def act(
    parts: Foundation, passwords: Passwords, staff_id: str, number: str, wanted: Wanted
) -> CaseAct:
    """Do something upon a request that this member of the staff has opened, and note it.

    Raises UnknownRequest, RequestNotOpened, RequestClosed, IdentityNotProven, InvalidRequest,
    NothingToActOn.
    """
    code = await _code_for(parts, passwords, wanted.act)
    now = parts.clock.now()
    async with parts.database.writing() as db:
        case = await case_in_hand(db, staff_id, number, now)
        if case.proven_at is None:
            raise IdentityNotProven
        if faults := list(faults_of_act(_asked(case), wanted, categories_that_can_go())):
            raise InvalidRequest([fault._asdict() for fault in faults])
        account = await _concerned(db, case, wanted)
        done = CaseAct(
            id=parts.ids.new("act"),
            case_id=case.id,
            account_id=account.id,
            staff_id=staff_id,
            act=wanted.act.value,
            reason=wanted.reason,
            proof_seen=wanted.proof_seen,
            at=now,
        )
        await _do(parts, db, case, done, code)
        if wanted.act is Act.DELETE:
            await delete_categories(db, account.id, wanted.categories, now)
        if wanted.act is Act.UPHOLD:
            await delete_unfounded(db, account.id, now)
        await _note_by_staff(parts, db, case, account, wanted.act, now)
        await enter(db, done)
        return done


async def _code_for(parts: Foundation, passwords: Passwords, act: Act) -> Code | None:
    return await new_code(parts, passwords, copies.WAITS if act is Act.COPY else None)


async def _do(
    parts: Foundation, db: Db, case: PrivacyCase, act: CaseAct, code: Code | None
) -> bool:
    """Carry it out, and put it on record; whether it was anything new."""
    db.add(act)
    await db.flush()
    if code is not None:
        await copies.offer(parts, db, case, act.account_id, code)
        return True
    if act.act in (Act.DELETE, Act.UPHOLD):
        return True
    begun = await cancelling.begin(db, parts, act.account_id, act.at, cancelled_letter)
    if begun is None:
        raise NothingToActOn
    return begun.is_new


async def _concerned(db: Db, case: PrivacyCase, wanted: Wanted) -> Account:
    found = None
    if wanted.concerning is not None:
        found = await accounts.account_with_email(db, wanted.concerning)
    elif case.account_id is not None:
        found = await db.get(Account, case.account_id)
    if found is None or found.ended_at is not None:
        raise NothingToActOn
    return found


async def _note_by_staff(
    parts: Foundation, db: Db, case: PrivacyCase, account: Account, act: Act, now: datetime
) -> None:
    await note(
        db,
        id=parts.ids.new("evt"),
        account_id=account.id,
        kind=NOTED_BY_STAFF[act],
        at=now,
        about=case.number,
    )


def _asked(case: PrivacyCase) -> Asked:
    return Asked(
        kind=CaseKind(case.kind),
        channel=Channel(case.channel),
        contact_kind=ContactKind(case.contact_kind),
        on_behalf_of=OnBehalfOf(case.on_behalf_of),
        proven=case.proven_at is not None,
        ground=Ground(case.ground) if case.ground else None,
    )
