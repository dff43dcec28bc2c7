"""Who an ONVIF end is: `register` once and first, `unregister`, and the token in its three ways."""

import pytest

from server.foundation.identity import Kind
from tests.onvif.client import Client
from tests.onvif.conftest import ANNA, PORCH, Home
from tests.onvif.device import Device
from tests.onvif.end import End, Refusal, TokenBy

WAYS: tuple[TokenBy, ...] = ("header", "query", "register")


async def refused(end: End, method: str, **params: object) -> int:
    """The code with which a request is refused."""
    with pytest.raises(Refusal) as no:
        await end.request(method, params or None)
    return no.value.code


@pytest.mark.parametrize("by", WAYS)
async def test_a_token_that_does_not_hold_registers_nobody(home: Home, by: TokenBy):
    client = await home.opens(Client(), Kind.ACCOUNT, ANNA, by=by)
    home.house.access.tokens.clear()
    with pytest.raises(Refusal) as no:
        await client.register()
    assert no.value.code == 401
    assert await client.until_closed() == 4100


async def test_header_and_register_must_name_the_same_party(home: Home):
    device = await home.opens(Device(), Kind.CAMERA, PORCH, by="header")
    with pytest.raises(Refusal) as no:
        await device.register(authorization=home.house.let_in(Kind.CAMERA, "cam_barn"))
    assert no.value.code == 401


async def test_no_token_at_all_is_refused(home: Home):
    client = await home.opens(Client(), Kind.ACCOUNT, ANNA)
    assert await refused(client, "register") == 401


@pytest.mark.parametrize("method", ["connect", "invite", "extend", "dance"])
async def test_anything_before_register_is_unauthorised(home: Home, method: str):
    client = await home.opens(Client(), Kind.ACCOUNT, ANNA, by="header")
    home.may_call(ANNA, PORCH)
    call = {"peer": PORCH, "authorization": f"token-of-{ANNA}"}
    assert await refused(client, method, **call) == 401
    await client.register()


async def test_unregister_before_register_is_not_registered(home: Home):
    client = await home.opens(Client(), Kind.ACCOUNT, ANNA)
    assert await refused(client, "unregister") == 404


@pytest.mark.parametrize("other", [PORCH, "cam_barn"])
async def test_a_second_register_is_an_error_and_changes_nobody(home: Home, other: str):
    device = await home.device(Device())
    token = home.house.let_in(Kind.CAMERA, other)
    assert await refused(device, "register", authorization=token) == -32600
    client = await home.client(Client())
    assert (await client.talk(PORCH)).id in device.rings
    home.may_call(ANNA, "cam_barn")
    assert await refused(client, "connect", peer="cam_barn", authorization="token-of-acc_anna") == (
        480
    )


async def test_a_device_that_unregistered_is_unavailable_until_it_registers_again(home: Home):
    device, client = await home.device(Device()), await home.client(Client())
    await client.talk(PORCH)
    await device.unregister()
    with pytest.raises(Refusal) as no:
        await client.connect(PORCH)
    assert no.value.code == 480
    assert await refused(device, "unregister") == 404
    await device.register()
    await client.talk(PORCH)


async def test_a_client_that_unregistered_calls_nobody(home: Home):
    device, client = await home.device(Device()), await home.client(Client())
    await client.unregister()
    with pytest.raises(Refusal) as no:
        await client.connect(PORCH)
    assert no.value.code == 401
    assert not device.rings


async def test_requests_that_nobody_knows_are_answered_so_at_every_end(home: Home):
    device, client = await home.device(Device()), await home.client(Client())
    assert await refused(device, "secuhome.dance") == -32601
    assert await refused(client, "dance") == -32601
    assert await refused(device, "connect", peer=PORCH, authorization="x") == -32601
    assert await refused(client, "invite", session="x", offer="v=0") == -32601
