"""What goes on while the service ends: whatever takes nothing new, by the names of its functions.

All else that isn't a mere look answers 410. A route that is added tomorrow is closed unless it is
entered here with its reason.
"""

from datetime import date, datetime, timedelta
from typing import Final

SHORTEST: Final = timedelta(days=30)  # from the letter to the erasure: to fetch what is one's own
LOOKS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
STILL_OPEN: Final[dict[str, str]] = {
    # who: why it goes on
    "sign_in": "to fetch and to cancel",
    "refresh": "to fetch and to cancel",
    "sign_out": "ends something",
    "end_sign_in": "ends something",
    "change_password": "to keep others out until the end",
    "accept_policy": "nothing else opens before it",
    "choose_purpose": "to withdraw; switching on is refused there",
    "report_denied_permission": "withdraws",
    "choose_place_source": "to be looked up by less",
    "end_letters": "ends something",
    "delete_category": "deletes",
    "release_camera": "ends something",
    "export_everything": "gives people what is theirs",
    "fetch_copy": "gives people what is theirs",
    "cancel_account": "erases",
    "make_request": "people may ask for their rights until the end",
    "prove_request": "people may ask for their rights until the end",
    "make_own_request": "people may ask for their rights until the end",
    "sign_in_staff": "to answer requests",
    "sign_out_staff": "ends something",
    "enter_request": "to answer requests",
    "open_request": "to answer requests",
    "sort_request": "to answer requests",
    "answer_request": "to answer requests",
    "act_upon_request": "to answer requests",
    "end_exception": "ends something",
    "hold_data": "a law may still demand it",
    "look_up_warranty": "the warranty holds on",
}


def is_closed(method: str, name: str) -> bool:
    """Whether this route takes something new."""
    return method not in LOOKS and name not in STILL_OPEN


def fault_of(erases_on: date, now: datetime) -> str | None:
    """What is wrong with this day; None where it leaves people time."""
    if erases_on < (now + SHORTEST).date():
        return f"give a day {SHORTEST.days} days from now or later: people need time to fetch"
    return None


def is_due(erases_on: date, now: datetime) -> bool:
    """Whether the day has come (UTC)."""
    return now.date() >= erases_on
