"""The letter about a copy that can be fetched."""

from datetime import datetime

from server.foundation.mail import Letter
from server.privacy.term_words import value_words


def copy_letter(to: str, number: str, code: str, expires_at: datetime) -> Letter:
    """To whoever asked: with the code, which opens nothing without the request's own link."""
    return Letter(
        to,
        f"Your copy for the request {number}",
        f"Hello,\n\nall that SecuHome holds about the account can be fetched now. Open the page of "
        f"your request {number} by the link in our letter of receipt, and type this code:\n\n    "
        f"{code}\n\nIt works once, until {value_words(expires_at)}. We never ask for it by phone "
        "or mail. If you did not ask for this, do nothing, and tell us.\n",
    )
