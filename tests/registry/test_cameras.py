"""Cameras to their owner: listed, renamed, let go. To anybody else there are none."""

import asyncio

from devices.registry.tables import Device, Ownership
from server.signaling_parts import NoGateway
from tests.registry.world import World


class Holding(NoGateway):
    """A node whose cameras are connected."""

    def is_there(self, camera_id: str) -> bool:
        del camera_id
        return True


async def test_an_owner_sees_their_cameras(world: World):
    ann, camera = await world.person(), await world.camera("SH-C2")
    assert (await world.ask("GET", "/v1/cameras", ann.headers)).json() == {"cameras": []}
    await world.pair(ann, camera, "Porch")
    told = (await world.ask("GET", "/v1/cameras", ann.headers)).json()["cameras"]
    assert told == [
        {
            "id": camera.id,
            "name": "Porch",
            "model": "SH-C2",
            "serial": camera.made.serial,
            "online": False,
            "paired_at": "2026-11-25T08:00:00Z",
            "warranty": None,
            "town": None,
        }
    ]
    one = await world.ask("GET", f"/v1/cameras/{camera.id}", ann.headers)
    assert one.json() == told[0]


async def test_a_camera_is_online_while_a_gateway_holds_it(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)

    async def online() -> bool:
        told = await world.ask("GET", f"/v1/cameras/{camera.id}", ann.headers)
        return told.json()["online"]

    await world.house.engine.start(Holding())
    await world.house.engine.hold(camera.id)
    assert await online()
    await world.house.engine.release(camera.id)
    assert not await online()


async def test_a_camera_is_called_what_its_owner_wants(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera, "Porch")
    told = await world.ask(
        "PATCH", f"/v1/cameras/{camera.id}", ann.headers, json={"name": " Gärtchen 🌷 "}
    )
    assert (told.status_code, told.json()["name"]) == (200, "Gärtchen 🌷")


BAD_NAMES: tuple[dict[str, object], ...] = (
    {"name": ""},
    {"name": "  "},
    {"name": "x" * 65},
    {"name": "a\nb"},
    {"name": "a\0"},
    {"name": 7},
    {},
    {"name": "Porch", "owner": "acc_eu1_x"},
)


async def test_a_name_out_of_form_changes_nothing(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera, "Porch")
    for body in BAD_NAMES:
        told = await world.ask("PATCH", f"/v1/cameras/{camera.id}", ann.headers, json=body)
        assert (told.status_code, told.json()["code"]) == (422, "invalid_request"), body
    assert [it.name for it in await world.rows(Ownership)] == ["Porch"]


async def test_a_released_camera_is_nobodys_and_can_be_paired_anew(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    first = await world.pair(ann, camera, "Porch")
    world.clock.advance(seconds=1)
    answer = await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await world.ask("GET", "/v1/cameras", ann.headers)).json() == {"cameras": []}
    newest = (await world.history(ann))[0]
    assert newest["text"] == "Removed the camera Porch"
    second = await world.pair(ben, camera, "Door")
    assert (first["epoch"], second["epoch"]) == (1, 2)


async def test_a_name_given_by_the_last_owner_is_not_told_to_the_next(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera, "Ann's bedroom")
    await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    told = await world.pair(ben, camera, "Door")
    assert told["name"] == "Door"
    assert "Ann" not in (await world.ask("GET", "/v1/cameras", ben.headers)).text


ROUTES: tuple[tuple[str, str, dict[str, str] | None], ...] = (
    ("GET", "", None),
    ("PATCH", "", {"name": "Mine"}),
    ("PUT", "/warranty", None),
    ("DELETE", "", None),
)


async def test_anothers_camera_looks_like_none(world: World):
    ann, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ann, camera, "Porch")
    before = await world.rows(Ownership)
    for method, end, body in ROUTES:
        told: list[dict[str, object]] = []
        for camera_id in (camera.id, f"cam_eu1_{'0' * 26}"):
            path = f"/v1/cameras/{camera_id}{end}"
            answer = await world.ask(method, path, ben.headers, json=body)
            assert answer.status_code == 404, method
            told.append(answer.json() | {"request_id": ""})
        assert told[0] == told[1]
        assert told[0]["code"] == "unknown_camera"
    assert await world.rows(Ownership) == before
    assert (await world.ask("GET", "/v1/cameras", ben.headers)).json() == {"cameras": []}


async def test_what_is_no_id_is_refused_before_the_database_is_asked(world: World):
    ann = await world.person()
    for camera_id in ("cam_%00", "CAM_EU1", "acc_eu1_x", "cam_" + "x" * 99):
        answer = await world.ask("GET", f"/v1/cameras/{camera_id}", ann.headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_of_two_releases_at_once_one_counts(world: World):
    ann, camera = await world.person(), await world.camera()
    await world.pair(ann, camera)
    await world.connections_at_hand()
    answers = await asyncio.gather(
        *(world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers) for _ in range(4))
    )
    assert sorted(it.status_code for it in answers) == [204, 404, 404, 404]
    texts = [it["text"] for it in await world.history(ann)]
    assert texts.count("Removed the camera Porch") == 1


async def test_nobody_looks_without_signing_in_and_accepting(world: World):
    camera, stranger = await world.camera(), await world.person(accepted=False)
    for path in ("/v1/cameras", "/v1/pairings/pai_eu1_x", "/v1/cameras/cam_eu1_x"):
        assert (await world.ask("GET", path)).status_code == 401
        wrong = await world.ask("GET", path, camera.headers)
        assert wrong.json()["code"] == "wrong_kind_of_caller"
        told = await world.ask("GET", path, stranger.headers)
        assert (told.status_code, told.json()["code"]) == (403, "policy_not_accepted")


async def test_the_count_of_pairings_survives_an_owner(world: World):
    ann, camera = await world.person(), await world.camera()
    for epoch in (1, 2, 3):
        assert (await world.pair(ann, camera))["epoch"] == epoch
        await world.ask("DELETE", f"/v1/cameras/{camera.id}", ann.headers)
    async with world.database.writing() as db:
        for ownership in await world.rows(Ownership):
            await db.delete(ownership)
    assert [it.epoch for it in await world.rows(Device)] == [3]
    assert (await world.pair(ann, camera))["epoch"] == 4
