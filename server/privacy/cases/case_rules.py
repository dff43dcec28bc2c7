"""How cases are numbered, and what an answer must hold before it may close one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from server.privacy.cases.kinds import ABOUT_A_PERSON, CaseKind, CaseState, Ground
from server.privacy.cases.remedy_rules import Remedies, faults_of_remedies

SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another
LIKE: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})  # what people say and write instead
NUMBER_BYTES: Final = 5  # 2⁴⁰ numbers: nobody hits one by trying, and eight signs can be dictated
HALF: Final = 4


class Fault(NamedTuple):
    """What is wrong with an answer, and with which part of it."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the staff answers. `outcome` is one of the closed states."""

    outcome: CaseState
    reply: str
    reason: str | None = None
    remedies: Remedies | None = None
    cause: str | None = None
    resolution: str | None = None


def number_of(entropy: bytes) -> str:
    """A case's number, such as PR-7K4Q-92MF, of 5 random bytes. Raises ValueError for others."""
    if len(entropy) != NUMBER_BYTES:
        raise ValueError(f"give {NUMBER_BYTES} bytes of entropy")
    drawn = int.from_bytes(entropy)
    signs = "".join(SIGNS[drawn >> 5 * place & 31] for place in reversed(range(2 * HALF)))
    return f"PR-{signs[:HALF]}-{signs[HALF:]}"


def heard_number(text: str) -> str:
    """The number that somebody wrote or said, in our spelling; as good as what was given."""
    signs = text.upper().replace("-", "").replace(" ", "").removeprefix("PR").translate(LIKE)
    return f"PR-{signs[:HALF]}-{signs[HALF:]}"


def needs_proof(kind: CaseKind) -> bool:
    """Whether only the person concerned may have this."""
    return kind in ABOUT_A_PERSON


def fault_of_ground(kind: CaseKind, ground: Ground | None) -> Fault | None:
    """Why a request of this kind can't stand on this ground; None where it can."""
    if ground is not None and kind is not CaseKind.DELETION:
        return Fault("ground", "only a deletion is asked for on a ground")
    return None


def faults_of_answer(kind: CaseKind, region: str, answer: Answer) -> Iterator[Fault]:
    """What an answer to such a case lacks. Nothing: it may close the case.

    A refusal, in part too, gives its reason and tells what can be done against it (§9); a problem
    that was reported ends with its cause and what was done about it (§1.4.2).
    """
    if kind is CaseKind.UNCLEAR:
        yield Fault("kind", "say first what was asked for")
    if kind is CaseKind.FEEDBACK:
        for name, text in (("cause", answer.cause), ("resolution", answer.resolution)):
            if not text:
                yield Fault(name, "a reported problem ends with it")
    if answer.outcome is CaseState.ANSWERED:
        return
    if not answer.reason:
        yield Fault("reason", "a refusal gives its reason")
    if answer.remedies is None:
        yield Fault("remedies", "a refusal tells what can be done against it")
        return
    for name, message in faults_of_remedies(region, answer.remedies):
        yield Fault(f"remedies.{name}", message)
