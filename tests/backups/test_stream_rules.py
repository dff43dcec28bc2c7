"""A sealed stream opens whole and in order, or not at all, whatever its length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.backups.stream_rules import (
    CHUNK_BYTES,
    SEALED_BYTES,
    TAG_BYTES,
    NotThisStream,
    Sealing,
    opened_chunks,
)

KEY, HEADER = bytes(range(32)), b"header"
LENGTHS = st.one_of(
    st.integers(0, 100),
    st.builds(
        lambda chunks, more: max(chunks * CHUNK_BYTES + more, 0),
        st.integers(0, 3),
        st.integers(-2, 2),
    ),
)


def sealed(text: bytes, parts: int = 1) -> list[bytes]:
    """The text as a stream, handed over in so many parts, in chunks as they are read."""
    sealing, step = Sealing(KEY, HEADER), len(text) // parts + 1
    told = b"".join(sealing.after(text[at : at + step]) for at in range(0, len(text), step))
    told += sealing.at_the_end()
    return [told[at : at + SEALED_BYTES] for at in range(0, len(told), SEALED_BYTES)]


def opened(chunks: list[bytes], key: bytes = KEY, header: bytes = HEADER) -> bytes:
    return b"".join(opened_chunks(chunks, key, header))


@given(length=LENGTHS, parts=st.integers(1, 5))
def test_it_comes_back_as_it_was(length: int, parts: int):
    text = (b"0123456789abcdef" * (length // 16 + 1))[:length]
    chunks = sealed(text, parts)
    assert opened(chunks) == text
    assert sum(map(len, chunks)) == length + TAG_BYTES * len(chunks)


@given(length=LENGTHS, cut=st.integers(1, 2 * SEALED_BYTES))
def test_no_beginning_of_it_passes_for_the_whole(length: int, cut: int):
    told = b"".join(sealed(bytes(length)))[:-cut]
    with pytest.raises(NotThisStream):
        opened([told[at : at + SEALED_BYTES] for at in range(0, len(told), SEALED_BYTES)])


@given(order=st.permutations(range(4)).filter(lambda it: it != [0, 1, 2, 3]))
def test_no_other_order_passes(order: list[int]):
    chunks = sealed(bytes(3 * CHUNK_BYTES + 5))
    with pytest.raises(NotThisStream):
        opened([chunks[at] for at in order])


@pytest.mark.parametrize("length", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_nothing_can_be_put_behind_it(length: int):
    chunks = sealed(bytes(length))
    for more in (b"x", chunks[0], chunks[-1]):
        told = b"".join(chunks) + more
        with pytest.raises(NotThisStream):
            opened([told[at : at + SEALED_BYTES] for at in range(0, len(told), SEALED_BYTES)])


def test_another_key_or_header_opens_nothing():
    chunks = sealed(b"text")
    for key, header in ((bytes(32), HEADER), (KEY, b"headed")):
        with pytest.raises(NotThisStream):
            opened(chunks, key, header)
