"""Security events: every kind has its words, and a camera's name can't change them."""

import pytest

from server.security.events import TEXTS, EventKind, SecurityEvent, told
from tests.movable_clock import MORNING


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_is_told_in_plain_words(kind: EventKind) -> None:
    about = "Porch {kind} {0} %s" if "{about}" in TEXTS[kind] else None
    event = SecurityEvent(id="evt_1", account_id="acc_1", kind=kind, at=MORNING, about=about)
    assert told(event) == TEXTS[kind].replace("{about}", about or "")
    assert told(event)[0].isupper()
    assert "_" not in told(event)
