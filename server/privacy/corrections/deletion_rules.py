"""Which data people may delete by itself, and why the rest stays: by the labels.

What somebody typed and may leave empty goes, and what serves a purpose that people choose. All else
is needed, or proves something, for as long as its label says.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.foundation.labels import OnErasure, Personal, Why
from server.privacy.erasure.erasure_rules import GROUNDS
from server.privacy.erasure.hold_rules import Hold, last_day
from server.privacy.purposes import PURPOSES, Switch

CHOSEN: Final = frozenset(
    why for it in PURPOSES if it.switch is not Switch.NONE for why in it.covers
)
NEEDED: Final[dict[Why, str]] = {
    # why something is held: why it can't go by itself
    Why.ACCOUNT: "Your account can't do without it.",
    Why.PROFILE: "Your account can't do without it.",
    Why.SECURITY: "It protects your account: a stranger could wipe out the traces.",
    Why.SERVICE: "Your cameras can't do without it.",
    Why.WARRANTY: "Your camera's warranty goes by it.",
    Why.SUPPORT: "Without it we can't answer you.",
    Why.EVIDENCE: "It proves what was agreed.",
    Why.LAW: "Only the law that is named beside it keeps it.",
    Why.OPERATION: "It names who works for us.",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays: of which category, why, and until which day where one is known."""

    category: str
    why: str
    until: date | None


def may_go(label: Personal) -> bool:
    """Whether its subject may delete the value and keep the account."""
    if label.correctable is not None:
        return not label.correctable.required
    return label.why in CHOSEN


def why_kept(label: Personal) -> str:
    """Why a value can't go by itself, in words for its subject."""
    if label.on_erasure is OnErasure.KEEP and label.why in GROUNDS:
        return f"It is kept {GROUNDS[label.why]}."
    return NEEDED[label.why]


def kept_by(hold: Hold, category: str) -> Kept:
    """What is told of values that would go but for a legal hold; they go on the day after."""
    return Kept(category, f"A law or a court makes us keep it: {hold.ground}", last_day(hold))


def kept_until(label: Personal, newest: datetime | None) -> date | None:
    """The day on which the last value goes; None where that follows from something to come.

    `newest` is the latest moment that terms count from in the table.
    """
    if isinstance(label.keep, timedelta) and newest is not None:
        return (newest + label.keep).date()
    return None
