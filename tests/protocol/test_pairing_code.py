"""The QR between phone and camera: what is read is what was shown, and nothing else is."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.protocol.pairing_code import NotAPairingCode, PairingCode, is_proof, proof_of

PHONE = "p" * 43
CAMERA = "c" * 43
SHOWN = PairingCode("https://home.example", "tok_0123456789", b"0123456789abcdef", PHONE)

tokens = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-.~", min_size=8, max_size=64)
secrets = st.binary(min_size=16, max_size=16)
thumbprints = st.binary(min_size=32, max_size=32).map(
    lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
)
codes = st.builds(
    PairingCode,
    server=st.sampled_from(
        ["http://127.0.0.1:8080", "https://eu.home.example/cam", "http://[::1]"]
    ),
    token=tokens,
    secret=secrets,
    phone_thumbprint=thumbprints,
)


@given(codes)
def test_a_camera_reads_what_the_phone_shows(code: PairingCode) -> None:
    assert PairingCode.read(code.text()) == code


@given(st.text())
def test_a_foreign_code_is_never_mistaken_for_ours_and_never_crashes(text: str) -> None:
    with pytest.raises(NotAPairingCode):
        PairingCode.read(text)


@pytest.mark.parametrize(
    "text",
    [
        "WIFI:T:WPA;S:home;P:secret;;",
        "https://home.example/setup",
        SHOWN.text().replace("SECUHOME1", "SECUHOME2"),
        SHOWN.text() + "|more",
        SHOWN.text().rsplit("|", 1)[0],
        SHOWN.text().replace("https://", "ftp://"),
        SHOWN.text().replace("https://home", "https://user@home"),
        SHOWN.text().replace("home.example", "home.example:http"),
        SHOWN.text().replace("tok_0123456789", "tok 0123456789"),
        SHOWN.text().replace("tok_0123456789", ""),
        SHOWN.text().replace("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2Rl"),
        SHOWN.text().replace("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZh"),
        SHOWN.text().replace("MDEyMzQ1Njc4OWFiY2RlZg", "MDEyMzQ1Njc4OWFiY2RlZg=="),
        SHOWN.text().replace(PHONE, PHONE[1:]),
        SHOWN.text().replace("home.example", "home.example" * 60),
    ],
)
def test_a_damaged_code_of_ours_is_refused(text: str) -> None:
    with pytest.raises(NotAPairingCode):
        PairingCode.read(text)


def test_the_proof_is_the_hmac_that_the_page_describes() -> None:
    said = f"secuhome-pairing-v1\n{SHOWN.token}\n{PHONE}\n{CAMERA}".encode()
    expected = hmac.new(SHOWN.secret, said, hashlib.sha256).digest()
    assert proof_of(SHOWN, CAMERA) == base64.urlsafe_b64encode(expected).rstrip(b"=").decode()


def test_another_camera_another_phone_or_another_token_has_another_proof() -> None:
    proof = proof_of(SHOWN, CAMERA)
    others = [
        PairingCode(SHOWN.server, "tok_other_one", SHOWN.secret, PHONE),
        PairingCode(SHOWN.server, SHOWN.token, b"fedcba9876543210", PHONE),
        PairingCode(SHOWN.server, SHOWN.token, SHOWN.secret, "q" * 43),
    ]
    assert is_proof(SHOWN, CAMERA, proof)
    assert not is_proof(SHOWN, "d" * 43, proof)
    assert not any(is_proof(other, CAMERA, proof) for other in others)
    assert not is_proof(SHOWN, CAMERA, "é" * 43)


def test_a_printed_code_does_not_give_its_secret_away() -> None:
    assert "0123456789abcdef" not in repr(SHOWN)
