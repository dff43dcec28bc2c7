"""Nothing is kept in a browser but what the register names, and people read of all of it."""

import re
from pathlib import Path
from typing import Final

import pytest

from server.accounts import cookies
from tests.house.sources import ROOT, files, name_of, python

pytestmark = pytest.mark.house

REGISTER: Final = (ROOT / "docs" / "cookies.md").read_text()
PAGE: Final = (ROOT / "server" / "web" / "app" / "views" / "cookies.js").read_text()
ITEM: Final = re.compile(r"^\| `(?:secuhome` / `)?(\w+)` \|", re.MULTILINE)
KEEPS: Final = re.compile(
    r"\b(localStorage|sessionStorage|indexedDB|caches|serviceWorker|cookieStore|document\.cookie)\b"
)
SETS_COOKIES: Final = {"server/accounts/cookies.py"}
KEEPS_KEYS: Final = {"server/web/app/phone_key.js"}
WEB: Final = tuple(path for path in files(".js") if name_of(path).startswith("server/web/"))


def test_the_register_has_what_the_code_sets_and_nothing_else():
    (database,) = (path for path in WEB if name_of(path) in KEEPS_KEYS)
    (store,) = set(re.findall(r'createObjectStore\(["\']?(\w+)', database.read_text()))
    known = re.search(rf'{store}\s*=\s*"(\w+)"', database.read_text())
    kept = known[1] if known else store
    assert set(ITEM.findall(REGISTER)) == {cookies.REFRESH, cookies.SIGN_IN, kept}


def test_people_read_of_each_item():
    for item in ITEM.findall(REGISTER):
        assert item in PAGE


@pytest.mark.parametrize("path", python("server", "signaling", "devices"), ids=name_of)
def test_cookies_are_set_in_one_place(path: Path):
    """A cookie that is set elsewhere is one that nobody entered in the register."""
    sets = re.search(r"\.set_cookie\(|set-cookie", path.read_text(), re.IGNORECASE)
    assert not sets or name_of(path) in SETS_COOKIES


@pytest.mark.parametrize("path", WEB, ids=name_of)
def test_a_page_keeps_nothing_but_the_phones_key(path: Path):
    assert not KEEPS.search(path.read_text()) or name_of(path) in KEEPS_KEYS
