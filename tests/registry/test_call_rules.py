"""The call policy, every row of it."""

from datetime import UTC, datetime, timedelta

import pytest

from devices.registry.call_rules import Owned, may_call
from server.foundation.identity import Identity, Kind

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def caller(kind: Kind = Kind.ACCOUNT, id: str = "acc_eu1_ann", left: int = 60) -> Identity:
    return Identity(kind, id, "ses_eu1_a", NOW + timedelta(seconds=left))


ANNS = Owned("acc_eu1_ann", NOW)


@pytest.mark.parametrize(
    ("who", "owned", "allowed", "code"),
    [
        (caller(), ANNS, True, 0),
        (caller(id="acc_eu1_bob"), ANNS, False, 403),
        (caller(), None, False, 403),
        (caller(left=0), ANNS, False, 401),
        (caller(left=-1), ANNS, False, 401),
        (caller(Kind.CAMERA), ANNS, False, 403),
        (caller(Kind.STAFF), ANNS, False, 403),
    ],
    ids=["owner", "stranger", "nobody's", "expires now", "expired", "a camera", "staff"],
)
def test_only_the_owner_with_a_token_that_holds_may_call(
    who: Identity, owned: Owned | None, allowed: bool, code: int
):
    verdict = may_call(who, owned, NOW)
    assert (verdict.allowed, verdict.code) == (allowed, code)


def test_a_camera_that_is_not_there_looks_like_a_strangers():
    assert may_call(caller(), None, NOW) == may_call(caller(id="acc_eu1_bob"), ANNS, NOW)
