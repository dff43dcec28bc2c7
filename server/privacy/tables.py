"""Who accepted which text of the policy, and when. Rows are added and never changed."""

from datetime import datetime
from typing import Any, ClassVar, Final

from sqlalchemy import DDL, UniqueConstraint, event
from sqlmodel import SQLModel

from server.foundation.columns import UtcMoment
from server.foundation.labels import AfterAccountEnds, OnErasure, Why, days, link, personal, plain

# The usual time within which claims can be made, three years. While the account lasts, the
# acceptance that it stands on is needed, however old it is.
CLAIMS_ARISE = AfterAccountEnds(days(3 * 366))


def evidence(category: str, **field: Any) -> Any:
    """A column that is kept to prove what somebody agreed to."""
    return personal(
        category, why=Why.EVIDENCE, keep=CLAIMS_ARISE, on_erasure=OnErasure.KEEP, **field
    )


class PolicyAcceptance(SQLModel, table=True):
    """One acceptance. Version and fingerprint are those of the text that was shown."""

    __tablename__: ClassVar[Any] = "policy_acceptance"
    __table_args__ = (UniqueConstraint("account_id", "version"),)

    id: str = plain(primary_key=True, max_length=64)  # pol_…
    account_id: str = link("account.id", on_erasure=OnErasure.KEEP)
    version: str = evidence("acceptance of the policy", max_length=32)
    sha256: str = evidence("acceptance of the policy", max_length=64)
    accepted_at: datetime = evidence("acceptance of the policy", sa_type=UtcMoment)


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

for dialect, statements in APPEND_ONLY.items():
    for statement in statements:
        event.listen(
            SQLModel.metadata.tables["policy_acceptance"],
            "after_create",
            DDL(statement.replace("%", "%%")).execute_if(dialect=dialect),
        )
