"""How long laws let us keep a thing, and how long they make us: a table by region and category.

Labels say how long we do keep it. A longest term (`most`) is never exceeded: with labels that do,
a server doesn't start in that region. A shortest term (`least`) changes nothing of what we use:
when the purpose is over, what only that law still keeps is locked (`locking.py`) until its last
day, and then it is gone.

A region is that of the cell: the letters of its name, `eu` of `eu1`. Where no row stands, the law
names no number, and a thing is kept no longer than its purpose needs (GDPR Art. 5(1)(e); PIPL
Art. 19). These rows are a beginning, written by engineers. **An operator has a lawyer check them**,
and adds what holds at home, tax and commercial law above all: `SECUHOME_LEGAL_LIMITS_PATH`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from server.foundation.labels import AfterAccountEnds, Personal, UntilAccountEnds, Why, days

YEAR: Final = days(366)
HALF_A_YEAR: Final = days(184)  # the longest six months of a calendar
CLAIMS: Final = "a claim lapses three years after the end of its year (Germany: BGB §§ 195, 199(1))"
PURPOSE_IS_OVER: Final = "GDPR Art. 5(1)(e)"


@dataclass(frozen=True, slots=True)
class Limit:
    """One row: what a law says of these categories in a region, by which article.

    Terms are counted as the labels count theirs. `why` and `categories` narrow it down; None: all.
    """

    region: str
    law: str
    why: Why | None = None
    categories: frozenset[str] | None = None
    least: timedelta | None = None
    most: timedelta | None = None

    def is_about(self, label: Personal) -> bool:
        """Whether the row speaks of what is labelled so. What is locked has its own last day."""
        return (
            label.why is not Why.LAW
            and self.why in (None, label.why)
            and (self.categories is None or label.category in self.categories)
        )


LIMITS: Final = (
    Limit(
        "eu",
        "logs of access: six months to a year (CNIL, Délibération 2021-122 of 14 October 2021)",
        Why.SECURITY,
        most=YEAR,
    ),
    Limit("eu", CLAIMS, Why.SUPPORT, most=4 * YEAR),
    Limit("eu", CLAIMS, Why.EVIDENCE, most=4 * YEAR),
    Limit(
        "eu",
        "liability for a product ends after ten years (Directive (EU) 2024/2853, Art. 17)",
        Why.WARRANTY,
        most=10 * YEAR,
    ),
    Limit(
        "cn",
        "network logs are kept for six months at least (Cybersecurity Law of 2016, Art. 21(3))",
        Why.SECURITY,
        frozenset({"account use", "IP prefix, /24 or /48", "device family", "what it happened to"}),
        least=HALF_A_YEAR,
    ),
)


class LegalLimits:
    """What the laws of one region say."""

    def __init__(self, rows: Iterable[Limit], region: str) -> None:
        self.rows: Sequence[Limit] = [it for it in rows if it.region == region]
        self._shortest = [it for it in self.rows if it.least is not None]  # asked at each erasure

    @property
    def demand_anything(self) -> bool:
        """Whether a law makes us keep something."""
        return bool(self._shortest)

    def least_of(self, label: Personal) -> Limit | None:
        """The row by which it is to be kept longest; None where no law says so."""
        rows = [it for it in self._shortest if it.is_about(label)]
        return max(rows, key=lambda it: it.least or timedelta(), default=None)

    def demands(self, law: str) -> bool:
        """Whether this is a law by which something is to be kept, and not the ground of a hold."""
        return any(it.law == law for it in self._shortest)

    def beyond(self, label: Personal) -> Limit | None:
        """The row whose longest term the label exceeds; None where it doesn't.

        What ends with the account has no number of its own. What counts from the account's end
        must prove something: for any other purpose there is no reason left to keep it.
        """
        match label.keep:
            case UntilAccountEnds():
                return None
            case AfterAccountEnds(further):
                term = further
                proves = label.why in PROVING
            case term:
                proves = True
        if not proves:
            return Limit("", PURPOSE_IS_OVER, label.why, most=timedelta())
        over = [it for it in self.rows if it.is_about(label) and it.most is not None]
        return next((it for it in over if it.most is not None and term > it.most), None)


PROVING: Final = frozenset({Why.SECURITY, Why.SUPPORT, Why.EVIDENCE, Why.WARRANTY})


def faults_of(rows: Iterable[Limit]) -> Iterator[str]:
    """What is wrong with rows, in words. Nothing: they can be followed."""
    rows = list(rows)
    for it in rows:
        terms = [term for term in (it.least, it.most) if term is not None]
        if not terms or min(terms) <= timedelta():
            yield f"{it.law}: give it a shortest or a longest term of a day at least"
    for one in rows:
        for other in rows:
            if _contradict(one, other):
                yield f"{one.law}: keeps longer than {other.law} allows"


def _contradict(one: Limit, other: Limit) -> bool:
    if one.region != other.region or one.least is None or other.most is None:
        return False
    whys = one.why is None or other.why is None or one.why is other.why
    both = one.categories is None or other.categories is None or one.categories & other.categories
    return whys and bool(both) and one.least > other.most
