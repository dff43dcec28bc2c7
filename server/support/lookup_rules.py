"""What a look needs: somebody with a name, a case by its number, and a reason in words."""

import re
from typing import Final

# As case systems number: 4711, SUP-2026-0042. It is shown to the owner, so it can hold no text.
CASE_NUMBER: Final = re.compile(r"(?:[A-Z]{1,8}-)?[0-9]{1,12}(?:-[0-9]{1,8})?")
SHORTEST_REASON: Final = 10  # characters; "asked" is no reason that a reviewer could check
LONGEST_REASON: Final = 500
LONGEST_NAME: Final = 64


def is_staff_name(text: str) -> bool:
    """Whether somebody on the staff could be called so: one line of printable characters."""
    return 1 <= len(text) <= LONGEST_NAME and text.isprintable() and text == text.strip()


def is_case_number(text: str) -> bool:
    """Whether this is written as case numbers are."""
    return CASE_NUMBER.fullmatch(text) is not None


def fault_of_reason(text: str) -> str | None:
    """What is wrong with a reason; None for one that a reviewer can read."""
    if not all(sign.isprintable() or sign == "\n" for sign in text):
        return "only printable characters"
    if not SHORTEST_REASON <= len(text) <= LONGEST_REASON:
        return f"{SHORTEST_REASON} to {LONGEST_REASON} characters"
    return None if sum(sign.isalpha() for sign in text) >= SHORTEST_REASON // 2 else "words"


def told_to_owner(camera_name: str, case_number: str) -> str:
    """How a look is named in the owner's history: which camera, which case, never the reason."""
    return f"{camera_name} (case {case_number})"
