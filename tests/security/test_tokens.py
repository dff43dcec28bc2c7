"""Access tokens: only ours, only whole, only in their time, only for their kind."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.foundation.identity import Kind
from server.security.errors import BadToken
from server.security.signing_keys import SigningKey
from server.security.tokens import REQUIRED, TokenDesk
from tests.movable_clock import MovableClock

ISSUER = "https://app.secuhome.example"
TEN = timedelta(minutes=10)


class Desk:
    """A token desk, and the key to forge with."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.key = SigningKey.of(Ed25519PrivateKey.generate())
        self.desk = TokenDesk((self.key,), ISSUER, self.clock, TEN, "eu1")

    def forged(self, *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """A token with our own signature and changed claims; None takes one away."""
        good = jwt.decode(
            self.desk.issue(Kind.ACCOUNT, "acc_1", "ses_1"), options={"verify_signature": False}
        )
        told = {name: value for name, value in {**good, **claims}.items() if value is not None}
        head = {"kid": self.key.id, "typ": "at+jwt", **(header or {})}
        return jwt.encode(told, self.key.private, "EdDSA", head)


@pytest.fixture
def it() -> Desk:
    """A fresh desk."""
    return Desk()


@pytest.mark.parametrize("kind", list(Kind))
def test_a_token_says_who_it_was_issued_for(it: Desk, kind: Kind) -> None:
    caller = it.desk.verify(it.desk.issue(kind, "id_1", "ses_1"))
    assert (caller.kind, caller.id, caller.session_id) == (kind, "id_1", "ses_1")
    assert caller.expires_at == it.clock.now() + TEN


def test_a_token_holds_ten_minutes_and_no_second_longer(it: Desk) -> None:
    token = it.desk.issue(Kind.ACCOUNT, "acc_1", "ses_1")
    it.clock.advance(seconds=599)
    it.desk.verify(token)
    it.clock.advance(seconds=1)
    with pytest.raises(BadToken):
        it.desk.verify(token)


def test_a_forgery_that_changes_nothing_passes(it: Desk) -> None:
    """Else the forgeries below would be refused for another reason than they say."""
    assert it.desk.verify(it.forged()).id == "acc_1"


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"aud": "somebody"},
        {"typ": "admin"},
        {"cell": "us1"},
        {"exp": 1},
        {"exp": "soon"},
        {"exp": 10**20},
        {"iat": 10**11},
        {"sub": 5},
        *({name: None} for name in REQUIRED),
    ],
    ids=str,
)
def test_a_token_with_one_wrong_claim_is_refused(it: Desk, claims: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        it.desk.verify(it.forged(**claims))


def test_a_token_that_claims_more_than_ten_minutes_is_refused(it: Desk) -> None:
    far = int((it.clock.now() + timedelta(minutes=11)).timestamp())
    with pytest.raises(BadToken):
        it.desk.verify(it.forged(exp=far))


def test_a_token_from_the_future_is_refused(it: Desk) -> None:
    token = it.desk.issue(Kind.ACCOUNT, "acc_1", "ses_1")
    it.clock.advance(seconds=-6)
    with pytest.raises(BadToken):
        it.desk.verify(token)


@pytest.mark.parametrize("header", [{"typ": "JWT"}, {"typ": None}, {"kid": "?"}])
def test_another_kind_of_jwt_is_refused(it: Desk, header: dict[str, Any]) -> None:
    with pytest.raises(BadToken):
        it.desk.verify(it.forged(header=header))


def test_other_algorithms_are_refused(it: Desk) -> None:
    """`none`, and the public key taken for a shared secret: the two classics."""
    good = it.desk.issue(Kind.ACCOUNT, "acc_1", "ses_1")
    claims = jwt.decode(good, options={"verify_signature": False})
    head = {"kid": it.key.id, "typ": "at+jwt"}
    public = base64.urlsafe_b64decode(it.key.jwk()["x"] + "=")
    elliptic = generate_private_key(SECP256R1())
    unsigned = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({**head, "alg": "none"}, claims)
    )
    for token in (
        f"{unsigned}.",
        jwt.encode(claims, public, "HS256", head),
        jwt.encode(claims, elliptic, "ES256", head),
    ):
        with pytest.raises(BadToken):
            it.desk.verify(token)


def test_another_houses_signature_is_refused(it: Desk) -> None:
    other = SigningKey(it.key.id, Ed25519PrivateKey.generate())  # even under our key's name
    foreign = TokenDesk((other,), ISSUER, it.clock, TEN, "eu1")
    with pytest.raises(BadToken):
        it.desk.verify(foreign.issue(Kind.ACCOUNT, "acc_1", "ses_1"))


@pytest.mark.parametrize("text", ["", ".", "a.b.c", "x" * 5000, "é.é.é", "\x00", "\ud800"])
def test_what_is_no_token_is_refused(it: Desk, text: str) -> None:
    with pytest.raises(BadToken):
        it.desk.verify(text)


def test_old_tokens_outlive_a_rotation_until_their_key_is_taken_away(it: Desk) -> None:
    old = it.desk.issue(Kind.ACCOUNT, "acc_1", "ses_1")
    new_key = SigningKey.of(Ed25519PrivateKey.generate())
    both = TokenDesk((new_key, it.key), ISSUER, it.clock, TEN, "eu1")
    assert both.verify(old).id == "acc_1"
    fresh = both.issue(Kind.ACCOUNT, "acc_1", "ses_1")
    assert jwt.get_unverified_header(fresh)["kid"] == new_key.id
    with pytest.raises(BadToken):
        TokenDesk((new_key,), ISSUER, it.clock, TEN, "eu1").verify(old)


def test_the_published_keys_verify_our_tokens_and_hold_nothing_private(it: Desk) -> None:
    published = it.desk.jwks()
    assert all("d" not in key for key in published["keys"])
    token = it.desk.issue(Kind.CAMERA, "cam_1", "")
    key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(
        token,
        key,
        algorithms=["EdDSA"],
        audience="secuhome",
        options={"verify_exp": False, "verify_iat": False},  # the clock stands in the future
    )
    assert (claims["sub"], claims["typ"], claims["cell"]) == ("cam_1", "camera", "eu1")


def test_a_desk_refuses_to_issue_for_longer_than_ten_minutes(it: Desk) -> None:
    with pytest.raises(ValueError, match="ten minutes"):
        TokenDesk((it.key,), ISSUER, it.clock, timedelta(minutes=11), "eu1")
