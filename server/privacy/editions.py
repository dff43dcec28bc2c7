"""Every version of the policy that ever was in force. A text never changes once it is here.

The table holds each text's fingerprint, so that a changed letter stops the start: what people
accepted must stay readable as it was. A new text is a new file and a new row, and the row says
which rights the text gives: one that gives fewer binds only who expressly agrees to it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "policy"


class Right(StrEnum):
    """What a policy lets people do. An answer in fewer days is a further right."""

    READ = "read what is held"
    COPY = "get a copy"
    CORRECT = "have it corrected"
    DELETE = "have it deleted"
    OBJECT = "object to a use"
    WITHDRAW = "take consent back"
    CLOSE = "close the account"
    COMPLAIN = "complain to an authority"
    FREE = "pay nothing for it"
    ANSWER_IN_15_DAYS = "an answer within fifteen working days"
    CLOSED_IN_10_DAYS = "a closed account within ten working days"


EVERY_RIGHT: Final = frozenset(Right)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version, in one language. `sha256` is of `html` in UTF-8."""

    version: str
    in_force_since: datetime
    language: str
    sha256: str
    html: str = field(repr=False)
    rights: frozenset[Right] = EVERY_RIGHT


ROWS: Final = (
    # version, in force since, language, SHA-256 of the text, rights; the oldest first
    (
        "2026-11-24",
        datetime(2026, 11, 24, tzinfo=UTC),
        "en",
        "fb8665ae571401c11040b962eb30fe7f942563d8436bf9197096152908aa91bd",
        EVERY_RIGHT,
    ),
)


class AlteredPolicy(Exception):  # noqa: N818 - says what was found
    """A text isn't the one that people accepted. The message names its version."""


def load_editions(folder: Path = FOLDER) -> tuple[Edition, ...]:
    """All versions, the oldest first. Raises AlteredPolicy, and OSError for a missing text."""
    return tuple(_load(folder, *row) for row in ROWS)


def _load(
    folder: Path,
    version: str,
    since: datetime,
    language: str,
    sha256: str,
    rights: frozenset[Right],
) -> Edition:
    text = (folder / f"{version}.html").read_bytes()
    if hashlib.sha256(text).hexdigest() != sha256:
        raise AlteredPolicy(f"policy {version}: the text differs from its fingerprint in editions")
    return Edition(version, since, language, sha256, text.decode(), rights)
