"""What people gave us names how it came: by registering, or in another interaction.

What is stored already gets the way that its column is filled by first: an account's own details the
registration, all else another interaction. Whether somebody corrected one later wasn't stored, and
isn't made up.
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.foundation.origins import check_name, condition
from server.foundation.vault.keys import KeyProvider, WrappedKey
from server.foundation.vault.sealing_rules import NONCE_BYTES, Place, opened, seal

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REGISTRATION, INTERACTION = b"R", b"I"
AT_ONCE = 250
ACCOUNT, OWN = "account_id", "id"  # the column that names the subject
COLUMNS = {
    "account": (
        OWN,
        dict.fromkeys(("name", "email", "password_hash", "area", "avatar_url"), REGISTRATION)
        | dict.fromkeys(("birthday", "gender", "hobbies"), INTERACTION),
    ),
    "registration": (OWN, dict.fromkeys(("email", "name", "password_hash", "area"), REGISTRATION)),
    "email_change": (ACCOUNT, {"email": INTERACTION}),
    "pairing": (ACCOUNT, {"name": INTERACTION}),
    "ownership": (ACCOUNT, {"name": INTERACTION}),
    "privacy_case": (OWN, {"contact": INTERACTION, "message": INTERACTION}),
}
SUBJECT_KEY = sa.table(
    "subject_key", *(sa.column(it) for it in ("id", "wrapped_key", "master_version"))
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    dialect = op.get_bind().dialect.name
    for table, (subject, columns) in COLUMNS.items():
        _reseal(table, subject, columns)
        with op.batch_alter_table(table) as batch:
            for column in columns:
                check = sa.text(condition(dialect, column))
                batch.create_check_constraint(check_name(table, column), check)


def downgrade() -> None:
    """Bring them back to the one before."""
    for table, (subject, columns) in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_constraint(check_name(table, column), type_="check")
        _reseal(table, subject, dict.fromkeys(columns, b""))


def _reseal(name: str, subject: str, marks: dict[str, bytes]) -> None:
    """Seal each value behind its mark, which is bound to it. What no key opens is only marked."""
    table = sa.table(
        name,
        *(sa.column(it) for it in dict.fromkeys((OWN, subject))),
        *(sa.column(it, sa.LargeBinary()) for it in marks),
    )
    for rows in _batches(table):
        keys = _keys_of({row[subject] for row in rows})
        for row in rows:
            changed = {
                column: _marked(keys.get(row[subject]), Place(name, column, (row[OWN],)), old, mark)
                for column, mark in marks.items()
                if (old := row[column]) is not None
            }
            if changed:
                op.get_bind().execute(
                    sa.update(table).where(table.c[OWN] == row[OWN]).values(changed)
                )


def _marked(key: AESGCM | None, place: Place, old: bytes, mark: bytes) -> bytes:
    if key is None:
        return mark + (bytes(old) if mark else bytes(old)[1:])
    text = opened(key, place, bytes(old))
    return seal(key, place, text, secrets.token_bytes(NONCE_BYTES), mark)


def _batches(table: Any) -> Iterator[Sequence[Any]]:
    after = ""
    while True:
        query = sa.select(table).where(table.c[OWN] > after).order_by(table.c[OWN]).limit(AT_ONCE)
        rows = op.get_bind().execute(query).mappings().all()
        if not rows:
            return
        yield rows
        after = rows[-1][OWN]


def _keys_of(subjects: set[str]) -> dict[str, AESGCM]:
    keys: KeyProvider = context.config.attributes["keys"]
    found = op.get_bind().execute(sa.select(SUBJECT_KEY).where(SUBJECT_KEY.c.id.in_(subjects)))
    return {
        row.id: AESGCM(keys.unwrap(row.id, WrappedKey(row.master_version, row.wrapped_key)))
        for row in found
    }
