"""The data map: every column and file with personal data, made from the labels (GDPR Art. 30).

`secuhome data-map` prints it; `docs/data-map.json` and `docs/data-map.html` are what it printed,
and a test compares them.
"""

from typing import Final

import msgspec
from sqlalchemy import Column, MetaData, Table
from sqlmodel import SQLModel

from server.foundation.file_labels import FileLabel, labelled_files
from server.foundation.labels import AfterAccountEnds, Personal, UntilAccountEnds, label_of
from server.foundation.table_labels import row_label
from server.privacy.data_map_rules import (
    UNTIL_ACCOUNT_ENDS,
    DataMap,
    MappedColumn,
    MappedFile,
    MappedTable,
    Recipient,
)
from server.privacy.subject_paths import has_personal_data, model_of, ways, why_no_account
from server.privacy.term_words import term_words

# Nobody outside gets personal data so far. Who does stands here, before the first byte leaves.
RECIPIENTS: Final[tuple[Recipient, ...]] = ()
THE_VALUE: Final = "the value"


def data_map(metadata: MetaData | None = None) -> DataMap:
    """The map of every known table with personal data, in order of their names."""
    tables = sorted((metadata or SQLModel.metadata).tables.values(), key=lambda it: it.name)
    return DataMap(
        tuple(_mapped(it) for it in tables if has_personal_data(it)),
        RECIPIENTS,
        tuple(_file(it, it.label) for it in labelled_files() if it.label is not None),
    )


def as_json(mapped: DataMap) -> str:
    """The map for machines, as it lies in the docs."""
    return msgspec.json.format(msgspec.json.encode(mapped), indent=2).decode() + "\n"


def from_json(text: str) -> DataMap:
    """A map that was printed earlier. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(text, type=DataMap)


def personal_columns(table: Table) -> tuple[tuple[Column[object], Personal], ...]:
    """The columns of a table that hold personal data, with their labels."""
    labels = ((column, label_of(column)) for column in table.columns)
    return tuple((column, label) for column, label in labels if isinstance(label, Personal))


def about(table: Table) -> str:
    """What a row of the table is, in the first line of its class's description."""
    return (model_of(table).__doc__ or "").strip().split("\n", 1)[0]


def _mapped(table: Table) -> MappedTable:
    why = why_no_account(table)
    return MappedTable(
        table=str(table.name),
        about=about(table),
        whose=(f"nobody's account: {why}",) if why else ways(table),
        columns=tuple(_column(table, *it) for it in personal_columns(table)),
    )


def _column(table: Table, column: Column[object], label: Personal) -> MappedColumn:
    return _held(str(column.name), label, row_label(table).counted)


def _file(it: FileLabel, label: Personal) -> MappedFile:
    return MappedFile(it.about, _held(it.pattern, label, it.counted))


def _held(name: str, label: Personal, counted: str | None) -> MappedColumn:
    days, counted_after = _reach(label, counted)
    return MappedColumn(
        column=name,
        category=label.category,
        purpose=label.why.value,
        term=term_words(label.keep, counted),
        days=days,
        counted=counted_after,
        on_erasure=label.on_erasure.value,
        in_export=label.told_as or THE_VALUE,
        collected=label.collected or label.collected_with is not None,
    )


def _reach(label: Personal, counted: str | None) -> tuple[int, str]:
    match label.keep:
        case UntilAccountEnds():
            return 0, UNTIL_ACCOUNT_ENDS
        case AfterAccountEnds(further):
            return further.days, UNTIL_ACCOUNT_ENDS
        case term:
            return term.days, counted or ""
