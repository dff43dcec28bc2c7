"""Nothing is kept in a browser but what the register names, and people read of all of it."""

import re
from pathlib import Path
from typing import Final

import pytest

from server.accounts import cookies
from server.foundation.answer_headers import REGISTERED
from server.foundation.http_edge import HEADERS, HSTS
from tests.house.cookie_register import ANSWERED, KEPT, SENT, TAGS, table
from tests.house.sources import ROOT, files, name_of, python

pytestmark = pytest.mark.house

PAGE: Final = (ROOT / "server" / "web" / "app" / "views" / "cookies.js").read_text()
READS: Final = re.compile(
    r"""request\.headers\.(?:get|getall|getlist)\(\s*["']([\w-]+)["']"""
    r"""|\(b"([\w-]+)", b"1"\) in scope"""
)
KEEPS: Final = re.compile(
    r"\b(localStorage|sessionStorage|indexedDB|caches|serviceWorker|cookieStore|document\.cookie)\b"
)
SETS_COOKIES: Final = {
    "server/accounts/cookies.py",
    "server/foundation/answer_headers.py",  # which lets no others leave
}
KEEPS_KEYS: Final = {"server/web/app/phone_key.js"}
WEB: Final = tuple(path for path in files(".js") if name_of(path).startswith("server/web/"))


def test_the_register_has_what_the_code_sets_and_nothing_else():
    (database,) = (path for path in WEB if name_of(path) in KEEPS_KEYS)
    (store,) = set(re.findall(r'createObjectStore\(["\']?(\w+)', database.read_text()))
    known = re.search(rf'{store}\s*=\s*"(\w+)"', database.read_text())
    kept = known[1] if known else store
    assert set(table(KEPT)) == cookies.NAMES | {kept}
    assert set(table(ANSWERED)) == {name.decode() for name in REGISTERED}
    assert {name for name, _ in (*HEADERS, HSTS)} < REGISTERED


@pytest.mark.parametrize("heading", [KEPT, TAGS, ANSWERED, SENT])
def test_each_row_says_all_that_its_table_asks(heading: str):
    rows = table(heading)
    assert len({len(cells) for cells in rows.values()}) == 1
    assert all(all(cells) for cells in rows.values())


def test_each_item_that_is_kept_has_a_category():
    for item, (_kind, _by, category, *_) in table(KEPT).items():
        assert category.split(";")[0] in ("necessary", "functional", "analytics"), item


def test_what_we_read_of_a_browsers_headers_is_told():
    ours = python("server", "signaling", "devices/registry", "devices/pairing", "devices/warranty")
    read = {
        (lower or plain).lower()
        for path in ours
        if not name_of(path).startswith("server/demo/")
        for plain, lower in READS.findall(path.read_text())
    }
    told = {name for name, (reads, _keeps) in table(SENT).items() if reads != "nothing"}
    assert len(read) > 6
    assert read <= told


def test_people_read_of_each_item():
    for item in table(KEPT):
        assert item in PAGE


@pytest.mark.parametrize("path", python("server", "signaling", "devices"), ids=name_of)
def test_cookies_are_set_in_one_place(path: Path):
    """A cookie that is set elsewhere is one that nobody entered in the register."""
    sets = re.search(r"\.set_cookie\(|set-cookie", path.read_text(), re.IGNORECASE)
    assert not sets or name_of(path) in SETS_COOKIES


@pytest.mark.parametrize("path", WEB, ids=name_of)
def test_a_page_keeps_nothing_but_the_phones_key(path: Path):
    assert not KEEPS.search(path.read_text()) or name_of(path) in KEEPS_KEYS
