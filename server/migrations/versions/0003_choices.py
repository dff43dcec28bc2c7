"""Choices about purposes; places of use in grades, each for a purpose of its own.

Nobody has allowed a town yet, so of the places that are there no more than the country is kept.
"""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from server.foundation.columns import UtcMoment
from server.foundation.vault.keys import KeyProvider, WrappedKey
from server.foundation.vault.sealing_rules import NONCE_BYTES, Place, opened, seal

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AT_ONCE = 500
WITH_COMMAS = "Bonaire, Sint Eustatius, and Saba"  # the one country whose name has some
SEEN = ("seen_country", "seen_town", "seen_town_id", "seen_vicinity")
OLD = ("place_id", "place")

# A migration keeps its own words: those of `server.privacy.tables` may change.
GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER consent_append_only BEFORE UPDATE OF id, account_id, number, purpose,
        state, policy_version, text_sha256, at, chain ON consent
        BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END""",
        """CREATE TRIGGER consent_receipt_kept BEFORE UPDATE OF receipt ON consent
        WHEN NEW.receipt IS NOT NULL
        OR EXISTS (SELECT 1 FROM subject_key WHERE id = OLD.account_id)
        BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END""",
        """CREATE TRIGGER consent_kept BEFORE DELETE ON consent
        WHEN EXISTS (SELECT 1 FROM subject_key WHERE id = OLD.account_id)
        BEGIN SELECT RAISE(ABORT, 'consent is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION refuse_losing_consent() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN
            IF EXISTS (SELECT 1 FROM subject_key WHERE id = OLD.account_id) THEN
                RAISE EXCEPTION 'consent is append-only';
            END IF;
            RETURN COALESCE(NEW, OLD);
        END $$""",
        """CREATE TRIGGER consent_append_only BEFORE UPDATE OF id, account_id, number, purpose,
        state, policy_version, text_sha256, at, chain ON consent
        FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()""",
        """CREATE TRIGGER consent_receipt_replaced BEFORE UPDATE OF receipt ON consent
        FOR EACH ROW WHEN (NEW.receipt IS NOT NULL) EXECUTE FUNCTION refuse_rewriting()""",
        """CREATE TRIGGER consent_receipt_kept BEFORE UPDATE OF receipt ON consent
        FOR EACH ROW EXECUTE FUNCTION refuse_losing_consent()""",
        """CREATE TRIGGER consent_kept BEFORE DELETE ON consent
        FOR EACH ROW EXECUTE FUNCTION refuse_losing_consent()""",
    ),
}
EVENT = sa.table(
    "security_event",
    sa.column("id", sa.String()),
    sa.column("account_id", sa.String()),
    *(sa.column(name, sa.LargeBinary()) for name in (*OLD, *SEEN)),
)
SUBJECT_KEY = sa.table(
    "subject_key",
    sa.column("id", sa.String()),
    sa.column("wrapped_key", sa.LargeBinary()),
    sa.column("master_version", sa.Integer()),
)


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("policy_version", sa.String(length=32), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_consent_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consent"),
        sa.UniqueConstraint("account_id", "number", name="uq_consent_account_id_number"),
    )
    op.create_table(
        "camera_town",
        sa.Column("camera_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("town_noted", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_camera_town_account_id"),
        sa.ForeignKeyConstraint(["camera_id"], ["device.id"], name="fk_camera_town_camera_id"),
        sa.PrimaryKeyConstraint("camera_id", name="pk_camera_town"),
    )
    op.create_index("ix_camera_town_account_id", "camera_town", ["account_id"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.get_bind().exec_driver_sql(statement)
    for name in SEEN:
        op.add_column("security_event", sa.Column(name, sa.LargeBinary(), nullable=True))
    _reseal("place", "seen_country", coarse=True)
    with op.batch_alter_table("security_event") as table:
        for name in OLD:
            table.drop_column(name)
    for name in ("pairing", "first_use"):  # GeoNames' number of a town
        op.get_bind().execute(
            sa.update(sa.table(name, sa.column("place_id"))).values(place_id=None)
        )


def downgrade() -> None:
    """Take the choices and the finer grades; the country becomes the place."""
    for name in OLD:
        op.add_column("security_event", sa.Column(name, sa.LargeBinary(), nullable=True))
    _reseal("seen_country", "place", coarse=False)
    with op.batch_alter_table("security_event") as table:
        for name in SEEN:
            table.drop_column(name)
    op.drop_index("ix_camera_town_account_id", table_name="camera_town")
    op.drop_table("camera_town")
    op.drop_table("consent")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_losing_consent()")


def _reseal(old: str, new: str, *, coarse: bool) -> None:
    """Open what stands in one column and seal it for another, where its account has a key still."""
    bind = op.get_bind()
    keys: KeyProvider = context.config.attributes["keys"]
    write = (
        sa.update(EVENT)
        .where(EVENT.c.id == sa.bindparam("key_id"))
        .values({new: sa.bindparam("sealed", type_=sa.LargeBinary())})
    )
    for rows in _batches(old):
        subjects = _keys_of({row.account_id for row in rows}, keys)
        changes = [
            {"key_id": row.id, "sealed": _moved(key, row.id, old, new, row.sealed, coarse=coarse)}
            for row in rows
            if (key := subjects.get(row.account_id))
        ]
        if changes:
            bind.execute(write, changes)


def _batches(column: str) -> Iterator[Sequence[Any]]:
    after = ""
    while True:
        query = (
            sa.select(EVENT.c.id, EVENT.c.account_id, EVENT.c[column].label("sealed"))
            .where(EVENT.c[column].is_not(None), EVENT.c.id > after)
            .order_by(EVENT.c.id)
            .limit(AT_ONCE)
        )
        rows = op.get_bind().execute(query).all()
        if not rows:
            return
        yield rows
        after = rows[-1].id


def _moved(key: AESGCM, row_id: str, old: str, new: str, sealed: bytes, *, coarse: bool) -> bytes:
    text = opened(key, Place("security_event", old, (row_id,)), bytes(sealed))
    if coarse:  # "Lisbon, Portugal"
        text = WITH_COMMAS if text.endswith(WITH_COMMAS) else text.rsplit(", ", 1)[-1]
    place = Place("security_event", new, (row_id,))
    return seal(key, place, text, secrets.token_bytes(NONCE_BYTES))


def _keys_of(subjects: set[str], keys: KeyProvider) -> dict[str, AESGCM]:
    stored = SUBJECT_KEY.c
    found = op.get_bind().execute(sa.select(SUBJECT_KEY).where(stored.id.in_(subjects)))
    return {
        row.id: AESGCM(keys.unwrap(row.id, WrappedKey(row.master_version, row.wrapped_key)))
        for row in found
    }
