"""Public keys from outside: one key, one text, one thumbprint; anything else is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.registry.public_key import NotAPublicKey, PublicKey
from tests.registry.keys import jwk_of, new_key

GOOD = jwk_of(new_key())


def test_a_key_comes_back_as_it_was():
    assert PublicKey.of(GOOD).jwk() == GOOD
    assert PublicKey.read(PublicKey.of(GOOD).text()) == PublicKey.of(GOOD)


def test_the_thumbprint_is_that_of_rfc_7638():
    """Figures made with another library (authlib) for this key."""
    key = {
        "kty": "EC",
        "crv": "P-256",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    }
    assert PublicKey.of(key).thumbprint() == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"


def test_what_web_crypto_writes_beside_a_key_does_not_change_it():
    assert PublicKey.of({**GOOD, "ext": True, "key_ops": ["verify"]}) == PublicKey.of(GOOD)


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {**GOOD, "d": GOOD["x"]},
        {**GOOD, "x5u": "https://attacker.invalid/"},
        {**GOOD, "kty": "RSA"},
        {**GOOD, "crv": "P-384"},
        {**GOOD, "x": GOOD["y"], "y": GOOD["x"]},
        {**GOOD, "x": GOOD["x"] + "="},
        {**GOOD, "x": GOOD["x"][:-1]},
        {**GOOD, "x": 7},
        {**GOOD, "x": "A" * 43, "y": "A" * 43},
        {name: value for name, value in GOOD.items() if name != "y"},
    ],
    ids=[
        "nothing",
        "private",
        "with a foreign address",
        "RSA",
        "P-384",
        "swapped",
        "padded",
        "short",
        "a number",
        "zero",
        "half",
    ],
)
def test_what_is_no_public_key_is_refused(jwk: dict[str, object]):
    with pytest.raises(NotAPublicKey) as refused:
        PublicKey.of(jwk)
    assert GOOD["x"] not in str(refused.value)


def test_a_private_key_is_named_as_one():
    with pytest.raises(NotAPublicKey, match="private"):
        PublicKey.of({**GOOD, "d": GOOD["x"]})


def test_the_spare_bits_of_a_coordinate_must_be_zero():
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    others = [GOOD["x"][:-1] + sign for sign in last if sign != GOOD["x"][-1]]
    for text in others:
        with pytest.raises(NotAPublicKey):
            PublicKey.of({**GOOD, "x": text})


@given(st.text(max_size=300))
def test_no_text_gets_past_as_anything_but_a_key_or_a_refusal(text: str):
    try:
        PublicKey.read(text)
    except NotAPublicKey:
        return
    raise AssertionError("no key was there")


def test_deep_nesting_is_a_refusal():
    with pytest.raises(NotAPublicKey):
        PublicKey.read("[" * 100_000)
    with pytest.raises(NotAPublicKey):
        PublicKey.read(json.dumps([GOOD]))
