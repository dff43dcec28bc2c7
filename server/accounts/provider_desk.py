"""The talk with OpenID Connect providers: where to send people, and who came back.

OpenID Connect Core with the authorization code flow and PKCE (RFC 7636). A provider that can't be
reached or breaks the protocol is unavailable; an answer that can't be believed is refused. Its
tokens live as long as one callback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
import jwt

from server.accounts.errors import ProviderSignInRefused, ProviderUnavailable, UnknownProvider
from server.accounts.provider_rules import (
    ALGORITHMS,
    REQUIRED,
    Flow,
    NotBelieved,
    ProviderPerson,
    check_claims,
    person_of,
)
from server.foundation.clock import Clock
from server.foundation.settings import ProviderRow, Settings

KNOWN_FOR: Final = timedelta(hours=1)  # what a provider publishes about itself hardly ever changes
PATIENCE_S: Final = 10.0  # for each answer; somebody waits in front of a blank page


@dataclass(frozen=True, slots=True)
class _Metadata:
    """OpenID Connect Discovery §3, as far as it is used here."""

    authorization: str
    token: str
    keys: str
    user_info: str | None
    secret_in_body: bool
    learned_at: datetime

    @classmethod
    def read(cls, told: Mapping[str, Any], issuer: str, now: datetime) -> "_Metadata":
        """Raises KeyError for a missing member, ValueError for another issuer's document."""
        if told["issuer"] != issuer:
            raise ValueError("another issuer's document")
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return cls(
            told["authorization_endpoint"],
            told["token_endpoint"],
            told["jwks_uri"],
            told.get("userinfo_endpoint"),
            "client_secret_basic" not in methods,
            now,
        )


class ProviderDesk:
    """Knows the providers of the settings and speaks with them."""

    def __init__(
        self, settings: Settings, clock: Clock, http: httpx.AsyncClient | None = None
    ) -> None:
        """Makes its own HTTP client unless one is given; `close` closes either."""
        self.rows = {row.name: row for row in settings.providers}
        self._public_url, self._clock = settings.public_url, clock
        self._http = http or httpx.AsyncClient(timeout=PATIENCE_S)
        self._known: dict[str, _Metadata] = {}

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def address(self, name: str, state: str, flow: Flow) -> str:
        """Where to send a browser. Raises UnknownProvider, ProviderUnavailable."""
        row = self._row(name)
        query = {
            "response_type": "code",
            "client_id": row.client_id,
            "redirect_uri": self._callback(row),
            "scope": row.scope,
            "state": state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        endpoint = (await self._metadata(row)).authorization
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    async def person(self, name: str, code: str, issuer: str | None, flow: Flow) -> ProviderPerson:
        """Who came back with this code; `issuer` as the callback named it (RFC 9207), if it did.

        Raises UnknownProvider, ProviderUnavailable, ProviderSignInRefused.
        """
        row = self._row(name)
        if issuer is not None and issuer != row.issuer:
            raise ProviderSignInRefused  # a mix-up: the code is another provider's
        metadata = await self._metadata(row)
        tokens = await self._tokens(row, metadata, code, flow)
        keys = await self._get(metadata.keys)
        try:
            claims = _verified(tokens["id_token"], keys, row)
            check_claims(claims, row.client_id, flow.nonce, self._clock.now())
            more = await self._user_info(metadata, tokens)
            return person_of(row.issuer, claims, more)
        except (NotBelieved, jwt.PyJWTError, KeyError, TypeError):
            raise ProviderSignInRefused from None

    def _row(self, name: str) -> ProviderRow:
        if (row := self.rows.get(name)) is None:
            raise UnknownProvider
        return row

    def _callback(self, row: ProviderRow) -> str:
        return f"{self._public_url}/v1/providers/{row.name}/callback"

    async def _metadata(self, row: ProviderRow) -> _Metadata:
        now = self._clock.now()
        known = self._known.get(row.name)
        if known is None or now - known.learned_at > KNOWN_FOR:
            told = await self._get(f"{row.issuer.rstrip('/')}/.well-known/openid-configuration")
            try:
                known = self._known[row.name] = _Metadata.read(told, row.issuer, now)
            except (KeyError, ValueError):
                raise ProviderUnavailable from None
        return known

    async def _tokens(
        self, row: ProviderRow, metadata: _Metadata, code: str, flow: Flow
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._callback(row),
            "code_verifier": flow.verifier,
        }
        secret = row.client_secret.get_secret_value()
        auth: httpx.Auth = httpx.Auth()
        if metadata.secret_in_body:
            form |= {"client_id": row.client_id, "client_secret": secret}
        else:  # RFC 6749 §2.3.1: both are form-encoded first
            auth = httpx.BasicAuth(quote(row.client_id, safe=""), quote(secret, safe=""))
        try:
            answer = await self._http.post(metadata.token, data=form, auth=auth)
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ProviderUnavailable from None
        if answer.status_code in (400, 401, 403):
            raise ProviderSignInRefused  # most often the code: used, late, or somebody else's
        return _object(answer)

    async def _user_info(self, metadata: _Metadata, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nickname and picture, for providers that keep them out of the ID token."""
        if metadata.user_info is None or "access_token" not in tokens:
            return {}
        return await self._get(metadata.user_info, f"Bearer {tokens['access_token']}")

    async def _get(self, address: str, authorization: str | None = None) -> Mapping[str, Any]:
        headers = {"Accept": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            return _object(await self._http.get(address, headers=headers))
        except (httpx.HTTPError, httpx.InvalidURL):
            raise ProviderUnavailable from None


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        told = answer.json() if answer.is_success else None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ProviderUnavailable
    return told


def _verified(id_token: str, keys: Mapping[str, Any], row: ProviderRow) -> dict[str, Any]:
    """The claims of an ID token with a good signature. Raises jwt.PyJWTError, KeyError."""
    header = jwt.get_unverified_header(id_token)
    fit = [
        key
        for key in jwt.PyJWKSet.from_dict(dict(keys)).keys
        if header.get("kid") in (None, key.key_id) and key.public_key_use in (None, "sig")
    ]
    if len(fit) != 1:  # OpenID Connect Core §10.1: without a name there must be one key only
        raise jwt.InvalidTokenError
    return jwt.decode(
        id_token,
        fit[0],
        algorithms=list(ALGORITHMS),
        audience=row.client_id,
        issuer=row.issuer,
        # times are judged by `check_claims`, by the clock that was given
        options={"require": list(REQUIRED), "verify_exp": False, "verify_iat": False},
    )
