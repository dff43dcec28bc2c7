"""A phone without a screen: what the companion app does, for the demo, the tests and the bench.

It keeps the app's side of the promises: it makes the pairing secret itself and never sends it, it
checks the camera's proof, and it gives a camera back that can't prove itself.
"""

import asyncio
import os
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, Self, cast

import httpx

from devices.agent.device_key import DeviceKey, thumbprint_of
from devices.viewer.watching import PATIENCE_S, Watching, watch
from signaling.protocol.pairing_code import SECRET_BYTES, PairingCode, is_proof

POLL_S: Final = 0.2  # while the person holds the phone before the lens
PAIRED_WITHIN_S: Final = 60.0

Members = dict[str, Any]


class Said(Exception):  # noqa: N818 - the server said no; `code` is the problem's (RFC 9457)
    """A problem answer: its status, its code, and the whole of it."""

    def __init__(self, status: int, problem: Members) -> None:
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem
        super().__init__(f"{status} {self.code}: {problem.get('detail') or problem.get('title')}")


class WrongCamera(Exception):  # noqa: N818 - says what it is
    """The camera that answered never saw our screen. It was released again."""


class NotPaired(Exception):  # noqa: N818 - says what happened
    """The code expired before a camera read it."""


@dataclass(frozen=True, slots=True)
class ShownPairing:
    """A pairing that waits for a camera: show `code` to its lens."""

    id: str
    code: PairingCode
    expires_at: str


@dataclass(frozen=True, slots=True)
class PairedCamera:
    """A camera that proved itself: its id, and the key that it proved."""

    id: str
    key: dict[str, str]


class Phone:
    """One person's phone at one server. An async context manager if it was given a base URL."""

    def __init__(self, http: httpx.AsyncClient | str) -> None:
        self._owned = httpx.AsyncClient(base_url=http) if isinstance(http, str) else None
        self._http = http if isinstance(http, httpx.AsyncClient) else cast(Any, self._owned)
        self.key = DeviceKey.generate()  # a phone's is of the same kind
        self.access_token: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._owned is not None:
            await self._owned.aclose()

    async def register(
        self, email: str, password: str, area: str, *, name: str | None = None
    ) -> str:
        """Ask for an account; the registration's id. A code comes by mail. Raises Said."""
        wish = {"email": email, "password": password, "area": area}
        told = await self._ask(
            "POST", "/v1/registrations", json=wish | ({"name": name} if name else {})
        )
        return str(told["registration_id"])

    async def confirm(self, registration_id: str, code: str) -> Members:
        """Give the code from the mail; we are signed in then. Raises Said."""
        path = f"/v1/registrations/{registration_id}/confirmation"
        return self._signed_in(await self._ask("POST", path, json={"code": code}))

    async def sign_in(
        self, email: str, password: str, *, remember: bool = False, take_back: bool = False
    ) -> Members:
        """A new session, with the place that was recorded for it. Raises Said.

        `take_back` undoes that the account was cancelled.
        """
        wish = {"email": email, "password": password, "remember": remember, "take_back": take_back}
        return self._signed_in(await self._ask("POST", "/v1/sessions", json=wish))

    async def refresh(self) -> Members:
        """A fresh access token by the session's cookie. Raises Said."""
        return self._signed_in(await self._ask("POST", "/v1/sessions/refresh"))

    async def sign_out(self) -> None:
        """End this session. Raises Said."""
        await self._ask("DELETE", "/v1/sessions/current")
        self.access_token = None

    async def cancel(self, password: str, *, at_once: bool = False) -> Members:
        """Cancel the account; how its erasure stands. Raises Said."""
        how = {"password": password, "at_once": at_once}
        return await self._ask("POST", "/v1/account/cancellation", json=how)

    async def erasure(self, erasure_id: str) -> Members:
        """How an erasure stands, for whoever knows its id. Raises Said."""
        return await self._ask("GET", f"/v1/erasures/{erasure_id}")

    async def policy(self) -> Members:
        """The privacy policy in force. Raises Said."""
        return await self._ask("GET", "/v1/policy")

    async def accept_policy(self, policy: Members) -> Members:
        """Accept this version, as it was shown. Raises Said."""
        shown = {"version": policy["version"], "sha256": policy["sha256"]}
        return await self._ask("POST", "/v1/policy/acceptance", json=shown)

    async def account(self) -> Members:
        """What the server knows about us. Raises Said."""
        return await self._ask("GET", "/v1/account")

    async def history(self) -> list[Members]:
        """What happened with the account, newest first, as its owner reads it. Raises Said."""
        return list((await self._ask("GET", "/v1/account/history"))["events"])

    async def start_pairing(self, name: str) -> ShownPairing:
        """Ask for a pairing and make the code to show. Raises Said."""
        wish = {"name": name, "phone_key": self.key.public_jwk()}
        told = await self._ask("POST", "/v1/pairings", json=wish)
        code = PairingCode(
            server=told["server"],
            token=told["token"],
            secret=os.urandom(SECRET_BYTES),
            phone_thumbprint=self.key.thumbprint(),
        )
        return ShownPairing(told["id"], code, told["expires_at"])

    async def finish_pairing(
        self, shown: ShownPairing, *, within: float = PAIRED_WITHIN_S
    ) -> PairedCamera:
        """Wait until a camera has read the code, and check that it truly has.

        `within` is in seconds. Raises WrongCamera (after releasing it), NotPaired, Said,
        TimeoutError.
        """
        async with asyncio.timeout(within):
            while (told := await self._ask("GET", f"/v1/pairings/{shown.id}"))["camera"] is None:
                if told["state"] == "expired":
                    raise NotPaired("the pairing expired before a camera read it")
                await asyncio.sleep(POLL_S)
        camera = told["camera"]
        if not is_proof(shown.code, thumbprint_of(camera["key"]), camera["proof"]):
            await self.release(camera["id"])
            raise WrongCamera(f"{camera['id']} could not prove that it saw this screen")
        return PairedCamera(camera["id"], camera["key"])

    async def cameras(self) -> list[Members]:
        """Our cameras. Raises Said."""
        return list((await self._ask("GET", "/v1/cameras"))["cameras"])

    async def camera(self, camera_id: str) -> Members:
        """One of our cameras. Raises Said."""
        return await self._ask("GET", f"/v1/cameras/{camera_id}")

    async def rename(self, camera_id: str, name: str) -> Members:
        """Give a camera another name. Raises Said."""
        return await self._ask("PATCH", f"/v1/cameras/{camera_id}", json={"name": name})

    async def release(self, camera_id: str) -> None:
        """Give a camera back: it belongs to nobody then. Raises Said."""
        await self._ask("DELETE", f"/v1/cameras/{camera_id}")

    async def activate_warranty(self, camera_id: str) -> Members:
        """Start the warranty, or read it if it runs already. Raises Said."""
        return await self._ask("PUT", f"/v1/cameras/{camera_id}/warranty")

    async def signaling_url(self) -> str:
        """Where to call cameras (ws:// or wss://). Raises Said."""
        return str((await self._ask("GET", "/v1/signaling"))["url"])

    async def watch(self, camera_id: str, *, within: float = PATIENCE_S) -> Watching:
        """See a camera. Raises CannotWatch, Said, TimeoutError."""
        return await watch(
            await self.signaling_url(), self.access_token or "", camera_id, within=within
        )

    def _signed_in(self, session: Members) -> Members:
        self.access_token = session["access_token"]
        return session

    async def _ask(self, method: str, path: str, **how: Any) -> Members:
        headers = {"Authorization": f"Bearer {self.access_token}"} if self.access_token else {}
        answer = await self._http.request(method, path, headers=headers, **how)
        if answer.status_code == HTTPStatus.NO_CONTENT:
            return {}
        told = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        if not answer.is_success:
            raise Said(answer.status_code, told)
        return told
