"""When an exception is complete, and when it counts."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from server.privacy.cases.case_rules import Fault
from server.privacy.exceptions.situations import SITUATIONS, Situation

SHORTEST: Final = 10  # characters; less shows nothing
# A law without the number of an article, a section or a paragraph can't be looked up.
STATUTE: Final = re.compile(r"[^\W\d]{2}.*\d|\d.*[^\W\d]{2}", re.DOTALL)


def outweighing(excepted: Mapping[str, Situation]) -> frozenset[str]:
    """Those of these purposes that go on although the person has asked for a restriction."""
    return frozenset(
        purpose for purpose, it in excepted.items() if SITUATIONS[it].outweighs_restriction
    )


def faults_of(
    situation: Situation, evidence: Mapping[str, str], until: datetime, now: datetime
) -> Iterator[Fault]:
    """What is missing or too much of an exception that is asked for. Nothing: it may be asked."""
    terms = SITUATIONS[situation]
    for name, what in terms.evidence.items():
        text = evidence.get(name, "").strip()
        if len(text) < SHORTEST or (name == "statute" and not STATUTE.search(text)):
            yield Fault(f"evidence.{name}", f"say {what}")
    for name in sorted(evidence.keys() - terms.evidence.keys()):
        yield Fault(f"evidence.{name}", "this situation asks for no such thing")
    if not now < until <= now + terms.longest:
        yield Fault("until", f"give an end within the next {terms.longest.days} days")
