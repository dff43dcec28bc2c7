"""The tables of the vault, and how they are read and written.

All on a `Connection`: this happens inside of SQLAlchemy's own calls and in migrations, where there
is no session to ask.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, ClassVar, Final

from sqlalchemy import Connection, LargeBinary, Table, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import ACCOUNT_LIFE, OnErasure, Why, personal, plain
from server.foundation.settings import BadSettings
from server.foundation.table_labels import NoAccount, rows
from server.foundation.vault.key_file import SETTING
from server.foundation.vault.keys import KeyProvider, WrappedKey

AT_ONCE: Final = 500  # parameters of one IN; SQLite's least limit is 999


class SubjectKey(SQLModel, table=True):
    """The key of one subject. Whatever is sealed about the subject ends with this row."""

    __tablename__: ClassVar[Any] = "subject_key"
    __table_args__ = rows(whose=NoAccount("a key says nothing; erasing its subject destroys it"))

    id: str = plain(primary_key=True, max_length=64)  # acc_…, reg_…, stf_…: the subject's own
    wrapped_key: bytes = plain(sa_type=LargeBinary)
    master_version: int = plain(index=True)
    created_at: datetime = personal(
        "account use",
        why=Why.ACCOUNT,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )


class MasterCheck(SQLModel, table=True):
    """By what the database recognises the keys that it was sealed with."""

    __tablename__: ClassVar[Any] = "master_check"

    name: str = plain(primary_key=True, max_length=32)  # "index", "master 1", …
    value: bytes = plain(sa_type=LargeBinary)


SUBJECT_KEY: Final[Table] = SQLModel.metadata.tables["subject_key"]
MASTER_CHECK: Final[Table] = SQLModel.metadata.tables["master_check"]


def stored_keys(connection: Connection, subjects: Iterable[str]) -> dict[str, WrappedKey]:
    """The keys of these subjects; a subject that has none is left out."""
    key = SUBJECT_KEY.columns
    found: dict[str, WrappedKey] = {}
    for some in _in_batches(sorted(subjects)):
        query = select(key.id, key.master_version, key.wrapped_key).where(key.id.in_(some))
        found |= {row[0]: WrappedKey(row[1], row[2]) for row in connection.execute(query)}
    return found


def store_key(connection: Connection, subject: str, key: WrappedKey, now: datetime) -> None:
    """Store a new subject's key; of two at once the first one's stays, and the second waits."""
    insert: Any = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(
        insert(SUBJECT_KEY)
        .values(
            id=subject, wrapped_key=key.wrapped, master_version=key.master_version, created_at=now
        )
        .on_conflict_do_nothing(index_elements=["id"])
    )


def recognise(connection: Connection, keys: KeyProvider) -> None:
    """Refuse keys that the database was not sealed with. Raises BadSettings.

    A database that remembers no keys holds nothing sealed, and takes any.
    """
    check = MASTER_CHECK.columns
    known = {row[0]: row[1] for row in connection.execute(select(check.name, check.value))}
    given = keys.check_values()
    for name, value in sorted(known.items()):
        if name not in given:
            raise BadSettings(
                f"{SETTING}: the file is older than the database and lacks the {name} key; "
                "put its newest copy there"
            )
        if given[name] != value:
            raise BadSettings(
                f"{SETTING}: this is not the key file that the database was sealed with; "
                "put the right one there"
            )


def remember(connection: Connection, keys: KeyProvider) -> None:
    """Let the database recognise these keys from now on."""
    check = MASTER_CHECK.columns
    known = set(connection.execute(select(check.name)).scalars())
    for name, value in keys.check_values().items():
        if name not in known:
            connection.execute(MASTER_CHECK.insert().values(name=name, value=value))


def _in_batches(ids: list[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while some := list(islice(rest, AT_ONCE)):
        yield some
