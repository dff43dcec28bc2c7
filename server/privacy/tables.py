"""Who accepted which text of the policy, and chose which purposes, and when; links to exports.

What was accepted or chosen is added and never changed: the database itself refuses to rewrite it.
"""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import DDL, LargeBinary, UniqueConstraint, event
from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import (
    ACCOUNT_LIFE,
    AfterAccountEnds,
    OnErasure,
    Why,
    days,
    link,
    personal,
    plain,
)

# The usual time within which claims can be made, three years. While the account lasts, the
# acceptance that it stands on is needed, however old it is.
CLAIMS_ARISE = AfterAccountEnds(days(3 * 366))
IN_THE_CHAIN: Final = "a word of a closed list in the chain, which outlives the account's key"
SAME_FOR_ALL: Final = "names a published text, and must be readable when the account's key is gone"


def evidence(category: str, **field: Any) -> Any:
    """A column that is kept to prove what somebody agreed to."""
    return personal(
        category, why=Why.EVIDENCE, keep=CLAIMS_ARISE, on_erasure=OnErasure.KEEP, **field
    )


class PolicyAcceptance(SQLModel, table=True):
    """You accepted the policy: which version, and the fingerprint of the text you were shown."""

    __tablename__: ClassVar[Any] = "policy_acceptance"
    __table_args__ = (UniqueConstraint("account_id", "version"),)

    id: str = plain(primary_key=True, max_length=64)  # pol_…
    account_id: str = link("account.id", on_erasure=OnErasure.KEEP)
    version: str = evidence("acceptance of the policy", plain_because=SAME_FOR_ALL, max_length=32)
    sha256: str = evidence("acceptance of the policy", plain_because=SAME_FOR_ALL, max_length=64)
    accepted_at: datetime = evidence("acceptance of the policy", sa_type=UtcMoment)


class Consent(SQLModel, table=True):
    """One choice of yours about one purpose: consent given, or withdrawn.

    The next choice is another row. `chain` is a keyed hash over this row and the account's row
    before it (`consent_rules.py`): over what stays readable when the account's key is destroyed,
    and nothing else.
    """

    __tablename__: ClassVar[Any] = "consent"
    __table_args__ = (UniqueConstraint("account_id", "number"),)

    id: str = plain(primary_key=True, max_length=64)  # con_…
    account_id: str = link("account.id", on_erasure=OnErasure.KEEP)
    number: int = plain()  # from 1, within the account
    purpose: str = evidence("choice about a purpose", plain_because=IN_THE_CHAIN, max_length=32)
    state: str = evidence("choice about a purpose", plain_because=IN_THE_CHAIN, max_length=16)
    policy_version: str = plain(max_length=32)
    text_sha256: str = plain(max_length=64)
    at: datetime = evidence("choice about a purpose", sa_type=UtcMoment)
    receipt: str | None = personal(  # compact JWS; goes with the key, its owner has a copy
        "receipt of a choice",
        why=Why.EVIDENCE,
        keep=CLAIMS_ARISE,
        on_erasure=OnErasure.DELETE,
        sealed_for="account_id",
    )
    chain: bytes = plain(sa_type=LargeBinary)


class PolicyLetter(SQLModel, table=True):
    """One letter that told you of a change of the policy."""

    __tablename__: ClassVar[Any] = "policy_letter"
    __table_args__ = (UniqueConstraint("account_id", "version"),)

    id: str = plain(primary_key=True, max_length=64)  # plt_…
    account_id: str = link("account.id", on_erasure=OnErasure.DELETE)
    version: str = plain(max_length=32)
    sent_at: datetime = personal(
        "notice of a changed policy",
        why=Why.EVIDENCE,
        keep=ACCOUNT_LIFE,
        on_erasure=OnErasure.DELETE,
        sa_type=UtcMoment,
    )


class PublishedContacts(SQLModel, table=True):
    """Who answered for the data, and where, from `since` on. A company's own, not about a person.

    `notice` names what told people of the change; `policy_version` is what was in force then.
    """

    __tablename__: ClassVar[Any] = "published_contacts"

    number: int = plain(primary_key=True)  # from 1
    policy_version: str = plain(max_length=32)
    since: datetime = plain(sa_type=UtcMoment)
    controller: str = plain(max_length=200)
    department: str = plain(max_length=200)
    mailbox: str = plain(max_length=320)
    post: str = plain(max_length=500)
    notice: str = plain(max_length=200)


# The database itself refuses to rewrite an acceptance. Migrations run these too.
APPEND_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "sqlite": (
        """CREATE TRIGGER policy_acceptance_append_only BEFORE UPDATE ON policy_acceptance
        BEGIN SELECT RAISE(ABORT, 'policy_acceptance is append-only'); END""",
    ),
    "postgresql": (
        """CREATE OR REPLACE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$""",
        """CREATE TRIGGER policy_acceptance_append_only BEFORE UPDATE ON policy_acceptance
        FOR EACH ROW EXECUTE FUNCTION refuse_rewriting()""",
    ),
}

# Choices are not deleted either, as long as their account has a key: until it is erased. With the
# key their receipts go, and nothing else of them.
CONSENT_APPEND_ONLY: Final[dict[str, tuple[str, ...]]] = {
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

for table, guards in (("policy_acceptance", APPEND_ONLY), ("consent", CONSENT_APPEND_ONLY)):
    for dialect, statements in guards.items():
        for statement in statements:
            event.listen(
                SQLModel.metadata.tables[table],
                "after_create",
                DDL(statement.replace("%", "%%")).execute_if(dialect=dialect),
            )
