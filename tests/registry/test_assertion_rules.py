"""When an assertion holds, at each edge of its time."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.registry.assertion_rules import (
    AssertionRefused,
    check_times,
    read_claims,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
AUDIENCE = "https://home.example/v1/oauth/token"
SECONDS = int(NOW.timestamp())
GOOD = {
    "iss": "SN-1001",
    "sub": "SN-1001",
    "aud": AUDIENCE,
    "iat": SECONDS,
    "exp": SECONDS + 300,
    "jti": "0123456789abcdef",
}


def holds(now: datetime = NOW, claims: Mapping[str, object] | None = None) -> bool:
    try:
        check_times(read_claims({**GOOD, **(claims or {})}, AUDIENCE), now)
    except AssertionRefused:
        return False
    return True


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_good_one_holds_from_a_minute_before_to_a_minute_after():
    assert not holds(after(-61))
    assert holds(after(-60))
    assert holds(after(359.9))
    assert not holds(after(360))


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "SN-1002"},
        {"iss": None, "sub": None},
        {"iss": ["SN-1001"], "sub": ["SN-1001"]},
        {"aud": "https://other.example/v1/oauth/token"},
        {"aud": [AUDIENCE]},
        {"aud": AUDIENCE + "/"},
        {"exp": SECONDS + 301},
        {"exp": SECONDS},
        {"exp": SECONDS - 1},
        {"exp": None},
        {"iat": None},
        {"iat": str(SECONDS)},
        {"iat": True},
        {"iat": math.nan},
        {"exp": math.inf},
        {"exp": 10**400},
        {"iat": -1},
        {"nbf": SECONDS + 61},
        {"nbf": "now"},
        {"jti": None},
        {"jti": "short"},
        {"jti": "x" * 129},
        {"jti": "0123456789\n"},
        {"jti": 1234567890},
    ],
    ids=str,
)
def test_anything_out_of_form_is_refused(claims: dict[str, object]):
    assert not holds(claims=claims)


def test_it_is_remembered_until_after_it_is_refused_for_its_age():
    assertion = read_claims(GOOD, AUDIENCE)
    assert assertion.forget_after() > after(360)


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), st.none() | st.floats() | st.text()))
def test_no_claims_make_it_fail_in_another_way(claims: dict[str, object]):
    holds(claims=claims)
