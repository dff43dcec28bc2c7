"""The phone's duties: a secret of its own, a proof that it checks, a camera given back."""

import json
from typing import Any

import httpx
import pytest

from devices.agent.device_key import DeviceKey
from devices.viewer.phone import NotPaired, Phone, Said, ShownPairing, WrongCamera
from signaling.protocol.pairing_code import proof_of

SERVER = "https://home.example"
CAMERA = DeviceKey.generate()


class Book:
    """A server that answers as the API page says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []
        self.answers: dict[tuple[str, str], list[httpx.Response]] = {}

    def says(self, method: str, path: str, status: int, members: dict[str, Any]) -> None:
        """What it answers next to such a question; the last answer stays."""
        answer = httpx.Response(status, json=members if status != 204 else None)
        self.answers.setdefault((method, path), []).append(answer)

    def phone(self) -> Phone:
        transport = httpx.MockTransport(self._answer)
        phone = Phone(httpx.AsyncClient(base_url=SERVER, transport=transport))
        phone.access_token = "access"
        return phone

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answers = self.answers[request.method, request.url.path]
        return answers.pop(0) if len(answers) > 1 else answers[0]


async def _shown(book: Book, phone: Phone) -> ShownPairing:
    told = {"id": "prg_1", "token": "tok_0123456789", "expires_at": "soon", "server": SERVER}
    book.says("POST", "/v1/pairings", 201, told)
    return await phone.start_pairing("Porch")


async def test_the_secret_is_made_by_the_phone_and_never_sent() -> None:
    book = Book()
    phone = book.phone()
    first, second = await _shown(book, phone), await _shown(book, phone)
    assert first.code.secret != second.code.secret
    assert first.code.phone_thumbprint == phone.key.thumbprint()
    for asked in book.asked:
        assert set(json.loads(asked.content)) == {"name", "phone_key"}
        assert json.loads(asked.content)["phone_key"] == phone.key.public_jwk()
        assert asked.headers["authorization"] == "Bearer access"


async def test_a_camera_that_saw_the_screen_is_taken() -> None:
    book = Book()
    phone = book.phone()
    shown = await _shown(book, phone)
    proof = proof_of(shown.code, CAMERA.thumbprint())
    camera = {"id": "cam_1", "key": CAMERA.public_jwk(), "proof": proof}
    path = "/v1/pairings/prg_1"
    book.says("GET", path, 200, {"id": "prg_1", "state": "waiting", "camera": None})
    book.says("GET", path, 200, {"id": "prg_1", "state": "paired", "camera": camera})
    assert (await phone.finish_pairing(shown)).id == "cam_1"


@pytest.mark.parametrize("forged", ["key", "proof"])
async def test_a_camera_that_the_server_made_up_is_given_back(forged: str) -> None:
    book = Book()
    phone = book.phone()
    shown = await _shown(book, phone)
    proof = proof_of(shown.code, CAMERA.thumbprint())
    camera = {"id": "cam_1", "key": CAMERA.public_jwk(), "proof": proof}
    camera[forged] = DeviceKey.generate().public_jwk() if forged == "key" else "A" * 43
    book.says("GET", "/v1/pairings/prg_1", 200, {"state": "paired", "camera": camera})
    book.says("DELETE", "/v1/cameras/cam_1", 204, {})
    with pytest.raises(WrongCamera):
        await phone.finish_pairing(shown)
    assert (book.asked[-1].method, book.asked[-1].url.path) == ("DELETE", "/v1/cameras/cam_1")


async def test_a_code_that_nobody_read_is_told() -> None:
    book = Book()
    phone = book.phone()
    shown = await _shown(book, phone)
    book.says("GET", "/v1/pairings/prg_1", 200, {"state": "expired", "camera": None})
    with pytest.raises(NotPaired):
        await phone.finish_pairing(shown)


async def test_a_problem_keeps_its_code() -> None:
    book = Book()
    book.says("GET", "/v1/cameras", 403, {"code": "policy_not_accepted", "title": "Accept it"})
    with pytest.raises(Said) as said:
        await book.phone().cameras()
    assert (said.value.status, said.value.code) == (403, "policy_not_accepted")
