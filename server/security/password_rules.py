"""Which passwords are refused: NIST SP 800-63B-4 §3.1.1, length and block-list, nothing else.

No rule asks for digits or signs: they make passwords that people forget and machines guess.
The length is counted in code points of the NFC form, so that the same password typed on two
keyboards is one password.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

SHORTEST: Final = 15  # §3.1.1.2: for a password that stands alone
LONGEST: Final = 256  # far over the 64 that §3.1.1.2 asks for; bounds the work of hashing
FEWEST_DIFFERENT: Final = 5  # characters; "abababababababab" has two
SHORTEST_CONTEXT: Final = 4  # letters; a shorter word is in too many honest passwords
LEFT_BESIDE_CONTEXT: Final = 8  # characters that must remain when what we know is struck out
PRODUCT_WORDS: Final = ("secuhome", "camera", "webcam", "homecam")

ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
)
# The heads of the public lists of leaked passwords, brought to the length that we ask for by
# doubling, by joining two, or by a tail that people add: what a guesser tries first.
HEADS: Final = (
    "password", "passw0rd", "p@ssword", "p@ssw0rd", "letmein", "welcome", "iloveyou", "admin",
    "administrator", "login", "master", "monkey", "dragon", "sunshine", "princess", "football",
    "baseball", "superman", "batman", "michael", "charlie", "shadow", "trustno1", "whatever",
    "starwars", "freedom", "computer", "internet", "changeme", "default", "secret", "qwerty",
    "qwertz", "azerty", "abc123", "hello", "samsung", "google", "facebook", "pokemon", "liverpool",
    "chelsea", "arsenal", "barcelona", "mustang", "jordan", "jennifer", "hunter", "ashley",
    "bailey", "ninja", "hottie", "loveme", "flower", "cookie", "summer", "winter", "spring",
    "autumn", "access", "passwort", "motdepasse", "contrasena", "senha", "parola", "wachtwoord",
    "hallo", "schatz", "woaini", "lovely", "user", "guest", "root", "test",
)  # fmt: skip
TAILS: Final = (
    "", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789",
    "1234567890", "!", "!!", "!!!", "1!", "123!", "@123", "2020", "2021", "2022", "2023", "2024",
    "2025", "2026", "2026!", "qwerty", "abc", "abc123", "000", "111", "007",
)  # fmt: skip
SENTENCES: Final = (
    "correct horse battery staple", "to be or not to be that is the question",
    "the quick brown fox jumps over the lazy dog", "may the force be with you",
    "i love you so much", "this is my password", "my password is password",
    "let me in please", "thisisapassword", "thisisnotapassword", "mypasswordisstrong",
    "passwordpasswordpassword", "iloveyouiloveyou", "lorem ipsum dolor sit amet",
    "never gonna give you up", "one two three four five", "keep calm and carry on",
    "all your base are belong to us", "open sesame open sesame",
    "supercalifragilisticexpialidocious",
)  # fmt: skip


LISTED: Final = "It is on the lists that are tried first."


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a password is refused, in words for the one who typed it; never with the password."""

    breached: bool
    detail: str


def normalised(password: str) -> str:
    """The NFC form, which is what is hashed (§3.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def fault_of(password: str, about: Iterable[str] = ()) -> Fault | None:
    """What is wrong with a new password; None if it will do.

    `about` are words that a stranger knows about the account: its e-mail address, its name.
    """
    text = normalised(password)
    plain = _plain(text[: LONGEST + 1])
    faults = (  # the first that is true counts
        (len(text) < SHORTEST, f"It has fewer than {SHORTEST} characters."),
        (len(text) > LONGEST, f"It has more than {LONGEST} characters."),
        (plain in BLOCKED, LISTED),
        (len(set(plain)) < FEWEST_DIFFERENT, "It has too few different characters."),
        (_is_repeated(plain), "It repeats one piece again and again."),
        (_is_row(plain), "It follows the alphabet, the digits or the keyboard."),
        (_is_mostly_known(plain, about), "It is mostly what others know about this account."),
    )
    detail = next((detail for found, detail in faults if found), None)
    return Fault(breached=detail == LISTED, detail=detail) if detail else None


def _plain(text: str) -> str:
    """Without case and without spaces: the variations that every guesser tries."""
    return "".join(text.casefold().split())


def _is_repeated(plain: str) -> bool:
    """Whether it is one piece, again and again, as in "blueblueblueblue" or "hellohellohellohe"."""
    return any(
        (plain[:size] * (len(plain) // size + 1))[: len(plain)] == plain
        for size in range(1, len(plain) // 2 + 1)
    )


def _is_row(plain: str) -> bool:
    """Whether it runs along a row, forwards or backwards, round and round."""
    for row in ROWS:
        round_and_round = row * (len(plain) // len(row) + 2)
        if plain in round_and_round or plain in round_and_round[::-1]:
            return True
    return False


def _is_mostly_known(plain: str, about: Iterable[str]) -> bool:
    left = plain
    for word in sorted(_words(about), key=len, reverse=True):
        left = left.replace(word, "")
    return left != plain and len(left.strip("0123456789!.-_@#$*")) < LEFT_BESIDE_CONTEXT


def _words(about: Iterable[str]) -> Iterator[str]:
    yield from PRODUCT_WORDS
    for text in about:
        parts = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
        yield from (part for part in parts if len(part) >= SHORTEST_CONTEXT)


def _blocked() -> Iterator[str]:
    for head in HEADS:
        for body in (head, head * 2, head * 3):
            yield from (body + tail for tail in TAILS)
    for first in HEADS:
        yield from (first + second + tail for second in HEADS for tail in ("", "1", "123"))
    yield from (_plain(sentence) for sentence in SENTENCES)


BLOCKED: Final = frozenset(entry for entry in _blocked() if len(entry) >= SHORTEST)
