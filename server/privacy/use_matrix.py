"""Which column may serve which purpose: a closed matrix, made of the labels and the purposes.

A column serves the purpose of its label. Any further use is named in the purpose's `also_uses`,
and in its text, so that nobody's yes covers a use that the text didn't tell. Everything else is
no pair: the gate raises `UndeclaredUse`.
"""

from collections.abc import Sequence

from sqlmodel import SQLModel

from server.foundation.labels import Personal, labelled_columns
from server.foundation.purposes import Uses
from server.privacy.purposes import DeclaredPurpose


def labels_by_column() -> dict[str, Personal]:
    """Every column with personal data, as `table.column`, with its label."""
    labelled = labelled_columns(list(SQLModel.metadata.tables.values()))
    return {str(column): label for column, label in labelled if isinstance(label, Personal)}


def uses_of(declared: Sequence[DeclaredPurpose]) -> Uses:
    """The columns that each purpose may use. Raises LookupError for one that there isn't."""
    labels = labels_by_column()
    for row in declared:
        if strangers := set(row.also_uses) - labels.keys():
            raise LookupError(f"{row.code} uses what there isn't: {sorted(strangers)}")
    return {
        row.code: frozenset(row.also_uses)
        | {name for name, label in labels.items() if label.why in row.covers}
        for row in declared
    }
