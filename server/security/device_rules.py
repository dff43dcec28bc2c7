"""What is kept of a browser's self-description: two words, by which its owner knows it again.

The whole User-Agent would be a fingerprint. What isn't in these tables is "Unknown".
"""

import re
from typing import Final

LONGEST_READ: Final = 512  # characters; honest ones have 100 to 250

# The first row that is found counts: each of them also names those below it.
APPS: Final = (
    (re.compile(r"SecuHome"), "SecuHome app"),
    (re.compile(r"Edg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"SamsungBrowser/"), "Samsung Internet"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/|Chromium/"), "Chrome"),
    (re.compile(r"Version/[\d.]+ .*Safari/"), "Safari"),
)
SYSTEMS: Final = (
    (re.compile(r"iPhone|iPad|iPod"), "iOS"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)


def device_family(user_agent: str) -> str:
    """Such as "Chrome on Android"; "Unknown" for whatever stands in neither table."""
    text = user_agent[:LONGEST_READ]
    app = next((name for pattern, name in APPS if pattern.search(text)), None)
    system = next((name for pattern, name in SYSTEMS if pattern.search(text)), None)
    return " on ".join(part for part in (app, system) if part) or "Unknown"
