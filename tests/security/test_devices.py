"""Device families: two words that the owner knows again, and no fingerprint."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.security.device_rules import APPS, SYSTEMS, device_family

MOZILLA = "Mozilla/5.0"
KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"


IPHONE = f"{MOZILLA} (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1"
KNOWN = {
    f"{MOZILLA} (Linux; Android 16; K) {KHTML} Chrome/156.0 Mobile Safari/537": "Chrome on Android",
    f"{MOZILLA} (Windows NT 10.0; x64) {KHTML} Chrome/156 Safari/537 Edg/156": "Edge on Windows",
    f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15) Version/19.0 Safari/605.1": "Safari on macOS",
    f"{IPHONE} Version/19.0 Mobile/15E148 Safari/604.1": "Safari on iOS",
    f"{IPHONE} CriOS/156.0 Mobile/15E148 Safari/604.1": "Chrome on iOS",
    f"{MOZILLA} (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0": "Firefox on Linux",
    f"{MOZILLA} (Linux; Android 15) {KHTML} SamsungBrowser/30.0 Chrome/140 Safari/5": (
        "Samsung Internet on Android"
    ),
    "SecuHome/1.4 (Android 16)": "SecuHome app on Android",
    "python-httpx/0.28.1": "Unknown",
    "": "Unknown",
}


@pytest.mark.parametrize(("user_agent", "family"), KNOWN.items())
def test_a_browser_is_known_by_family_and_system(user_agent: str, family: str) -> None:
    assert device_family(user_agent) == family


@given(st.text(max_size=2000))
def test_nothing_but_our_own_words_is_kept(user_agent: str) -> None:
    words = {name for _, name in (*APPS, *SYSTEMS)} | {"Unknown"}
    assert set(device_family(user_agent).split(" on ")) <= words
