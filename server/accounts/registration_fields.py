"""What registration asks for: each field with its reason, and whether an account needs it.

The request's schema takes its words from here, and `tests/accounts/test_registration_fields.py`
compares both with the labels of the columns that the answers end in. Whatever else is sent is
refused. Less is asked for than the policy allows: no telephone number, because nothing needs it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class RegistrationField:
    """One field. `column` is the account's, and the registration's until it is confirmed."""

    name: str
    column: str
    needed: bool
    reason: str


FIELDS: Final = (
    RegistrationField(
        "email", "email", needed=True, reason="Signs you in and gets the confirmation code."
    ),
    RegistrationField(
        "password",
        "password_hash",
        needed=True,
        reason="Proves that it is you. 15 to 256 signs.",
    ),
    RegistrationField(
        "area", "area", needed=True, reason="Decides which law and which warranty apply."
    ),
    RegistrationField("name", "name", needed=False, reason="How we greet you. Optional."),
)
REASONS: Final = {it.name: it.reason for it in FIELDS}
NEEDED: Final = tuple(it.name for it in FIELDS if it.needed)
