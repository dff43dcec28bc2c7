"""The letter about an account that was cancelled. It goes before the address does."""

from datetime import datetime

from server.foundation.mail import Letter
from server.privacy.term_words import value_words


def cancelled_letter(to: str, ends_at: datetime, due: str, address: str) -> Letter:
    """To the owner: until when it can be taken back, and where the certificate will be."""
    return Letter(
        to,
        "Your SecuHome account was cancelled",
        f"Hello,\n\nyour SecuHome account was cancelled. It will be erased after "
        f"{value_words(ends_at)}, and by {due} at the latest.\n\nUntil then you can take it back: "
        "sign in and choose to take it back. If you did not cancel it yourself, do so now, and "
        "change your password.\n\nA signed certificate of what was erased will be at this "
        f"address. Keep it to yourself; it needs no account:\n\n    {address}\n",
    )
