"""Terms and moments in plain words, the same on every page."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from server.foundation.labels import AfterAccountEnds, Term

A_YEAR: Final = 366  # days; a term in years is never shorter than the calendar's


def term_words(keep: Term, counted: str | None) -> str:
    """A term, such as "for 30 days after it happened". `counted` follows "after"."""
    match keep:
        case timedelta() if not keep:
            return f"until {counted}"
        case timedelta():
            return f"for {span_words(keep)} after {counted}"
        case AfterAccountEnds():
            return f"until {span_words(keep.further)} after the account ends"
        case _:
            return repr(keep)


def span_words(span: timedelta) -> str:
    """A length of whole days, such as "1 day" or "3 years"."""
    years, rest = divmod(span.days, A_YEAR)
    number, unit = (years, "year") if years and not rest else (span.days, "day")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def value_words(value: Any) -> str:
    """A stored value as people read it; empty where nothing is stored."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            moment = value.astimezone(UTC)
            return f"{moment.day} {moment:%B %Y, %H:%M:%S} UTC"
        case date():
            return f"{value.day} {value:%B %Y}"
        case _:
            return str(value)


def name_words(name: str) -> str:
    """A table's or column's name, such as "Last used at" for `last_used_at`."""
    return name.replace("_", " ").capitalize()
