"""The data map as a page: by category for whoever asks what is held, then table by table."""

from typing import Final

from server.privacy.data_map_rules import DataMap, MappedColumn, MappedTable
from server.privacy.plain_page import FOOT, head, paragraph, section, table
from server.privacy.term_words import name_words

HELD: Final = ("Category", "Purpose", "How long", "Erasure", "In the export", "How it came")


def as_html(mapped: DataMap) -> str:
    """The map for people, as it lies in the docs."""
    parts = [
        head("What SecuHome holds about people"),
        paragraph(
            "All personal data in the database and in files, made from their labels. Columns that "
            "say nothing about a person, ids and links among them, are left away."
        ),
        section("By category", "categories"),
        table(("Category", "Purpose", "How long", "Held in", "Recipients"), _by_category(mapped)),
        section("Recipients", "recipients"),
        _recipients(mapped),
    ]
    for it in mapped.tables:
        parts += [_table(it)]
    parts += [section("Files", "files"), *(paragraph(it.about) for it in mapped.files)]
    parts += [table(("File", *HELD), (_held(it.held) for it in mapped.files))]
    return "".join(parts) + FOOT


def _by_category(mapped: DataMap) -> list[tuple[str, ...]]:
    places: dict[tuple[str, str, str], list[str]] = {}
    for it in mapped.tables:
        for column in it.columns:
            use = (column.category, column.purpose, column.term)
            places.setdefault(use, []).append(f"{it.table}.{column.column}")
    for held in (it.held for it in mapped.files):
        places.setdefault((held.category, held.purpose, held.term), []).append(held.column)
    return [
        (*use, ", ".join(columns), ", ".join(_receiving(mapped, use[0])) or "nobody")
        for use, columns in sorted(places.items())
    ]


def _receiving(mapped: DataMap, category: str) -> list[str]:
    return [it.name for it in mapped.recipients if category in it.categories]


def _recipients(mapped: DataMap) -> str:
    if not mapped.recipients:
        return paragraph("Nobody outside receives personal data.")
    rows = ((it.name, it.ground, ", ".join(it.categories)) for it in mapped.recipients)
    return table(("Recipient", "Ground", "Categories"), rows)


def _table(it: MappedTable) -> str:
    return (
        section(name_words(it.table), it.table)
        + paragraph(it.about)
        + paragraph(f"Whose: {'; '.join(it.whose)}")
        + table(("Column", *HELD), map(_held, it.columns))
    )


def _held(it: MappedColumn) -> tuple[str, ...]:
    came = "stored with it" if it.collected else ""
    return it.column, it.category, it.purpose, it.term, it.on_erasure, it.in_export, came
