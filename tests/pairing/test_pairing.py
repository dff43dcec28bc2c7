"""Pairing on the running parts: begun by a person, redeemed by a camera, once."""

import asyncio
import hashlib
import json

from devices.pairing.tables import FirstUse, Pairing
from devices.registry.tables import Device, Ownership
from server.privacy.retention import end_what_is_over
from signaling.protocol.pairing_code import PairingCode, is_proof, proof_of
from tests.places import LISBON, PORTO_V6
from tests.registry.keys import jwk_of, new_key
from tests.registry.world import PROOF, Camera, Person, World

PUBLIC_URL = "https://app.secuhome.example"


async def state_of(world: World, person: Person, pairing_id: str) -> dict[str, object]:
    answer = await world.ask("GET", f"/v1/pairings/{pairing_id}", person.headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_pairing_from_the_first_word_to_the_proof(world: World):
    ann, camera = await world.person(), await world.camera()
    begun = await world.begin(ann, "Porch")
    assert begun["server"] == PUBLIC_URL
    assert begun["expires_at"] == "2026-11-25T08:03:00Z"
    waiting = await state_of(world, ann, begun["id"])
    assert waiting == {"id": begun["id"], "state": "waiting", "camera": None}

    told = await world.redeem(camera, begun["token"])
    assert told.json() == {"camera_id": camera.id, "name": "Porch", "epoch": 1}
    paired = await state_of(world, ann, begun["id"])
    key = jwk_of(camera.made.key)
    assert paired == {
        "id": begun["id"],
        "state": "paired",
        "camera": {"id": camera.id, "key": key, "proof": PROOF},
    }


async def test_the_phone_can_check_the_proof_with_what_it_is_told(world: World):
    ann, camera = await world.person(), await world.camera()
    begun = await world.begin(ann)
    (device,) = await world.rows(Device)
    code = PairingCode(begun["server"], begun["token"], b"0123456789abcdef", "t" * 43)
    seen = PairingCode.read(code.text())  # through the lens
    await world.redeem(camera, seen.token, proof_of(seen, device.key_thumbprint))
    told = await state_of(world, ann, begun["id"])
    proof = told["camera"]["proof"]  # pyright: ignore[reportIndexIssue] - the body is JSON
    assert is_proof(code, device.key_thumbprint, proof)


async def test_only_the_hash_of_a_token_is_stored(world: World):
    ann = await world.person()
    begun = await world.begin(ann)
    (pairing,) = await world.rows(Pairing)
    assert pairing.token_sha256 == hashlib.sha256(begun["token"].encode()).hexdigest()
    assert begun["token"] not in str(pairing.model_dump())


async def test_a_token_is_told_once_and_never_twice_the_same(world: World):
    ann = await world.person()
    tokens = {(await world.begin(ann))["token"] for _ in range(5)}
    assert len(tokens) == 5
    for pairing in await world.rows(Pairing):
        assert "token" not in await state_of(world, ann, pairing.id)


async def test_a_token_works_once(world: World):
    ann, first, second = await world.person(), await world.camera(), await world.camera()
    begun = await world.begin(ann)
    assert (await world.redeem(first, begun["token"])).status_code == 200
    answer = await world.redeem(second, begun["token"])
    assert (answer.status_code, answer.json()["code"]) == (409, "pairing_used")
    other_proof = await world.redeem(first, begun["token"], "q" * 43)
    assert (other_proof.status_code, other_proof.json()["code"]) == (409, "pairing_used")
    assert [it.camera_id for it in await world.rows(Ownership)] == [first.id]


async def test_a_camera_whose_answer_was_lost_is_told_it_again(world: World):
    ann, camera = await world.person(), await world.camera()
    begun = await world.begin(ann)
    first = await world.redeem(camera, begun["token"])
    world.clock.advance(seconds=200)  # the time of the token is over by now
    again = await world.redeem(camera, begun["token"])
    assert (again.status_code, again.json()) == (200, first.json())
    assert len(await world.rows(Ownership)) == 1
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    after = await world.redeem(camera, begun["token"])
    assert after.json()["code"] == "pairing_used"  # it is nobody's again, and stays so


async def test_a_token_whose_time_is_over_does_nothing(world: World):
    ann, camera = await world.person(), await world.camera()
    begun = await world.begin(ann)
    world.clock.advance(seconds=180)
    answer = await world.redeem(camera, begun["token"])
    assert (answer.status_code, answer.json()["code"]) == (410, "pairing_expired")
    assert (await state_of(world, ann, begun["id"]))["state"] == "expired"
    assert await world.rows(Ownership) == []


async def test_a_token_that_nobody_was_given_is_unknown(world: World):
    camera = await world.camera()
    for token in ("A" * 22, "A" * 43, "", "ü" * 22):
        answer = await world.redeem(camera, token)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_pairing")


async def test_a_camera_has_one_owner_at_a_time(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera)
    for person in (ben, ann):
        begun = await world.begin(person)
        answer = await world.redeem(camera, begun["token"])
        assert (answer.status_code, answer.json()["code"]) == (409, "camera_already_owned")
        assert (await state_of(world, person, begun["id"]))["state"] == "waiting"
    assert [it.account_id for it in await world.rows(Ownership)] == [ann.id]
    assert [it.epoch for it in await world.rows(Device)] == [1]  # a try that failed counts nothing


async def test_of_many_cameras_redeeming_one_token_at_once_one_wins(world: World):
    ann = await world.person()
    cameras = [await world.camera() for _ in range(4)]
    begun = await world.begin(ann)
    await world.connections_at_hand()
    answers = await asyncio.gather(*(world.redeem(it, begun["token"]) for it in cameras))
    assert sorted(it.status_code for it in answers) == [200, 409, 409, 409]
    codes = {it.json()["code"] for it in answers if it.status_code == 409}
    assert codes == {"pairing_used"}
    winner = next(it.json()["camera_id"] for it in answers if it.status_code == 200)
    assert [it.camera_id for it in await world.rows(Ownership)] == [winner]
    shown = await state_of(world, ann, begun["id"])
    assert shown["camera"]["id"] == winner  # pyright: ignore[reportIndexIssue] - the body is JSON
    assert sum(it.epoch for it in await world.rows(Device)) == 1


async def test_of_many_pairings_of_one_camera_at_once_one_counts(world: World):
    people = [await world.person() for _ in range(4)]
    camera = await world.camera()
    begun = [await world.begin(person) for person in people]
    await world.connections_at_hand()
    answers = await asyncio.gather(*(world.redeem(camera, it["token"]) for it in begun))
    assert sorted(it.status_code for it in answers) == [200, 409, 409, 409]
    codes = {it.json()["code"] for it in answers if it.status_code == 409}
    assert codes == {"camera_already_owned"}
    assert len(await world.rows(Ownership)) == 1
    assert sorted(it.paired_at is not None for it in await world.rows(Pairing)) == [
        False, False, False, True,
    ]  # fmt: skip


async def test_anothers_pairing_looks_like_none(world: World):
    ann, ben = await world.person(), await world.person()
    begun = await world.begin(ann)
    for pairing_id in (begun["id"], "pai_eu1_nothing"):
        answer = await world.ask("GET", f"/v1/pairings/{pairing_id}", ben.headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_pairing")


async def test_only_cameras_redeem_and_only_people_begin(world: World):
    ann, camera = await world.person(), await world.camera()
    begun = await world.begin(ann)
    body = {"token": begun["token"], "proof": PROOF}
    answer = await world.ask("POST", "/v1/pairings/redemption", ann.headers, json=body)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind_of_caller")
    wish = {"name": "Porch", "phone_key": jwk_of(new_key())}
    answer = await world.ask("POST", "/v1/pairings", camera.headers, json=wish)
    assert (answer.status_code, answer.json()["code"]) == (403, "wrong_kind_of_caller")
    unaccepted = await world.person(accepted=False)
    answer = await world.ask("POST", "/v1/pairings", unaccepted.headers, json=wish)
    assert (answer.status_code, answer.json()["code"]) == (403, "policy_not_accepted")


KEY = jwk_of(new_key())


BAD_WISHES: tuple[dict[str, object], ...] = (
    {"name": ""},
    {"name": "a\nb"},
    {"name": "\ud800"},
    {"phone_key": {**KEY, "d": KEY["x"]}},
    {"phone_key": {**KEY, "kid": "phone"}},
    {"phone_key": {**KEY, "crv": "P-384"}},
    {"phone_key": {**KEY, "x": KEY["y"]}},
    {"phone_key": {**KEY, "x": "A" * 43}},
    {"phone_key": json.dumps(KEY)},
    {"latitude": 38.7, "longitude": -9.1},
    {"imei": "490154203237518"},
)


async def test_a_wish_out_of_form_stores_nothing(world: World):
    ann = await world.person()
    headers = {**ann.headers, "content-type": "application/json"}
    for change in BAD_WISHES:
        body = json.dumps({"name": "Porch", "phone_key": KEY, **change}).encode()
        answer = await world.ask("POST", "/v1/pairings", headers, content=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request"), change
        assert KEY["x"] not in answer.text
    assert await world.rows(Pairing) == []


async def test_what_can_be_no_proof_is_refused_before_the_token_is_used(world: World):
    ann, camera = await world.person(), await world.camera()
    begun = await world.begin(ann)
    for proof in ("", "p" * 42, "p" * 44, "p" * 42 + "=", "\0" * 43):
        assert (await world.redeem(camera, begun["token"], proof)).status_code == 422
    assert (await world.redeem(camera, begun["token"])).status_code == 200


async def test_the_owner_reads_of_it(world: World):
    ann, camera = await world.person(), await world.camera()
    world.clock.advance(seconds=1)
    await world.pair(ann, camera, "Porch")
    told = {it["text"]: it for it in await world.history(ann)}
    assert "Added the camera Porch" in told
    begun = told["Began to add the camera Porch"]
    assert begun["device"]
    assert begun["place"]


async def test_the_first_use_is_kept_once_and_pairing_again_changes_nothing(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera, seen_at=LISBON)
    before = await world.rows(FirstUse)
    assert [(it.device_id, it.account_id, it.country) for it in before] == [
        (camera.id, ann.id, "PT")
    ]
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    world.clock.advance(days=1)
    ann = world.again(ann.id, ann.identity.session_id)
    camera = await fresh(world, camera)
    await world.pair(ann, camera, seen_at=PORTO_V6)
    assert await world.rows(FirstUse) == before


async def fresh(world: World, camera: Camera) -> Camera:
    """The camera with a new token."""
    assertion = camera.made.assertion(f"{PUBLIC_URL}/v1/oauth/token", world.clock.now())
    token = (await world.token(assertion)).json()["access_token"]
    return Camera(camera.made, camera.id, {"Authorization": f"Bearer {token}"})


async def test_who_begins_without_end_is_slowed_down(world: World):
    ann, ben = await world.person(), await world.person()
    body = {"name": "Porch", "phone_key": KEY}
    codes = [
        (await world.ask("POST", "/v1/pairings", ann.headers, json=body)).status_code
        for _ in range(31)
    ]
    assert codes == [201] * 30 + [429]
    await world.begin(ben)


async def test_a_pairing_is_forgotten_after_a_day_and_the_camera_stays(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    for hours, left in ((23, 1), (1, 0)):
        world.clock.advance(hours=hours)
        async with world.database.writing() as db:
            await end_what_is_over(db, world.clock.now())
        assert len(await world.rows(Pairing)) == left
    assert len(await world.rows(Ownership)) == 1
