"""A provider that lies: what the certified one never does, said by one that the test plays."""

import json
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm
from pydantic import SecretStr

from server.accounts.errors import ProviderSignInRefused, ProviderUnavailable
from server.accounts.provider_desk import ProviderDesk
from server.accounts.provider_rules import Flow, NotBelieved, ProviderPerson, person_of
from server.foundation.settings import ProviderRow, Settings
from tests.movable_clock import MovableClock

ISSUER = "https://id.example"
FLOW = Flow.bound_to("what only the browser knows")
KEY = generate_private_key(65537, 2048)
OTHER_KEY = generate_private_key(65537, 2048)
ROW = ProviderRow(
    name="p",
    title="P",
    issuer=ISSUER,
    client_id="secuhome",
    client_secret=SecretStr("a secret of thirty-two characters"),
)


class Liar:
    """A provider whose words the test puts into its mouth."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.claims: dict[str, Any] = {
            "iss": ISSUER,
            "sub": "anna",
            "aud": "secuhome",
            "nonce": FLOW.nonce,
            "iat": int(self.clock.now().timestamp()),
            "exp": int((self.clock.now() + timedelta(minutes=5)).timestamp()),
            "nickname": "Anna",
        }
        self.user_info: dict[str, Any] = {"sub": "anna", "picture": "https://pics.example/a.png"}
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/auth",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/me",
        }
        self.keys = [_public(KEY, "one")]
        self.asked: list[httpx.Request] = []
        self.instead: dict[str, httpx.Response] = {}

    def sign(self) -> str:
        """The ID token."""
        return jwt.encode(self.claims, KEY, "RS256", {"kid": "one"})

    async def person(self, issuer: str | None = None) -> ProviderPerson:
        """Who comes back, for our desk."""
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        desk = ProviderDesk(Settings(providers=(ROW,)), self.clock, http)
        try:
            return await desk.person("p", "a code", issuer, FLOW)
        finally:
            await desk.close()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        path = request.url.path
        if path in self.instead:
            return self.instead[path]
        bodies = {
            "/.well-known/openid-configuration": self.metadata,
            "/keys": {"keys": self.keys},
            "/token": {"id_token": self.sign(), "access_token": "at", "token_type": "Bearer"},
            "/me": self.user_info,
        }
        return httpx.Response(200, json=bodies[path])


def _public(key: RSAPrivateKey, name: str) -> dict[str, Any]:
    told = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**told, "kid": name, "use": "sig", "alg": "RS256"}


@pytest.fixture
def liar() -> Liar:
    """A provider that tells the truth so far."""
    return Liar()


async def test_the_truth_is_believed(liar: Liar) -> None:
    """Else the lies below would be refused for another reason than they say."""
    assert await liar.person(ISSUER) == ProviderPerson(
        ISSUER, "anna", "Anna", "https://pics.example/a.png"
    )
    token = next(it for it in liar.asked if it.url.path == "/token")
    assert f"code_verifier={FLOW.verifier}" in token.content.decode()
    assert token.headers["authorization"].startswith("Basic ")
    assert "a+secret" not in str(token.url) + token.content.decode()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"aud": "another client"},
        {"aud": ["another client", "secuhome"]},
        {"aud": ["secuhome", "another client"], "azp": "another client"},
        {"nonce": "another sign-in's"},
        {"nonce": 5},
        {"exp": 0},
        {"exp": "never"},
        {"iat": 0},
        {"iat": 4_000_000_000},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": "nul\x00"},
        {"sub": 17},
        *({name: None} for name in ("iss", "sub", "aud", "exp", "iat", "nonce")),
    ],
    ids=str,
)
async def test_a_claim_that_lies_or_lacks_is_refused(liar: Liar, claims: dict[str, Any]) -> None:
    told = {**liar.claims, **claims}
    liar.claims = {name: value for name, value in told.items() if value is not None}
    if isinstance(liar.claims.get("sub"), int):  # the library refuses to write this one
        liar.instead["/token"] = _tokens(_unchecked(liar.claims))
    with pytest.raises(ProviderSignInRefused):
        await liar.person()


async def test_several_audiences_are_fine_if_we_are_the_party(liar: Liar) -> None:
    liar.claims |= {"aud": ["secuhome", "another client"], "azp": "secuhome"}
    assert (await liar.person()).subject == "anna"


async def test_other_signatures_are_refused(liar: Liar) -> None:
    unsigned = jwt.encode(liar.claims, "", "none", {"kid": "one"})
    secret = ROW.client_secret.get_secret_value()
    for token in (
        unsigned,
        jwt.encode(liar.claims, secret, "HS256", {"kid": "one"}),
        jwt.encode(liar.claims, OTHER_KEY, "RS256", {"kid": "one"}),
        jwt.encode(liar.claims, KEY, "RS256", {"kid": "unknown"}),
        "no.token.at-all",
    ):
        liar.instead["/token"] = _tokens(token)
        with pytest.raises(ProviderSignInRefused):
            await liar.person()


async def test_a_token_without_a_key_name_needs_a_provider_with_one_key(liar: Liar) -> None:
    liar.instead["/token"] = _tokens(jwt.encode(liar.claims, KEY, "RS256"))
    assert (await liar.person()).subject == "anna"
    liar.keys.append(_public(OTHER_KEY, "two"))
    with pytest.raises(ProviderSignInRefused):
        await liar.person()


async def test_user_info_about_somebody_else_is_refused(liar: Liar) -> None:
    liar.user_info = {"sub": "ben", "nickname": "Ben"}
    with pytest.raises(ProviderSignInRefused):
        await liar.person()


async def test_a_code_from_another_issuer_is_not_even_tried(liar: Liar) -> None:
    with pytest.raises(ProviderSignInRefused):
        await liar.person("https://attacker.example")
    assert liar.asked == []


@pytest.mark.parametrize("status", [400, 401, 403])
async def test_a_code_that_the_provider_refuses_is_refused(liar: Liar, status: int) -> None:
    liar.instead["/token"] = httpx.Response(status, json={"error": "invalid_grant"})
    with pytest.raises(ProviderSignInRefused):
        await liar.person()


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/keys", "/token", "/me"])
@pytest.mark.parametrize(
    "answer",
    [httpx.Response(500), httpx.Response(200, text="<html>"), httpx.Response(200, json=["list"])],
    ids=["500", "html", "list"],
)
async def test_a_provider_that_doesnt_answer_as_it_should_is_unavailable(
    liar: Liar, path: str, answer: httpx.Response
) -> None:
    liar.instead[path] = answer
    with pytest.raises(ProviderUnavailable):
        await liar.person()


@pytest.mark.parametrize(
    "metadata", [{"issuer": "https://other.example"}, {"token_endpoint": None}], ids=str
)
async def test_another_issuers_or_half_a_description_is_refused(
    liar: Liar, metadata: dict[str, Any]
) -> None:
    told = {**liar.metadata, **metadata}
    liar.metadata = {name: value for name, value in told.items() if value is not None}
    with pytest.raises(ProviderUnavailable):
        await liar.person()


async def test_a_provider_that_wants_the_secret_in_the_body_gets_it_there(liar: Liar) -> None:
    liar.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    await liar.person()
    token = next(it for it in liar.asked if it.url.path == "/token")
    assert "client_secret=a+secret" in token.content.decode()
    assert "authorization" not in token.headers


@pytest.mark.parametrize(
    ("claims", "nickname", "avatar"),
    [
        ({"nickname": "Anna", "name": "Anna Schmidt"}, "Anna", None),
        ({"nickname": "anna@example.com", "name": "Anna Schmidt"}, "Anna Schmidt", None),
        ({"nickname": "anna@example.com"}, None, None),
        ({"nickname": "An\nna"}, None, None),
        ({"nickname": ["Anna"]}, None, None),
        ({"picture": "javascript:alert(1)"}, None, None),
        ({"picture": "http://pics.example/a.png"}, None, None),
        ({"picture": "https://pics.example/a.png"}, None, "https://pics.example/a.png"),
        ({"picture": "https://[broken"}, None, None),
        ({"picture": "https://x.example/" + "a" * 600}, None, None),
    ],
    ids=str,
)
def test_name_and_picture_are_kept_if_they_are_what_they_claim(
    claims: dict[str, Any], nickname: str | None, avatar: str | None
) -> None:
    person = person_of(ISSUER, {"sub": "anna", **claims}, {})
    assert (person.nickname, person.avatar_url) == (nickname, avatar)


@given(
    st.dictionaries(st.sampled_from(["sub", "nickname", "name", "picture"]), st.text() | st.none())
)
def test_whatever_is_claimed_what_is_kept_is_short_and_printable(claims: dict[str, Any]) -> None:
    try:
        person = person_of(ISSUER, {"sub": "", **claims}, {})
    except NotBelieved:
        return
    for text, longest in ((person.subject, 255), (person.nickname, 64), (person.avatar_url, 512)):
        assert text is None or (0 < len(text) <= longest and text.isprintable())


def _tokens(id_token: str) -> httpx.Response:
    return httpx.Response(200, json={"id_token": id_token, "access_token": "at"})


def _unchecked(claims: dict[str, Any]) -> str:
    payload = json.dumps(claims).encode()
    return jwt.PyJWS().encode(payload, KEY, "RS256", {"kid": "one", "typ": "JWT"})
