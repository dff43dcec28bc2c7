"""The longest that anything may be kept for a purpose, and the law or guidance that we go by.

Labels say how long we do keep a thing; they may say less and never more. Where no row stands, the
law names no number: such a thing is kept no longer than its purpose needs (GDPR Art. 5(1)(e)), and
that is what its label says. Whoever runs the service elsewhere has these read by a lawyer there.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from server.foundation.labels import AfterAccountEnds, Personal, UntilAccountEnds, Why, days

YEAR: Final = days(366)


@dataclass(frozen=True, slots=True)
class Limit:
    """The longest term for a purpose, counted as its labels count, and the source of it."""

    most: timedelta
    source: str


LIMITS: Final[dict[Why, Limit]] = {
    Why.SECURITY: Limit(
        YEAR,
        "logs of access: six months to a year (CNIL, Délibération 2021-122 of 14 October 2021)",
    ),
    Why.SUPPORT: Limit(
        4 * YEAR,
        "claims lapse three years after the end of their year (Germany: BGB §§ 195, 199(1))",
    ),
    Why.EVIDENCE: Limit(
        4 * YEAR,
        "claims lapse three years after the end of their year (Germany: BGB §§ 195, 199(1))",
    ),
    Why.WARRANTY: Limit(
        10 * YEAR,
        "liability for a product ends after ten years (Directive (EU) 2024/2853, Art. 17)",
    ),
}


def limit_beyond(label: Personal) -> Limit | None:
    """The limit that a label's term is longer than; None where it isn't.

    What ends with the account has no number of its own. What counts from the account's end must be
    kept to prove something: for any other purpose there is no reason left to keep it.
    """
    limit = LIMITS.get(label.why)
    match label.keep:
        case UntilAccountEnds():
            return None
        case AfterAccountEnds(further):
            term, limit = further, limit or Limit(timedelta(), "GDPR Art. 5(1)(e)")
        case term:
            pass
    return limit if limit is not None and term > limit.most else None
