"""The eleven situations (policy §1.7), and what must be shown in each before it counts.

There is no twelfth: whatever is none of these needs consent. The law that an authority goes by can
outweigh a restriction that a person has asked for (GDPR Art. 18(2)), and so can somebody's life;
the others can't.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

AUTHORITY: Final = "which authority asks, and its order or file number"


class Situation(StrEnum):
    """The codes of the situations."""

    NATIONAL_SECURITY = "national_security"
    PUBLIC_INTEREST = "public_interest"
    CRIME = "crime"
    VITAL_INTEREST = "vital_interest"
    MADE_PUBLIC_BY_PERSON = "made_public_by_person"
    LAWFULLY_PUBLISHED = "lawfully_published"
    CONTRACT_ASKED_FOR = "contract_asked_for"
    PRODUCT_SAFETY = "product_safety"
    NEWS_REPORTING = "news_reporting"
    PUBLIC_RESEARCH = "public_research"
    STATUTE = "statute"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a situation is, for the person to read, and what it demands.

    `evidence` names each thing that must be shown and says what it is; `longest` is how far off the
    end may be, after which it must be shown anew.
    """

    title: str
    evidence: Mapping[str, str]
    longest: timedelta
    outweighs_restriction: bool = False


def _days(number: int) -> timedelta:
    return timedelta(days=number)


SITUATIONS: Final[Mapping[Situation, Terms]] = {
    Situation.NATIONAL_SECURITY: Terms(
        "the security or defence of a country",
        {"authority": AUTHORITY, "interest": "what is to be protected"},
        _days(180),
        outweighs_restriction=True,
    ),
    Situation.PUBLIC_INTEREST: Terms(
        "public safety, public health or another weighty public interest",
        {"authority": AUTHORITY, "interest": "the danger, or what the public needs"},
        _days(180),
        outweighs_restriction=True,
    ),
    Situation.CRIME: Terms(
        "the investigation or trial of a crime, or carrying out a judgment",
        {"authority": AUTHORITY, "proceedings": "the offence or the judgment"},
        _days(180),
        outweighs_restriction=True,
    ),
    Situation.VITAL_INTEREST: Terms(
        "somebody's life, property or another weighty lawful interest, where it is hard to ask",
        {"danger": "what is in danger, and whose it is", "not_asked": "why asking is hard"},
        _days(30),
        outweighs_restriction=True,
    ),
    Situation.MADE_PUBLIC_BY_PERSON: Terms(
        "something that you made public yourself",
        {"place": "where the person made it public", "seen": "when and by whom it was seen there"},
        _days(180),
    ),
    Situation.LAWFULLY_PUBLISHED: Terms(
        "something that is lawfully public, by the news or from an authority",
        {"publication": "where it was published", "lawful": "why it was lawful to publish it"},
        _days(180),
    ),
    Situation.CONTRACT_ASKED_FOR: Terms(
        "a contract that you asked for",
        {"request": "what the person asked for, and when", "needed": "why it can't do without"},
        _days(366),
    ),
    Situation.PRODUCT_SAFETY: Terms(
        "keeping our products safe and stable: finding and mending faults",
        {"fault": "the fault, by its number", "needed": "why it can't be found without"},
        _days(90),
    ),
    Situation.NEWS_REPORTING: Terms(
        "reporting the news, within the law",
        {"publisher": "who reports", "interest": "what the public has of it"},
        _days(90),
    ),
    Situation.PUBLIC_RESEARCH: Terms(
        "research in the public interest, whose results name nobody",
        {
            "institution": "who does the research",
            "interest": "what the public has of it",
            "de_identified": "how it is made sure that results name nobody",
        },
        _days(366),
    ),
    Situation.STATUTE: Terms(
        "something that a law provides for",
        {"statute": "the law, with its article or section", "duty": "what it provides for"},
        _days(366),
    ),
}
