"""Whatever somebody may put right can be seen, changed and read again; the rest is refused."""

import json
from typing import Any

import pytest

from devices.registry.tables import Ownership
from server.accounts.tables import Account
from server.security.events import SecurityEvent
from tests.privacy.test_export import download, world
from tests.registry.world import Person, World

__all__ = ["world"]
PATH = "/v1/privacy/corrections"
OWN = {  # the account's own fields, each with another value that it can have
    "account.name": "Anna Karenina",
    "account.area": "PT",
    "account.avatar_url": "https://pictures.example/anna.png",
    "account.birthday": "1987-03-14",
    "account.gender": "woman",
    "account.hobbies": "beekeeping, choir",
}
IMPOSSIBLE = {
    "account.name": ["x" * 65, "two\nlines"],
    "account.area": [None, "", "XX", "pt"],
    "account.avatar_url": ["http://pictures.example/anna.png", "javascript:alert(1)"],
    "account.birthday": ["2026-11-26", "1899-12-31", "2001-02-30", "yesterday"],
    "account.gender": ["Martian"],
    "account.hobbies": ["x" * 201],
}
CASES = [(field, value) for field, values in IMPOSSIBLE.items() for value in values]


def one(field: str, value: str | None, row: str | None = None) -> dict[str, Any]:
    return {"field": field, "row": row, "value": value}


async def send(world: World, who: Person, *corrections: dict[str, Any]) -> Any:
    return await world.ask("PATCH", PATH, who.headers, json={"corrections": list(corrections)})


async def form(world: World, who: Person) -> dict[tuple[str, str | None], Any]:
    """The form as it is now, by field and row."""
    answer = await world.ask("GET", PATH, who.headers)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    return {(it["field"], it["row"]): it for it in answer.json()["fields"]}


async def values(world: World, who: Person) -> dict[str, str | None]:
    return {field: it["value"] for (field, _), it in (await form(world, who)).items()}


async def events(world: World, who: Person) -> list[tuple[str, str | None]]:
    rows = [it for it in await world.rows(SecurityEvent) if it.account_id == who.id]
    return [(it.kind, it.about) for it in rows]


async def test_a_form_tells_all_that_an_app_needs_to_show_it(world: World) -> None:
    anna = await world.person()
    shown = await form(world, anna)
    assert {field for field, _ in shown} == set(OWN)
    assert shown["account.birthday", None] == {
        "field": "account.birthday",
        "row": None,
        "category": "birthday",
        "label": "Your birthday",
        "value": None,
        "kind": "date",
        "choices": None,
        "max_length": 10,
        "required": False,
    }
    area = shown["account.area", None]
    assert (area["kind"], area["required"], area["max_length"]) == ("choice", True, None)
    assert {"PT", "DE"} < set(area["choices"])


async def test_each_field_is_changed_read_again_and_exported_alike(world: World) -> None:
    anna, ben = await world.person(), await world.person()
    answer = await send(world, anna, *(one(*it) for it in OWN.items()))
    assert answer.status_code == 200
    assert {it["field"]: it["value"] for it in answer.json()["fields"]} == OWN
    assert await values(world, anna) == OWN
    (record,) = (await download(world, anna)).records("account")
    assert {f"account.{name}": record[name] for name in record if f"account.{name}" in OWN} == OWN
    told = (await world.ask("GET", "/v1/account", anna.headers)).json()
    assert (told["name"], told["area"], told["age"]) == ("Anna Karenina", "PT", 39)
    assert set((await values(world, ben)).values()) == {None}
    categories = "name, country, as told at registration, picture's address, birthday, gender"
    assert ("data_corrected", f"{categories}, hobbies") in await events(world, anna)


async def test_the_history_tells_what_was_changed_and_no_value(world: World) -> None:
    anna = await world.person()
    world.clock.advance(seconds=1)
    await send(world, anna, one("account.birthday", "1987-03-14"))
    newest = (await world.history(anna))[0]
    assert newest["text"] == "Changed own data: birthday"
    assert "1987" not in str(await events(world, anna))
    before = len(await events(world, anna))
    await send(world, anna, one("account.birthday", "1987-03-14"))  # as it was
    assert len(await events(world, anna)) == before


async def test_the_age_follows_from_the_birthday_on_the_day(world: World) -> None:
    anna = await world.person()
    account = ("GET", "/v1/account", anna.headers)
    assert (await world.ask(*account)).json()["age"] is None
    await send(world, anna, one("account.birthday", "2008-11-25"))  # it is today
    assert (await world.ask(*account)).json()["age"] == 18
    await send(world, anna, one("account.birthday", "2008-11-26"))
    assert (await world.ask(*account)).json()["age"] == 17


async def test_what_nobody_needs_can_be_emptied_again(world: World) -> None:
    anna = await world.person()
    await send(world, anna, *(one(*it) for it in OWN.items()))
    emptied = [one(field, None) for field in OWN if field != "account.area"]
    assert (await send(world, anna, *emptied)).status_code == 200
    assert await values(world, anna) == dict.fromkeys(OWN) | {"account.area": "PT"}
    (row,) = await world.rows(Account)
    assert (row.birthday, row.gender, row.hobbies, row.name) == (None, None, None, None)


@pytest.mark.parametrize(("field", "value"), CASES)
async def test_an_impossible_value_names_its_field_and_nothing_is_stored(
    world: World, field: str, value: str | None
) -> None:
    anna = await world.person()
    others = [one(name, good) for name, good in OWN.items() if name != field]
    refused = await send(world, anna, *others, one(field, value))
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "impossible_value")
    assert (problem["field"], bool(problem["detail"])) == (field, True)
    assert not value or value not in refused.text
    assert set((await values(world, anna)).values()) == {None}
    assert "data_corrected" not in dict(await events(world, anna))


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("account.email", "corrections.1.field"),
        ("account.password_hash", "corrections.1.field"),
        ("account.created_at", "corrections.1.field"),
        ("account.id", "corrections.1.field"),
        ("security_event.network", "corrections.1.field"),
        ("anna.karenina", "corrections.1.field"),
        ("ownership.name", "ownership.name"),  # without a row
    ],
)
async def test_what_can_not_be_corrected_is_refused_and_nothing_is_stored(
    world: World, field: str, told: str
) -> None:
    anna = await world.person()
    refused = await send(world, anna, one("account.name", "Anna"), one(field, "x"))
    assert (refused.status_code, refused.json()["code"]) == (422, "not_correctable")
    assert refused.json()["field"] == told
    assert (await values(world, anna))["account.name"] is None


async def test_a_camera_is_renamed_as_by_its_own_route(world: World) -> None:
    anna, camera = await world.person(), await world.camera()
    await world.pair(anna, camera, "Porch")
    (row,) = [row for field, row in await form(world, anna) if field == "ownership.name"]
    assert (await send(world, anna, one("ownership.name", " Cellar ", row))).status_code == 200
    path = f"/v1/cameras/{camera.id}"
    assert (await world.ask("GET", path, anna.headers)).json()["name"] == "Cellar"
    renamed = await world.ask("PATCH", path, anna.headers, json={"name": "Attic"})
    assert renamed.status_code == 200
    assert (await form(world, anna))["ownership.name", row]["value"] == "Attic"
    for impossible in (None, "", "x" * 65):
        refused = await send(world, anna, one("ownership.name", impossible, row))
        assert (refused.json()["code"], refused.json()["row"]) == ("impossible_value", row)
    await world.ask("DELETE", path, anna.headers)  # what is held of a camera that was released too
    assert (await send(world, anna, one("ownership.name", "Old attic", row))).status_code == 200
    assert [it.name for it in await world.rows(Ownership)] == ["Old attic"]


async def test_somebody_elses_row_looks_as_if_it_were_not_there(world: World) -> None:
    anna, ben, camera = await world.person(), await world.person(), await world.camera()
    await world.pair(ben, camera, "Ben's")
    (row,) = [row for field, row in await form(world, ben) if field == "ownership.name"]
    tried = [("ownership.name", row), ("ownership.name", "own_eu1_0"), ("account.name", ben.id)]
    answers = [await send(world, anna, one(field, "Anna's", its)) for field, its in tried]
    assert {(it.status_code, it.json()["code"]) for it in answers} == {(422, "not_correctable")}
    assert (await form(world, ben))["ownership.name", row]["value"] == "Ben's"
    assert (await form(world, ben))["account.name", None]["value"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"corrections": []},
        {"corrections": [one("account.name", "Anna")] * 101},
        {"corrections": [{"field": "account.name"}]},
        {"corrections": [one("account.name", "Anna") | {"category": "name"}]},
        {"corrections": [one("account.name; DROP TABLE account", "Anna")]},
        {"corrections": [one("account.name", "\ud800")]},
    ],
)
async def test_another_shape_is_refused(world: World, body: dict[str, Any]) -> None:
    anna = await world.person()
    text = json.dumps(body)
    headers = {**anna.headers, "content-type": "application/json"}
    refused = await world.ask("PATCH", PATH, headers, content=text)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PATCH"])
async def test_it_is_for_the_person_alone(world: World, method: str) -> None:
    camera = await world.camera()
    body: Any = {} if method == "GET" else {"json": {"corrections": [one("account.name", "x")]}}
    for headers, code in ((camera.headers, 403), ({}, 401)):
        assert (await world.ask(method, PATH, headers, **body)).status_code == code


async def test_it_needs_no_acceptance_of_the_policy(world: World) -> None:
    """Who doesn't agree to the policy is still owed right data."""
    person = await world.person(accepted=False)
    assert (await send(world, person, one("account.name", "Anna"))).status_code == 200
