"""An issue as a file: `Subject: …`, an empty line, plain text in UTF-8."""

from dataclasses import dataclass
from typing import Final

from server.privacy.news.errors import UnfitIssue

LONGEST_SUBJECT: Final = 150  # characters
LONGEST_TEXT: Final = 50_000  # characters; far more than anybody reads
BEGINS: Final = "Subject:"


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be sent."""

    subject: str
    text: str


def read_draft(raw: bytes) -> Draft:
    """What the file says. Raises UnfitIssue for anything that can't go out as it is."""
    try:
        content = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise UnfitIssue("the file is not UTF-8") from None
    first, separator, text = content.partition("\n\n")
    subject = first.removeprefix(BEGINS).strip()
    if not first.startswith(BEGINS) or "\n" in subject or not separator:
        raise UnfitIssue("begin with one line `Subject: …`, then an empty line, then the text")
    if not subject or len(subject) > LONGEST_SUBJECT or not subject.isprintable():
        raise UnfitIssue(f"the subject has 1 to {LONGEST_SUBJECT} printable characters")
    text = text.strip("\n")
    if not text.strip() or len(text) > LONGEST_TEXT or "\x00" in text:
        raise UnfitIssue(f"the text has 1 to {LONGEST_TEXT} characters")
    return Draft(subject, text)
