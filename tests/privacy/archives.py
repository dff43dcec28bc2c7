"""An export as those who get it read it: JSON by its members, the page by its tables."""

import io
import json
import re
import zipfile
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final

CAME_BY: Final = re.compile(r" \(came by [a-z ]+\)$")


@dataclass(frozen=True)
class Archive:
    """An export that was opened."""

    data: dict[str, Any]
    page: str
    data_text: str

    @classmethod
    def of(cls, body: bytes) -> "Archive":
        """Open it; every file's check sum is compared."""
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            assert archive.testzip() is None
            assert sorted(archive.namelist()) == ["data.json", "index.html", "signature.jws"]
            text = archive.read("data.json").decode()
            return cls(json.loads(text), archive.read("index.html").decode(), text)

    def records(self, table: str) -> list[dict[str, Any]]:
        """The values of a table's rows in the JSON."""
        (told,) = [it for it in self.data["tables"] if it["table"] == table]
        return [record["values"] for record in told["records"]]

    def cells(self, table: str) -> list[list[str]]:
        """The rows of a table on the page, without its head and without how values came."""
        parser = _Tables()
        parser.feed(self.page)
        return [[CAME_BY.sub("", cell) for cell in row] for row in parser.rows[table]]


class _Tables(HTMLParser):
    """Collects the cells below each heading with an id."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[list[str]]] = {}
        self._section, self._cell = "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "h2":
            self._section = dict(attrs)["id"] or ""
            self.rows[self._section] = []
        elif tag == "tr" and self._section:
            self.rows[self._section].append([])
        elif tag == "td":
            self._cell = True
            self.rows[self._section][-1].append("")
        assert tag != "script"

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._cell = False
        elif tag == "thead":
            self.rows[self._section].pop()

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[self._section][-1][-1] += data
