"""Made-up editions of the policy, each a change of the one that is in force."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from server.privacy.data_map_rules import Recipient
from server.privacy.declaration_rules import Declaration, DeclaredUse
from server.privacy.editions import Edition, load_editions

FIRST = load_editions()[-1]
COPY = "get a copy of it"
MARKETING = DeclaredUse(
    "marketing", "Advertising", "consent", "off_at_first", "low", "Nobody is followed.", None
)
PRINTER = Recipient("A print shop", "processor under contract", ("e-mail address",))


def edition(year: int, declared: Declaration = FIRST.declared, text: str = "") -> Edition:
    """A version of the first day of a year."""
    html = text or f"<p>{year}</p>"
    sha256 = hashlib.sha256(html.encode()).hexdigest()
    return Edition(f"{year}-01-01", datetime(year, 1, 1, tzinfo=UTC), "en", sha256, html, declared)


def without(*rights: str) -> Declaration:
    """What is declared, without these rights."""
    kept = {right: ways for right, ways in FIRST.declared.rights.items() if right not in rights}
    return replace(FIRST.declared, rights=kept)


def with_more(**changed: Any) -> Declaration:
    """What is declared, with another purpose or with what is given instead."""
    purposes = (*FIRST.declared.purposes, MARKETING)
    return replace(FIRST.declared, **(changed or {"purposes": purposes}))
