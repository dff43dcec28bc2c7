"""Where a viewer starts: always at a key frame, and never in the past."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.agent.gop_rules import (
    CATCH_UP_TICKS,
    MOST_KEPT_PICTURES,
    CodedPicture,
    NewestGroup,
    caught_up,
)

pictures = st.lists(st.booleans(), max_size=60).map(
    lambda keys: [CodedPicture(b"x", n * 3000, key) for n, key in enumerate(keys)]
)


@given(pictures)
def test_what_is_kept_is_the_newest_key_frame_and_all_that_followed(
    heard: list[CodedPicture],
) -> None:
    newest = NewestGroup()
    for picture in heard:
        newest.add(picture)
    keys = [place for place, picture in enumerate(heard) if picture.is_key]
    assert list(newest.pictures()) == (heard[keys[-1] :] if keys else [])


def test_a_source_that_never_gives_another_key_frame_fills_no_memory() -> None:
    newest = NewestGroup()
    newest.add(CodedPicture(b"k", 0, is_key=True))
    for number in range(1, MOST_KEPT_PICTURES + 1):
        newest.add(CodedPicture(b"p", number, is_key=False))
    assert not newest.pictures()
    newest.add(CodedPicture(b"k", 99, is_key=True))
    assert len(newest.pictures()) == 1


@given(pictures)
def test_catching_up_keeps_the_order_and_the_newest_time(heard: list[CodedPicture]) -> None:
    caught = caught_up(heard)
    assert [picture.data for picture in caught] == [picture.data for picture in heard]
    if heard:
        assert caught[-1].ticks == heard[-1].ticks
    steps = {later.ticks - sooner.ticks for sooner, later in itertools.pairwise(caught)}
    assert steps <= {CATCH_UP_TICKS}


@pytest.mark.parametrize("count", [0, 1])
def test_one_picture_or_none_needs_no_catching_up(count: int) -> None:
    heard = [CodedPicture(b"k", 5, is_key=True)] * count
    assert caught_up(heard) == heard
