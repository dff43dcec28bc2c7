"""What an ONVIF device and an ONVIF client tell each other through us arrives as it was meant."""

import json
from typing import Any

import pytest

from tests.onvif.client import Client, Session
from tests.onvif.conftest import PORCH, Home
from tests.onvif.device import Device, Ring
from tests.onvif.end import End, Refusal
from tests.onvif.media import PRINTED, Blind

ODD_TRICKLE = (
    ' {"params" :\t{"candidate": {"sdpMLineIndex":0 , "usernameFragment":"\\u0061b",'
    '"candidate":"candidate:1 1 udp 2 127.0.0.1 5 typ host","later":[1.50,1e2]},\n'
    ' "session":"%s","secuhome":{"x":1}}, "method":"trickle",  "jsonrpc":"2.0"} '
)


async def talking(
    home: Home, device: Device | None = None, client: Client | None = None
) -> tuple[Device, Client, Ring, Session]:
    """A device and a client with an answered call."""
    device = await home.device(device or Device("trickle"))
    client = await home.client(client or Client())
    session = await client.talk(PORCH)
    ring = device.rings[session.id]
    here, there = ring.media, session.media
    assert isinstance(here, Blind)
    assert isinstance(there, Blind)
    await device.until(lambda: ring.answer and None in here.candidates)
    await client.until(lambda: None in there.candidates)
    return device, client, ring, session


async def test_offer_and_answer_are_what_the_other_end_said(home: Home):
    _, _, ring, session = await talking(home)
    assert session.invited == {"session": session.id, "offer": PRINTED}
    assert ring.answer == {"answer": PRINTED}
    assert isinstance(ring.media, Blind)
    assert ring.media.answers == [PRINTED]


async def test_a_profile_reaches_the_device_as_it_is(home: Home):
    device, client = await home.device(Device()), await home.client(Client())
    profile = {"name": "main stream", "video": [{"height": 720, "rate": 29.97}], "none": None}
    session = await client.talk(PORCH, profile=profile)
    assert device.rings[session.id].asked["profile"] == profile
    without = await client.talk(PORCH)
    assert "profile" not in device.rings[without.id].asked


async def test_capabilities_reach_the_client_and_are_not_made_up(home: Home):
    _, client, _, session = await talking(home, Device("trickle", "x-zoom"))
    assert session.told["capabilities"] == ["trickle", "x-zoom"]
    await home.device(Device("trickle", tells_capabilities=False), "cam_barn")
    assert "capabilities" not in (await client.talk("cam_barn")).told


async def test_subprotocols_of_the_offer_and_those_of_the_answer_are_passed_on(home: Home):
    device = Device("trickle", subprotocols=("metadata.onvif.org", "x-move"))
    client = Client(subprotocols=("x-move", "x-talk"))
    _, _, ring, session = await talking(home, device, client)
    assert session.invited["subprotocols"] == ["metadata.onvif.org", "x-move"]
    assert ring.answer["subprotocols"] == ["x-move"]


@pytest.mark.parametrize("who", ["device", "client"])
async def test_a_candidate_is_relayed_byte_for_byte(home: Home, who: str):
    device, client, _, session = await talking(home)
    said = ODD_TRICKLE % session.id
    teller, hearer = (device, client) if who == "device" else (client, device)
    await teller.send_text(said)
    await hearer.until(lambda: said in hearer.heard)


@pytest.mark.parametrize("empty", ['""', "{}", '{"candidate" :""}', "null"])
async def test_each_form_of_no_more_candidates_is_relayed_byte_for_byte(home: Home, empty: str):
    device, client, ring, session = await talking(home)
    said = f'{{"jsonrpc":"2.0","method":"trickle","params":{{"session":"{session.id}",'
    said += f'  "candidate":{empty} }}}}'
    assert isinstance(ring.media, Blind)
    before = len(ring.media.candidates)
    await client.send_text(said)
    await device.until(lambda: said in device.heard)
    await device.send_text(said)
    await client.until(lambda: said in client.heard)
    assert ring.media.candidates[before:] == [None]


async def test_what_is_relayed_keeps_its_order(home: Home):
    device, client, ring, session = await talking(home)
    assert isinstance(ring.media, Blind)
    ring.media.candidates.clear()
    told = [{"candidate": f"candidate:{n} 1 udp 2 127.0.0.1 5 typ host"} for n in range(50)]
    for candidate in told:
        await client.notify("trickle", {"session": session.id, "candidate": candidate})
    heard = ring.media.candidates
    await device.until(lambda: len(heard) == len(told))
    assert heard == told


async def test_a_peer_that_is_not_ours_and_one_that_is_not_there_are_refused_alike(home: Home):
    await home.device(Device())
    client = await home.client(Client(), "acc_stranger")
    refusals: set[str] = set()
    for peer in (PORCH, "cam_nowhere"):
        with pytest.raises(Refusal) as no:
            await client.connect(peer)
        assert no.value.code == 403
        refusals.add(str(no.value))
    assert len(refusals) == 1


async def test_a_device_that_declines_is_quoted(home: Home):
    await home.device(Device(declines=Refusal(480, "the lens is covered")))
    client = await home.client(Client())
    with pytest.raises(Refusal) as no:
        await client.connect(PORCH)
    assert (no.value.code, no.value.message) == (480, "the lens is covered")


@pytest.mark.parametrize("no", [(400, "no codec of ours"), (410, "the user went away")])
async def test_an_offer_that_is_refused_is_refused_to_the_device(home: Home, no: tuple[int, str]):
    device, client = await home.device(Device()), await home.client(Client(refuses=Refusal(*no)))
    session = await client.connect(PORCH)
    ring = device.rings[session.id]
    await device.until(lambda: ring.refused)
    assert ring.refused is not None
    assert (ring.refused.code, ring.refused.message) == no


@pytest.mark.parametrize("cleanly", [True, False], ids=["unregister", "lost socket"])
async def test_a_client_that_goes_before_it_answers_is_gone_for_the_device(
    home: Home, cleanly: bool
):
    device, client = await home.device(Device()), await home.client(Client(answers=False))
    session = await client.connect(PORCH)
    await client.until(lambda: session.invited)
    await (client.unregister() if cleanly else client.leave())
    ring = device.rings[session.id]
    await device.until(lambda: ring.refused)
    assert ring.refused is not None
    assert ring.refused.code == 410


@pytest.mark.parametrize("bare", [True, False], ids=["bare", "notification"])
@pytest.mark.parametrize("who", ["device", "client"])
async def test_either_end_ends_a_session_by_error_in_either_form(home: Home, who: str, bare: bool):
    device, client, _, session = await talking(home)
    teller, hearer = (device, client) if who == "device" else (client, device)
    await teller.end_session(session.id, 1001, "too hot", bare=bare)
    over = await hearer.until_ended(session.id)
    assert (over.code, over.message, over.session) == (1001, "too hot", session.id)
    last = json.loads(hearer.heard[-1])
    assert "id" not in last
    await nothing_passes(teller, hearer, session.id)


async def nothing_passes(teller: End, hearer: End, session: str) -> None:
    """What is said in a session that is over reaches nobody."""
    count = len(hearer.heard)
    await teller.notify("trickle", {"session": session, "candidate": {}})
    for end in (teller, hearer):  # what is asked afterwards is answered, so nothing is under way
        with pytest.raises(Refusal):
            await end.request("dance")
    assert len(hearer.heard) == count + 1


# ---- sessions that end unless they are extended


@pytest.mark.parametrize("home", [60], indirect=True)
async def test_a_session_is_extended_where_the_device_can(home: Home):
    device, client, ring, session = await talking(home, Device("trickle", "extend"))
    assert session.told["expiryTimeSeconds"] == ring.asked["expiryTimeSeconds"] == 60
    assert await client.extend(session) == 60
    assert device.extended == [{"session": session.id, "expiryTimeSeconds": 60}]
    answer: dict[str, Any] = json.loads(client.heard[-1])
    assert answer == {"jsonrpc": "2.0", "id": answer["id"], "result": {"expiryTimeSeconds": 60}}
    assert type(answer["id"]) is int


@pytest.mark.parametrize("home", [60], indirect=True)
async def test_a_device_that_cannot_extend_is_not_asked_and_gets_no_end(home: Home):
    device, client, ring, session = await talking(home)
    assert "expiryTimeSeconds" not in session.told
    assert "expiryTimeSeconds" not in ring.asked
    with pytest.raises(Refusal) as no:
        await client.extend(session)
    assert no.value.code == -32601
    assert not device.extended


@pytest.mark.parametrize("home", [60], indirect=True)
async def test_a_session_of_somebody_else_is_not_extended(home: Home):
    _, _, _, session = await talking(home, Device("trickle", "extend"))
    other = await home.client(Client(), "acc_bert")
    with pytest.raises(Refusal) as no:
        await other.extend(session)
    assert no.value.code == 403


@pytest.mark.parametrize("home", [1], indirect=True)
async def test_a_session_that_nobody_extends_ends_at_both_ends_with_a_reason(home: Home):
    device, client, _, session = await talking(home, Device("trickle", "extend"))
    for end in (device, client):
        over = await end.until_ended(session.id)
        assert over.code == 410
        assert over.message
