"""Whoever was erased after a backup was made is erased again when it is restored.

By the labels: the key is destroyed, rows and values go as their columns say. What a law makes us
keep stays, unreadable where it was sealed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Table, false, or_, select
from sqlmodel import delete, update

from server.foundation.database import Db
from server.foundation.labels import Link, OnErasure, Personal, label_of
from server.foundation.vault.keyring import destroy_keys
from server.privacy.subject_paths import SUBJECT, SubjectTable, all_about

GOES: Final = (OnErasure.DELETE, OnErasure.BLANK)


async def erase_again(db: Db, gone: Mapping[str, datetime]) -> None:
    """Erase these, where they are there. May be run as often as one likes."""
    await destroy_keys(db, gone)
    about = all_about()
    for subject in gone:
        for table in about:
            await _erase_from(db, table, subject)


async def _erase_from(db: Db, about: SubjectTable, subject: str) -> None:
    table, theirs = about.table, about.is_of(subject)
    if table.name == SUBJECT:
        await db.exec(delete(table).where(theirs, ~_is_needed(table)))
    elif _goes_whole(table):
        await db.exec(delete(table).where(theirs))
        return
    blank = {it.name: None for it in table.columns if it.nullable and _is_blanked(it)}
    if blank:
        await db.exec(update(table).where(theirs).values(blank))


def _goes_whole(table: Table) -> bool:
    """Whether its links say so, or all it says about people where no link does."""
    labels = [label_of(column) for column in table.columns]
    links = {it.on_erasure for it in labels if isinstance(it, Link)}
    said = links or {it.on_erasure for it in labels if isinstance(it, Personal)}
    return said == {OnErasure.DELETE}


def _is_blanked(column: Column[Any]) -> bool:
    label = label_of(column)
    return isinstance(label, Personal | Link) and label.on_erasure in GOES


def _is_needed(subjects: Table) -> ColumnElement[bool]:
    """Whether a row that is kept still points at the subject's: then that one stays, empty."""
    pointing = [
        column
        for table in subjects.metadata.tables.values()
        for column in table.columns
        if any(key.column.table is subjects for key in column.foreign_keys)
    ]
    kept = (select(it).where(it == subjects.c.id).correlate(subjects).exists() for it in pointing)
    return or_(false(), *kept)
