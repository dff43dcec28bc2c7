"""The letters about an account that ends. They go before the address does."""

from collections.abc import Callable
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


def idle_letter(to: str, ends_at: datetime) -> Letter:
    """To the owner of an account that nobody uses: when it ends, and what keeps it."""
    return Letter(
        to,
        "Your SecuHome account is not used any more",
        f"Hello,\n\nnobody has used your SecuHome account for a long time, and no camera of yours "
        f"was online. After {value_words(ends_at)} we will cancel it and erase what we hold about "
        "you.\n\nIf you want to keep it, sign in once before that, or switch a camera on. If you "
        "don't, do nothing.\n",
    )


def idle_ended_letter(to: str, ends_at: datetime, due: str, address: str) -> Letter:
    """To the owner: the account was cancelled because it lay idle; else as `cancelled_letter`."""
    return Letter(
        to,
        "Your SecuHome account was cancelled",
        "Hello,\n\nyour SecuHome account was cancelled because nobody has used it for a long "
        f"time, as we wrote to you. It will be erased after {value_words(ends_at)}, and by {due} "
        "at the latest.\n\nUntil then you can take it back: sign in and choose to take it back."
        "\n\nA signed certificate of what was erased will be at this address. Keep it to "
        f"yourself; it needs no account:\n\n    {address}\n",
    )


def ceased_letter(reason: str) -> Callable[[str, datetime, str, str], Letter]:
    """To the owner: we don't serve them any longer, why, and that all is erased."""

    def write(to: str, _ends_at: datetime, due: str, address: str) -> Letter:
        return Letter(
            to,
            "SecuHome has ended your account",
            f"Hello,\n\nwe don't go on with our service for you. {reason}\n\nYour account has "
            f"ended, and what we hold about you is erased now, by {due} at the latest. What a law "
            "makes us keep is named, with its last day, in a signed certificate. It will be at "
            f"this address. Keep it to yourself; it needs no account:\n\n    {address}\n",
        )

    return write
