"""The letters: the one that asks, and the one that brings an issue."""

from dataclasses import dataclass

from server.foundation.mail import Letter
from server.foundation.settings import Settings
from server.privacy.news.links import Act
from server.privacy.news.tables import NewsIssue
from server.privacy.purposes import DeclaredPurpose
from server.privacy.tables import Consent
from server.privacy.term_words import value_words


@dataclass(frozen=True, slots=True)
class Ground:
    """What a letter stands on: the purpose, and the choice by which it is on."""

    purpose: DeclaredPurpose
    consent: Consent


def address_of(settings: Settings, act: Act, purpose: str, token: str) -> str:
    """Where a link leads."""
    return f"{settings.public_url}/v1/letters/{purpose}/{act.value}/{token}"


def asking_letter(to: str, purpose: DeclaredPurpose, token: str, settings: Settings) -> Letter:
    """Whether the reader of this mailbox really wants them. Without a click nothing follows."""
    address = address_of(settings, Act.CONFIRM, purpose.code, token)
    return Letter(
        to,
        f"Do you want these letters? {purpose.title}",
        f"Hello,\n\n“{purpose.title}” was switched on in your SecuHome account. If you want these "
        f"letters, open this link and say so:\n\n    {address}\n\nIf you don't, do nothing: "
        f"without it none will come.\n\n{settings.contact_postal_address}\n",
    )


def issue_letter(
    to: str, issue: NewsIssue, ground: Ground, token: str, settings: Settings
) -> Letter:
    """An issue, with the choice that it stands on, and two ways to end such letters.

    One is a link, the other the button of the reader's mail program (RFC 8058).
    """
    address = address_of(settings, Act.END, ground.purpose.code, token)
    consent = ground.consent
    return Letter(
        to,
        issue.subject,
        f"{issue.text}\n\n-- \nYou get this letter because you switched on "
        f"“{ground.purpose.title}” (your choice of {value_words(consent.at)}, receipt "
        f"{consent.id}).\nTo get no more of them, open this link; you need not sign in:\n\n"
        f"    {address}\n\n{settings.contact_postal_address}\n",
        headers=(
            ("List-Unsubscribe", f"<{address}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ),
    )
