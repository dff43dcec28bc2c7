"""The life of a pairing, walked through in every order that hypothesis can think of."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from devices.pairing.pairing_rules import (
    REFUSALS,
    Refusal,
    State,
    is_proof,
    is_token,
    refusal_of,
    state_of,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LIFE = timedelta(seconds=180)


class Life(RuleBasedStateMachine):
    """One pairing, time going by, cameras redeeming its token."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.expires_at = NOW + LIFE
        self.paired_at: datetime | None = None
        self.path = [State.WAITING]

    @property
    def state(self) -> State:
        return state_of(self.paired_at, self.expires_at, self.now)

    @rule(seconds=st.integers(0, 100))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def a_camera_redeems(self) -> None:
        refusal = refusal_of(self.paired_at, self.expires_at, self.now)
        if refusal is None:
            assert self.paired_at is None, "a token worked twice"
            assert self.now < self.expires_at, "a token worked after its time"
            self.paired_at = self.now
        else:
            expected = Refusal.USED if self.paired_at else Refusal.EXPIRED
            assert refusal is expected

    @precondition(lambda self: self.paired_at is not None)
    @rule()
    def nothing_undoes_it(self) -> None:
        assert self.state is State.PAIRED

    @invariant()
    def there_is_no_way_back(self) -> None:
        if self.state is not self.path[-1]:
            self.path.append(self.state)
        assert self.path in (
            [State.WAITING],
            [State.WAITING, State.PAIRED],
            [State.WAITING, State.EXPIRED],
        )


TestLife = Life.TestCase


def test_it_is_over_at_the_very_moment_of_expiry():
    assert state_of(None, NOW + LIFE, NOW + LIFE - timedelta(microseconds=1)) is State.WAITING
    assert state_of(None, NOW + LIFE, NOW + LIFE) is State.EXPIRED


def test_every_state_says_whether_its_token_works():
    assert set(REFUSALS) == set(State)


def test_forms_are_exact():
    assert is_token("A" * 22)
    assert not any(map(is_token, ["", "A" * 21, "A" * 23, "A" * 21 + "=", "A" * 22 + "\n"]))
    assert is_proof("A" * 43)
    assert not any(map(is_proof, ["", "A" * 42, "A" * 44, "A" * 42 + "+", "A" * 43 + "\n"]))
