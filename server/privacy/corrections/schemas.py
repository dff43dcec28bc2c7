"""What the routes of corrections and deletions take and give."""

from datetime import date
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints

from server.foundation.correction_rules import FieldKind
from server.foundation.wire import Incoming, Outgoing
from server.privacy.corrections.deletion_rules import Kept
from server.privacy.corrections.fields import CorrectableField

MOST: Final = 100  # corrections in one request; a form has a few
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,64}\.[a-z0-9_]{1,64}$")]
RowId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,64}$")]
GivenValue = Annotated[str, StringConstraints(max_length=1024)]
CategoryText = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class FieldOut(Outgoing):
    """A field of the form. `row` is null for the account's own, else one of several alike.

    What isn't `required` may be set to null. A date's `value` is `YYYY-MM-DD`.
    """

    field: str
    row: str | None
    category: str
    label: str
    value: str | None
    kind: FieldKind
    choices: list[str] | None
    max_length: int | None
    required: bool

    @classmethod
    def of(cls, it: CorrectableField) -> Self:
        """The field on the wire."""
        rule = it.correction
        return cls(
            field=it.name,
            row=it.row,
            category=it.category,
            label=rule.label,
            value=it.value,
            kind=rule.kind,
            choices=list(rule.choices) if rule.choices is not None else None,
            max_length=rule.max_length,
            required=rule.required,
        )


class FieldsOut(Outgoing):
    """Everything that the caller may put right."""

    fields: list[FieldOut]


class CorrectionIn(Incoming):
    """One field with its new value; null or blank text empties it."""

    field: FieldName
    row: RowId | None = None
    value: GivenValue | None


class CorrectionsIn(Incoming):
    """Corrections that are stored together, or not at all."""

    corrections: Annotated[list[CorrectionIn], Field(min_length=1, max_length=MOST)]


class DeletionIn(Incoming):
    """The category to delete, as `/v1/privacy/held` calls it."""

    category: CategoryText


class KeptOut(Outgoing):
    """What stays of a category, why, and until which day where one is known."""

    category: str
    why: str
    until: date | None

    @classmethod
    def of(cls, it: Kept) -> Self:
        """The same on the wire."""
        return cls(category=it.category, why=it.why, until=it.until)


class DeletionOut(Outgoing):
    """How many values are gone, and what stays."""

    category: str
    deleted: int
    kept: list[KeptOut]
