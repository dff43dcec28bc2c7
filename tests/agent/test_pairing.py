"""From a QR code to an owner: what is taken, what is passed over, what is remembered."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest

from devices.agent.camera_folder import CameraFolder, Identity, Pairing, UnusableFolder
from devices.agent.device_key import DeviceKey
from devices.agent.lens import Lens
from devices.agent.pairing import pair, same_server
from devices.agent.server_api import PairingRefused, ServerApi, ServerAway, TokenRefused
from devices.viewer.qr_scene import show_still
from signaling.protocol.pairing_code import PairingCode, is_proof
from tests.agent.gateway_house import SERIAL, SERVER, Server, Told

WHO = Identity(SERIAL, "SH-C1", "DE")
PAIRED = {"camera_id": "cam_1", "name": "Porch", "epoch": 3}


def _code(server: str = SERVER, token: str = "tok_0123456789") -> PairingCode:
    return PairingCode(server, token, b"0123456789abcdef", "p" * 43)


async def _show(code: PairingCode | str, scene: Path) -> None:
    await asyncio.to_thread(show_still, code, scene)


class Room:
    """A new camera, its server, and a place before its lens."""

    def __init__(self, folder: Path) -> None:
        self.folder = CameraFolder(folder / "camera")
        self.key = self.folder.manufacture(WHO)
        self.server = Server(self.key)
        self.scene = folder / "seen.png"
        self.told = Told()
        self.asked_for: list[str] = []

    async def api_for(self, server: str) -> ServerApi:
        self.asked_for.append(server)
        return ServerApi(server, WHO, self.key, self.server.client())

    def pairing(self, told_server: str | None = SERVER) -> "asyncio.Task[Pairing]":
        lens = Lens(str(self.scene))
        work = pair(self.folder, lens, told_server, self.api_for, self.told.say)
        return asyncio.create_task(work)


async def test_a_camera_belongs_to_whoever_shows_it_a_code(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.server.redemption = (200, PAIRED)
    await _show(_code(), room.scene)
    pairing = await room.pairing()
    assert (pairing.camera_id, pairing.name, pairing.epoch) == ("cam_1", "Porch", 3)
    assert room.folder.pairing() == pairing
    sent = json.loads(room.server.redeemed[0])
    assert set(sent) == {"token", "proof"}
    assert is_proof(_code(), room.key.thumbprint(), sent["proof"])
    assert "paired" in [told["event"] for told in room.told.all]


async def test_the_secret_is_never_sent_nor_told_nor_kept(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.server.redemption = (200, PAIRED)
    await _show(_code(), room.scene)
    await room.pairing()
    kept = b"".join([path.read_bytes() for path in (tmp_path / "camera").iterdir()])
    for secret in ("0123456789abcdef", _code().text().split("|")[3]):
        assert secret.encode() not in room.server.redeemed[0] + kept
        assert secret not in repr(room.told.all)


@pytest.mark.parametrize("code", ["pairing_used", "pairing_expired", "camera_already_owned"])
async def test_a_code_that_the_server_refuses_is_told_and_the_next_one_is_taken(
    tmp_path: Path, code: str
) -> None:
    room = Room(tmp_path)
    room.server.redemption = (409, {"code": code, "detail": "Ask for a new code."})
    await _show(_code(), room.scene)
    pairing = room.pairing()
    refused = await room.told.hear("refused")
    assert refused["code"] == code
    assert "Ask for a new code" in refused["why"]
    room.server.redemption = (200, PAIRED)
    await _show(_code(token="tok_another_one"), room.scene)
    assert (await pairing).camera_id == "cam_1"


async def test_a_code_for_another_server_is_refused_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    await _show(_code(server="https://evil.example"), room.scene)
    pairing = room.pairing()
    refused = await room.told.hear("refused")
    assert "evil.example" in refused["why"]
    assert room.asked_for == []
    pairing.cancel()
    await asyncio.gather(pairing, return_exceptions=True)


async def test_a_camera_that_was_told_no_server_takes_the_codes(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.server.redemption = (200, PAIRED)
    await _show(_code(), room.scene)
    assert (await room.pairing(told_server=None)).server == SERVER
    assert room.asked_for == [SERVER]


async def test_a_server_that_is_down_for_a_moment_does_not_cost_the_pairing(
    tmp_path: Path,
) -> None:
    room = Room(tmp_path)
    room.server.redemption = (200, PAIRED)
    room.server.down = True
    await _show(_code(), room.scene)
    pairing = room.pairing()
    assert SERVER in (await room.told.hear("waiting"))["why"]
    room.server.down = False
    assert (await pairing).camera_id == "cam_1"


async def test_a_foreign_code_is_an_event_without_its_text(tmp_path: Path) -> None:
    room = Room(tmp_path)
    await _show("WIFI:T:WPA;S:home;P:hunter22;;", room.scene)
    pairing = room.pairing()
    assert (await room.told.hear("refused"))["what"] == "qr"
    assert "hunter22" not in repr(room.told.all)
    pairing.cancel()
    await asyncio.gather(pairing, return_exceptions=True)


async def test_a_wrong_key_is_refused_in_words_that_help() -> None:
    server = Server(DeviceKey.generate())
    api = ServerApi(SERVER, WHO, DeviceKey.generate(), server.client())
    with pytest.raises(TokenRefused, match=SERIAL) as refused:
        await api.token()
    assert "factory_record.csv" in str(refused.value)


async def test_a_token_is_asked_for_again_only_when_it_is_about_to_end() -> None:
    key, now = DeviceKey.generate(), [time.time() - 20]
    server = Server(key)
    server.token_life_s = 65
    api = ServerApi(SERVER, WHO, key, server.client(), unix_time=lambda: now[0])
    assert [await api.token() for _ in range(3)] == ["camera-token"] * 3
    assert server.tokens_given == 1
    now[0] += 6
    await api.token()
    assert server.tokens_given == 2
    api.forget_token()
    await api.token()
    assert server.tokens_given == 3


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_ill_server_is_away_and_not_a_refusal(status: int) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status))
    api = ServerApi(SERVER, WHO, DeviceKey.generate(), httpx.AsyncClient(transport=transport))
    with pytest.raises(ServerAway, match=str(status)):
        await api.token()


async def test_a_refusal_without_a_body_is_still_a_refusal() -> None:
    key = DeviceKey.generate()
    server = Server(key)
    server.redemption = (410, {})
    api = ServerApi(SERVER, WHO, key, server.client())
    with pytest.raises(PairingRefused) as refused:
        await api.redeem(_code())
    assert refused.value.code == "410"


def test_an_address_with_a_closing_slash_is_the_same_server() -> None:
    assert same_server("https://Home.example/", "https://home.example")
    assert not same_server("https://home.example", "http://home.example")


def test_a_damaged_memory_is_told_and_not_guessed_at(tmp_path: Path) -> None:
    folder = CameraFolder(tmp_path / "camera")
    with pytest.raises(UnusableFolder, match=r"identity\.json"):
        folder.identity()
    folder.manufacture(WHO)
    assert folder.pairing() is None
    (tmp_path / "camera" / "pairing.json").write_text('{"server": "x"}')
    with pytest.raises(UnusableFolder, match=r"pairing\.json"):
        folder.pairing()
    folder.forget()
    assert folder.pairing() is None
