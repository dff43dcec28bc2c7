"""The tables of `docs/cookies.md`: what a browser keeps, loads and sends."""

import re
from functools import cache
from typing import Final

from tests.house.sources import page

KEPT: Final = "Kept"
TAGS: Final = "Tags"
ANSWERED: Final = "Headers of our answers"
SENT: Final = "Headers that a browser sends"
ROW: Final = re.compile(r"^\| `([^|]+)` \|(.+)\|$", re.MULTILINE)


@cache
def table(heading: str) -> dict[str, tuple[str, ...]]:
    """The rows below a heading by their item, without its backticks; a store by its own name."""
    sections = re.split(r"^## (.+)$", page("docs/cookies.md"), flags=re.MULTILINE)
    text = sections[sections.index(heading) + 1]
    rows = {name.split("` / `")[-1]: more for name, more in ROW.findall(text)}
    return {name: tuple(cell.strip() for cell in more.split("|")) for name, more in rows.items()}
