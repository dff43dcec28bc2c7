"""What every body refuses, whichever route it is for."""

import pytest
from pydantic import JsonValue, ValidationError

from server.foundation.wire import Incoming


class Note(Incoming):
    """A body."""

    text: str = ""
    more: JsonValue = None


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "half \ud800 a character"}, "text"),
        ({"text": "a \x00 in it"}, "text"),
        ({"more": {"deep": ["\udfff"]}}, "more"),
        ({"more": {"\ud800": 1}}, "more"),
        ({"stranger": 1}, "stranger"),
    ],
    ids=repr,
)
def test_what_cannot_be_kept_is_refused_by_name(body: dict[str, JsonValue], field: str):
    """It would pass here and fail in PostgreSQL, or in a hash, as a fault of ours."""
    with pytest.raises(ValidationError) as refused:
        Note.model_validate(body)
    assert [error["loc"] for error in refused.value.errors()] == [(field,)]
    assert "character\u0020in" not in str(refused.value)


def test_any_whole_character_is_welcome():
    assert Note.model_validate({"text": "Ελένη 🏡"}).text == "Ελένη 🏡"
