"""The form of what is stored, by the book: it must be readable in ten years."""

import hmac
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from server.foundation.vault.faults import CannotOpen
from server.foundation.vault.sealing_rules import Part, Place, index_of, opened, seal, together

KEY = AESGCM(bytes(range(32)))
NONCE = bytes(range(12))
PLACE = Place("account", "email", ("acc_1",))
parts = st.lists(st.one_of(st.text(max_size=4), st.binary(max_size=4), st.integers()), max_size=4)


def test_the_form_stays_as_it_is():
    bound = (
        b"s\x00\x00\x00\x05value"
        b"s\x00\x00\x00\x07account"
        b"s\x00\x00\x00\x05email"
        b"s\x00\x00\x00\x05acc_1"
    )
    assert together("value", *PLACE[:2], *PLACE.row) == bound
    assert seal(KEY, PLACE, "ä", NONCE) == b"\x01" + NONCE + KEY.encrypt(NONCE, "ä".encode(), bound)
    message = together("index", "account", "email_index", "a@example.com")
    assert (
        index_of(b"k" * 32, "account", "email_index", ["a@example.com"])
        == hmac.new(b"k" * 32, message, sha256).digest()
    )


@given(st.text(st.characters(codec="utf-8")))
def test_every_text_comes_back(text: str):
    assert opened(KEY, PLACE, seal(KEY, PLACE, text, NONCE)) == text


@given(st.binary(max_size=60))
def test_whatever_stands_there_it_opens_or_is_refused(stored: bytes):
    with pytest.raises(CannotOpen):
        opened(KEY, PLACE, stored)


@given(parts, parts)
def test_no_two_lists_of_parts_read_alike(one: list[Part], other: list[Part]):
    same = [type(it) for it in one] == [type(it) for it in other] and one == other
    assert (together(*one) == together(*other)) == same
