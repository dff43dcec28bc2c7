"""A page that a person can open without us: no script, no address but its own, words escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

HEAD: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 0 auto; padding: 1rem; }}
h2 {{ margin-top: 2.5rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
caption {{ text-align: left; padding: .5rem 0; }}
th, td {{ border: 1px solid #8888; padding: .4rem .6rem; text-align: left; vertical-align: top; }}
th {{ background: #8882; }}
td {{ overflow-wrap: break-word; min-width: 7rem; max-width: 24rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
"""
FOOT: Final = "</main>\n</body>\n</html>\n"


def head(title: str) -> str:
    """The page up to its heading."""
    return HEAD.format(title=escape(title))


def section(title: str, name: str) -> str:
    """A heading that a link `#name` leads to."""
    return f'<h2 id="{escape(name)}">{escape(title)}</h2>\n'


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>\n"


def table_head(titles: Sequence[str]) -> str:
    """The start of a table, up to its first row."""
    cells = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    return f'<div class="scroll"><table>\n<thead><tr>{cells}</tr></thead>\n<tbody>\n'


def table_row(cells: Iterable[str]) -> str:
    """One row; every cell is text."""
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>\n"


TABLE_FOOT: Final = "</tbody>\n</table></div>\n"


def table(titles: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    """A whole table."""
    return table_head(titles) + "".join(table_row(row) for row in rows) + TABLE_FOOT
