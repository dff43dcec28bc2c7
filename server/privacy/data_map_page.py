"""The data map as a page: by category for whoever asks what is held, then table by table."""

from server.privacy.data_map_rules import DataMap, MappedTable
from server.privacy.plain_page import FOOT, head, paragraph, section, table
from server.privacy.term_words import name_words


def as_html(mapped: DataMap) -> str:
    """The map for people, as it lies in the docs."""
    parts = [
        head("What SecuHome holds about people"),
        paragraph(
            "All personal data in the database, made from the labels of its columns. Columns that "
            "say nothing about a person, ids and links among them, are left away."
        ),
        section("By category", "categories"),
        table(("Category", "Purpose", "How long", "Held in", "Recipients"), _by_category(mapped)),
        section("Recipients", "recipients"),
        _recipients(mapped),
    ]
    for it in mapped.tables:
        parts += [_table(it)]
    return "".join(parts) + FOOT


def _by_category(mapped: DataMap) -> list[tuple[str, ...]]:
    places: dict[tuple[str, str, str], list[str]] = {}
    for it in mapped.tables:
        for column in it.columns:
            use = (column.category, column.purpose, column.term)
            places.setdefault(use, []).append(f"{it.table}.{column.column}")
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
    titles = (
        "Column",
        "Category",
        "Purpose",
        "How long",
        "Erasure",
        "In the export",
        "How it came",
    )
    rows = (
        (
            at.column,
            at.category,
            at.purpose,
            at.term,
            at.on_erasure,
            at.in_export,
            "stored with it" if at.collected else "",
        )
        for at in it.columns
    )
    return (
        section(name_words(it.table), it.table)
        + paragraph(it.about)
        + paragraph(f"Whose: {'; '.join(it.whose)}")
        + table(titles, rows)
    )
