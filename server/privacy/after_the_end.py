"""What is kept beyond an account's end, until its own term is over: counted from that end.

The last of it takes the account's empty row along, unless something about it has come later and
has a term of its own, as when the staff has opened a request of somebody erased.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, or_, select
from sqlmodel import col

from server.foundation.labels import AfterAccountEnds, Personal, label_of
from server.privacy.erasure.tables import LockedData
from server.privacy.retention_rules import endings
from server.privacy.subject_paths import SUBJECT, all_about, rows_about


def over_after_the_end(now: datetime) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """Each table whose rows end so, with the rows that are over; children before parents."""
    about = all_about()
    terms = {it.table.name: term for it in about if (term := _further(it.table)) is not None}
    for it in about:
        if it.table.name == SUBJECT and terms:
            ended = _ended(it.table, now - max(terms.values()))
            others = [one.table for one in about if one.table.name not in {SUBJECT, *terms}]
            later = _later(it.table, others, now)
            yield it.table, and_(ended, it.table.c.id.not_in(_locked(now)), *later)
        elif it.table.name in terms:
            account = it.table.metadata.tables[SUBJECT]
            ended = select(account.c.id).where(_ended(account, now - terms[it.table.name]))
            yield it.table, rows_about(it.table, ended)


def _locked(now: datetime) -> Select[Any]:
    """Accounts of whom a law still keeps something locked: the row says whose it is."""
    whose = col(LockedData.account_id)
    return select(whose).where(whose.is_not(None), col(LockedData.until) > now)


def _later(account: Table, about: Iterable[Table], now: datetime) -> Iterator[ColumnElement[bool]]:
    """For each table whose rows end by themselves: that no row about the account is yet to.

    What has no moment yet, as a request that waits for its answer, is yet to end.
    """
    for ending in chain.from_iterable(map(endings, about)):
        if ending.column is None:
            goes_on = or_(ending.moment.is_(None), ending.moment > ending.over_since(now))
            yield ~exists().where(rows_about(ending.table, account.c.id), goes_on)


def _ended(account: Table, since: datetime) -> ColumnElement[bool]:
    return account.c.ended_at <= since


def _further(table: Table) -> timedelta | None:
    """How long after an account's end the table's rows are kept; None if no term says so."""
    labels = (label_of(column) for column in table.columns)
    keeps = [it.keep for it in labels if isinstance(it, Personal)]
    return max((it.further for it in keeps if isinstance(it, AfterAccountEnds)), default=None)
