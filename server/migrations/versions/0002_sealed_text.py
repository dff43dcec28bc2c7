"""Text about people is sealed, under a key for each subject; e-mails and names get an index.

What was there is sealed in the same step, and opened again on the way back. The text itself goes
with the tables that held it: PostgreSQL writes a table anew when a column's type changes, SQLite
overwrites what it deletes (`database.py`).
"""

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.foundation.columns import UtcMoment
from server.foundation.vault.keys import KeyProvider, WrappedKey
from server.foundation.vault.sealing_rules import (
    KEY_BYTES,
    NONCE_BYTES,
    Place,
    index_of,
    opened,
    seal,
)
from server.foundation.vault.subject_keys import remember

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AT_ONCE = 250  # rows whose keys are asked for with one IN; two columns at most name a row


class Text(NamedTuple):
    """A column as it was before."""

    type: sa.String
    nullable: bool = False


class Index(NamedTuple):
    """A new column with a keyed hash."""

    name: str
    of: tuple[str, ...]
    nullable: bool = False


class Sealing(NamedTuple):
    """What is sealed in a table. `key` is its primary key before; an index may be that after."""

    table: str
    key: tuple[str, ...]
    subject: str
    texts: dict[str, Text]
    index: Index | None = None
    index_is_key: bool = False


TABLES = (
    Sealing(
        "account",
        ("id",),
        "id",
        {
            "name": Text(sa.String(), nullable=True),
            "email": Text(sa.String(), nullable=True),
            "password_hash": Text(sa.String(), nullable=True),
            "area": Text(sa.String(length=2), nullable=True),
            "avatar_url": Text(sa.String(), nullable=True),
        },
        Index("email_index", ("email",), nullable=True),
    ),
    Sealing(
        "registration",
        ("id",),
        "id",
        {
            "email": Text(sa.String()),
            "name": Text(sa.String(), nullable=True),
            "password_hash": Text(sa.String()),
            "area": Text(sa.String(length=2)),
        },
    ),
    Sealing(
        "staff_member",
        ("id",),
        "id",
        {"name": Text(sa.String(length=64)), "password_hash": Text(sa.String(length=256))},
        Index("name_index", ("name",)),
    ),
    Sealing("session", ("id",), "account_id", {"device": Text(sa.String())}),
    Sealing(
        "provider_identity",
        ("issuer", "subject"),
        "account_id",
        {"issuer": Text(sa.String()), "subject": Text(sa.String())},
        Index("identity_index", ("issuer", "subject")),
        index_is_key=True,
    ),
    Sealing(
        "security_event",
        ("id",),
        "account_id",
        {
            name: Text(sa.String(), nullable=True)
            for name in ("network", "place_id", "place", "device", "about")
        },
    ),
    Sealing("ownership", ("id",), "account_id", {"name": Text(sa.String(length=64))}),
    Sealing(
        "pairing",
        ("id",),
        "account_id",
        {
            "name": Text(sa.String(length=64)),
            "phone_key": Text(sa.String(length=512)),
            "place_id": Text(sa.String(length=16), nullable=True),
            "country": Text(sa.String(length=2), nullable=True),
        },
    ),
    Sealing(
        "first_use",
        ("device_id", "account_id"),
        "account_id",
        {
            "phone_thumbprint": Text(sa.String(length=43)),
            "place_id": Text(sa.String(length=16), nullable=True),
            "country": Text(sa.String(length=2), nullable=True),
        },
    ),
    Sealing(
        "lookup",
        ("id",),
        "staff_id",
        {"case_number": Text(sa.String(length=32)), "reason": Text(sa.String(length=500))},
    ),
)
SUBJECTS = ("account", "registration", "staff_member")
SUBJECT_KEY = sa.table(
    "subject_key",
    sa.column("id", sa.String()),
    sa.column("wrapped_key", sa.LargeBinary()),
    sa.column("master_version", sa.Integer()),
    sa.column("created_at", UtcMoment()),
)
Row = Mapping[str, Any]


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "subject_key",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("master_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subject_key"),
    )
    op.create_index("ix_subject_key_master_version", "subject_key", ["master_version"])
    op.create_table(
        "master_check",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_master_check"),
    )
    keys: KeyProvider = context.config.attributes["keys"]
    remember(op.get_bind(), keys)
    for table in SUBJECTS:
        _make_keys(table, keys)
    for it in TABLES:
        if it.index:
            op.add_column(it.table, sa.Column(it.index.name, sa.LargeBinary(), nullable=True))
        _rewrite(it, keys, it.key, sa.LargeBinary(), _sealed)
        with op.batch_alter_table(it.table) as batch:
            if it.index:
                _add_index(batch, it, it.index)
            for name, text in it.texts.items():
                batch.alter_column(
                    name, existing_type=text.type, existing_nullable=text.nullable,
                    type_=sa.LargeBinary(), postgresql_using=f"{name}_new",
                )  # fmt: skip
        _drop_new(it)


def downgrade() -> None:
    """Bring them back to the one before."""
    keys: KeyProvider = context.config.attributes["keys"]
    for it in TABLES:
        key = (it.index.name,) if it.index and it.index_is_key else it.key
        _rewrite(it, keys, key, sa.String(), _opened)
        with op.batch_alter_table(it.table) as batch:
            for name, text in it.texts.items():
                batch.alter_column(
                    name, existing_type=sa.LargeBinary(), existing_nullable=text.nullable,
                    type_=text.type, postgresql_using=f"{name}_new",
                )  # fmt: skip
            if it.index:
                _take_index(batch, it, it.index)
        _drop_new(it)
        if it.index:
            with op.batch_alter_table(it.table) as batch:
                batch.drop_column(it.index.name)
    op.drop_table("master_check")
    op.drop_index("ix_subject_key_master_version", table_name="subject_key")
    op.drop_table("subject_key")


def _add_index(batch: Any, it: Sealing, index: Index) -> None:
    batch.alter_column(
        index.name, existing_type=sa.LargeBinary(), existing_nullable=True, nullable=index.nullable
    )
    if it.index_is_key:
        batch.drop_constraint(f"pk_{it.table}", type_="primary")
        batch.create_primary_key(f"pk_{it.table}", [index.name])
        return
    for name in index.of:
        with_name = f"uq_{it.table}_{name}"
        batch.drop_constraint(with_name, type_="unique")
    batch.create_unique_constraint(f"uq_{it.table}_{index.name}", [index.name])


def _take_index(batch: Any, it: Sealing, index: Index) -> None:
    if it.index_is_key:
        batch.drop_constraint(f"pk_{it.table}", type_="primary")
        batch.create_primary_key(f"pk_{it.table}", list(index.of))
        return
    batch.drop_constraint(f"uq_{it.table}_{index.name}", type_="unique")
    for name in index.of:
        batch.create_unique_constraint(f"uq_{it.table}_{name}", [name])


def _rewrite(
    it: Sealing,
    keys: KeyProvider,
    key: tuple[str, ...],
    type_: Any,
    turned: Callable[[Sealing, KeyProvider, AESGCM | None, Row], dict[str, Any]],
) -> None:
    """Write each row's texts anew, as `turned` says: in their place on SQLite, else beside it."""
    bind = op.get_bind()
    for name in it.texts:
        if _new(name) != name:
            op.add_column(it.table, sa.Column(_new(name), type_, nullable=True))
    names = dict.fromkeys((*key, it.subject, *it.texts))
    stored = sa.table(it.table, *(sa.column(name) for name in names))
    # a table of its own: the same column may be read as text and written as bytes
    changed = sa.table(
        it.table,
        *(sa.column(_new(name), type_) for name in it.texts),
        *((sa.column(it.index.name, sa.LargeBinary()),) if it.index else ()),
    )
    by_key = sa.tuple_(*(stored.c[name] for name in key))
    every = [tuple(row) for row in bind.execute(sa.select(*(stored.c[name] for name in key)))]
    for some in _batches(every):
        rows = bind.execute(sa.select(stored).where(by_key.in_(some))).mappings().all()
        subjects = _keys_of({row[it.subject] for row in rows}, keys)
        changes = [
            {f"key_{name}": row[name] for name in key}
            | {f"to_{name}": value for name, value in values.items()}
            for row in rows
            for values in (turned(it, keys, subjects.get(row[it.subject]), row),)
        ]
        bind.execute(
            sa.update(changed)
            .where(*(sa.column(name) == sa.bindparam(f"key_{name}") for name in key))
            .values({name.removeprefix("to_"): sa.bindparam(name) for name in changes[0]
                     if name.startswith("to_")}),
            changes,
        )  # fmt: skip


def _sealed(it: Sealing, keys: KeyProvider, key: AESGCM | None, row: Row) -> dict[str, Any]:
    assert key is not None  # noqa: S101 - every subject has just got one
    index: dict[str, Any] = {}
    if it.index:
        of = [row[name] for name in it.index.of if row[name] is not None]
        whole = len(of) == len(it.index.of)
        found = index_of(keys.index_key(), it.table, it.index.name, of) if whole else None
        index[it.index.name] = found
    at = tuple(index.values()) if it.index_is_key else tuple(row[name] for name in it.key)
    return index | {
        _new(name): None
        if row[name] is None
        else seal(key, Place(it.table, name, at), row[name], secrets.token_bytes(NONCE_BYTES))
        for name in it.texts
    }


def _opened(it: Sealing, keys: KeyProvider, key: AESGCM | None, row: Row) -> dict[str, Any]:
    del keys
    at = (row[it.index.name],) if it.index and it.index_is_key else tuple(row[n] for n in it.key)

    def text_of(name: str) -> str | None:
        if row[name] is None:
            return None
        if key is None:  # erased: nothing is left of it
            return None if it.texts[name].nullable else ""
        return opened(key, Place(it.table, name, at), bytes(row[name]))

    return {_new(name): text_of(name) for name in it.texts}


def _drop_new(it: Sealing) -> None:
    for name in it.texts:
        if _new(name) != name:
            op.drop_column(it.table, _new(name))


def _make_keys(table: str, keys: KeyProvider) -> None:
    """A key for every subject that there is."""
    bind, now = op.get_bind(), datetime.now(UTC)
    ids = bind.execute(sa.select(sa.column("id")).select_from(sa.table(table))).scalars().all()
    for some in _batches(ids):
        wrapped = [(id_, keys.wrap(id_, secrets.token_bytes(KEY_BYTES))) for id_ in some]
        bind.execute(
            SUBJECT_KEY.insert(),
            [
                {
                    "id": id_,
                    "wrapped_key": key.wrapped,
                    "master_version": key.master_version,
                    "created_at": now,
                }
                for id_, key in wrapped
            ],
        )


def _keys_of(subjects: set[str], keys: KeyProvider) -> dict[str, AESGCM]:
    stored = SUBJECT_KEY.c
    found = op.get_bind().execute(sa.select(SUBJECT_KEY).where(stored.id.in_(subjects)))
    return {
        row.id: AESGCM(keys.unwrap(row.id, WrappedKey(row.master_version, row.wrapped_key)))
        for row in found
    }


def _batches(every: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(every), AT_ONCE):
        yield every[start : start + AT_ONCE]


def _new(name: str) -> str:
    """The column that a changed text is written to."""
    return name if op.get_bind().dialect.name == "sqlite" else f"{name}_new"
