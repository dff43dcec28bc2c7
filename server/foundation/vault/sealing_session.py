"""The session behind `Db`: rows are opened as they are read, and sealed before they are stored.

Both happen inside of SQLAlchemy's own calls, on the session's connection, in its transaction.
`do_orm_execute` is passed by every way to a row (`exec`, `get`, `refresh`, `scalar`, …); what it
doesn't see stays `Unopened`, which nobody can take for text.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Result, Row, event
from sqlalchemy.orm import InstanceState, ORMExecuteState, UOWTransaction, attributes
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session

from server.foundation.origins import Origin, origin_of
from server.foundation.vault.faults import NoOrigin, NotSealed
from server.foundation.vault.keyring import KEYRING, Keyring
from server.foundation.vault.layout import NOTHING_SEALED, Layout, layout_of
from server.foundation.vault.sealed_text import ErasedText, SealedText, Unopened


class SealingSession(Session):
    """A session that knows sealed columns. Its keyring is in `info`, put there by `Db`."""


def keyring_of(session: OrmSession) -> Keyring:
    """The session's keyring. Raises NotSealed where its database was made without a vault."""
    keyring: Keyring | None = session.info.get(KEYRING)
    if keyring is None:
        raise NotSealed("this database was made without a vault")
    return keyring


@event.listens_for(SealingSession, "do_orm_execute")
def _open_what_is_read(executed: ORMExecuteState) -> Result[Any] | None:
    if not executed.is_select:
        return None
    read = executed.invoke_statement().freeze()  # else rows come when nothing can be asked any more
    rows = {
        id(it): it
        for row in read.data
        for it in (row if isinstance(row, tuple | Row) else (row,))
        if layout_of(type(it)) is not NOTHING_SEALED
    }
    _open(executed.session, list(rows.values()))
    return read()


def _open(session: OrmSession, rows: list[Any]) -> None:
    waiting = [
        (it, layout, name, value)
        for it in rows
        for layout in (layout_of(type(it)),)
        for name in layout.sealed
        if isinstance(value := attributes.instance_dict(it).get(name), Unopened)
    ]
    if not waiting:
        return
    keyring = keyring_of(session)
    subjects = {_values(it)[layout.sealed[name]] for it, layout, name, _ in waiting}
    keyring.fetch(session.connection(), subjects)
    for it, layout, name, value in waiting:
        values = _values(it)
        place = layout.place(name, values)
        text = keyring.open(values[layout.sealed[name]], place, value.sealed)
        attributes.set_committed_value(it, name, text)


@event.listens_for(SealingSession, "before_flush")
def _seal_what_is_stored(session: OrmSession, _: UOWTransaction, __: Any) -> None:
    new = [(it, layout_of(type(it))) for it in session.new]
    changed = [(it, layout_of(type(it))) for it in session.dirty]
    for it, layout in changed:
        _refuse_another_subject(it, layout)
    if made := {_values(it)[layout.owner] for it, layout in new if layout.owner}:
        keyring_of(session).make(session.connection(), made)
    for it, layout in (*new, *changed):
        _index(session, it, layout)
    _seal(session, (*new, *changed))


def _seal(session: OrmSession, rows: Iterable[tuple[Any, Layout]]) -> None:
    waiting = [
        (it, layout, name) for it, layout in rows for name in layout.sealed
        if _is_bare(it, layout, name)
    ]  # fmt: skip
    if not waiting:
        return
    keyring = keyring_of(session)
    subjects = {_values(it)[layout.sealed[name]] for it, layout, name in waiting}
    keyring.fetch(session.connection(), subjects)
    for it, layout, name in waiting:
        values = _values(it)
        subject = values[layout.sealed[name]]
        origin = _origin(layout, name, values[name])
        sealed = keyring.seal(subject, layout.place(name, values), values[name], origin)
        attributes.set_attribute(it, name, sealed)


@event.listens_for(SealingSession, "after_soft_rollback")
def _forget_keys(session: OrmSession, _: Any) -> None:
    keyring: Keyring | None = session.info.get(KEYRING)
    if keyring is not None:
        keyring.forget()


def _index(session: OrmSession, it: Any, layout: Layout) -> None:
    values = _values(it)
    for column, of in layout.indexes.items():
        if any(name not in values or isinstance(values[name], ErasedText) for name in of):
            continue  # not read with this row, or erased: the index stays as it is
        key = keyring_of(session).vault.keys.index_key()
        index = layout.index(key, column, tuple(values[name] for name in of))
        if index != values.get(column):
            attributes.set_attribute(it, column, index)


def _is_bare(it: Any, layout: Layout, name: str) -> bool:
    """Whether a value has to be sealed: bare text, or text that was sealed for another place."""
    values = _values(it)
    value = values.get(name)
    if value is None or isinstance(value, Unopened):
        return False
    here = (layout.place(name, values), values[layout.sealed[name]])
    return not isinstance(value, SealedText) or (value.place, value.subject) != here


def _origin(layout: Layout, name: str, value: Any) -> Origin | None:
    if name not in layout.collected:
        return None  # also of text that was collected elsewhere
    if (origin := origin_of(value)) is None:
        raise NoOrigin(f"{layout.table}.{name} is collected; say how the value came")
    return origin


def _refuse_another_subject(it: Any, layout: Layout) -> None:
    """What is sealed for one subject and row can't be read by another's key."""
    state: InstanceState[Any] = attributes.instance_state(it)
    for name in {*layout.sealed.values(), *layout.key}:
        if state.attrs[name].history.deleted:
            raise NotSealed(f"{layout.table}.{name} is what values are sealed for; it stays")


def _values(it: Any) -> dict[str, Any]:
    return attributes.instance_dict(it)
