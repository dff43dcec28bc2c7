"""The few things that a camera asks the HTTP server: a token, an owner, where signaling is."""

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

import httpx

from devices.agent.camera_folder import Identity, Pairing
from devices.agent.device_key import ASSERTION_TYPE, DeviceKey
from signaling.protocol.pairing_code import PairingCode, proof_of

RENEW_BEFORE_S: Final = 60.0  # a token that dies on its way would cost a reconnect
ANSWER_WITHIN_S: Final = 10.0


class ServerAway(Exception):  # noqa: N818 - says what happened; worth trying again
    """The server can't be reached, or is ill (5xx)."""


class TokenRefused(Exception):  # noqa: N818 - says what happened; trying again won't help
    """The server doesn't know this serial, or knows it with another key."""


class PairingRefused(Exception):  # noqa: N818 - says what happened; another QR may help
    """The server took the QR's token for used, expired or unknown. `code` is the problem's."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class ServerApi:
    """One server, as one camera sees it."""

    def __init__(
        self,
        server: str,
        identity: Identity,
        key: DeviceKey,
        http: httpx.AsyncClient,
        unix_time: Callable[[], float] = time.time,
    ) -> None:
        self.server = server.rstrip("/")
        self._identity = identity
        self._key = key
        self._http = http
        self._unix_time = unix_time
        self._token: str | None = None
        self._good_until = 0.0

    async def token(self) -> str:
        """A token that holds for a minute at least. Raises TokenRefused, ServerAway."""
        now = self._unix_time()
        if self._token is not None and now < self._good_until:
            return self._token
        audience = f"{self.server}/v1/oauth/token"
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._key.assertion(self._identity.serial, audience, now=now),
        }
        answer = await self._ask("POST", "/v1/oauth/token", data=form)
        if answer.status_code != HTTPStatus.OK:
            raise TokenRefused(
                f"{self.server} refuses camera {self._identity.serial}: the serial is unknown "
                "there, or its key is another one. Import this camera's factory_record.csv "
                f"(answer {answer.status_code})."
            )
        told = answer.json()
        token = str(told["access_token"])
        self._token, self._good_until = token, now + float(told["expires_in"]) - RENEW_BEFORE_S
        return token

    def forget_token(self) -> None:
        """The gateway didn't take it: get another one next time."""
        self._token = None

    async def redeem(self, code: PairingCode) -> Pairing:
        """Belong to whoever shows this code. Raises PairingRefused, TokenRefused, ServerAway."""
        proof = proof_of(code, self._key.thumbprint())
        answer = await self._ask(
            "POST",
            "/v1/pairings/redemption",
            json={"token": code.token, "proof": proof},
            headers={"Authorization": f"Bearer {await self.token()}"},
        )
        told = _members(answer)
        if answer.status_code != HTTPStatus.OK:
            problem = str(told.get("code", answer.status_code))
            reason = str(told.get("detail") or told.get("title") or "no reason given")
            raise PairingRefused(problem, f"The server refuses this QR code: {reason}")
        return Pairing(
            server=self.server,
            camera_id=str(told["camera_id"]),
            name=str(told["name"]),
            epoch=int(told["epoch"]),
            phone_thumbprint=code.phone_thumbprint,
        )

    async def signaling_url(self) -> str:
        """Where the signaling gateway is (ws:// or wss://). Raises TokenRefused, ServerAway."""
        answer = await self._ask(
            "GET", "/v1/signaling", headers={"Authorization": f"Bearer {await self.token()}"}
        )
        if answer.status_code != HTTPStatus.OK:
            raise ServerAway(f"{self.server} doesn't say where signaling is ({answer.status_code})")
        return str(_members(answer)["url"])

    async def _ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        try:
            answer = await self._http.request(
                method, self.server + path, timeout=ANSWER_WITHIN_S, **how
            )
        except httpx.HTTPError as why:
            raise ServerAway(f"{self.server} can't be reached ({type(why).__name__})") from why
        busy = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
        if answer.is_server_error or busy:
            raise ServerAway(f"{self.server} answers {answer.status_code}")
        return answer


def _members(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
