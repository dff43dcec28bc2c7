"""The list of what registration asks for, the request's schema and the labels are one thing."""

import json
import re
from importlib import import_module
from typing import Any

import pytest

from server.accounts.registration_fields import FIELDS, NEEDED, REASONS, RegistrationField
from server.accounts.schemas import RegistrationIn
from server.accounts.tables import Account, Registration
from server.foundation.labels import Personal, Why
from server.privacy.data_map import personal_columns
from server.privacy.purposes import PURPOSES, Basis, Switch
from tests.accounts.test_registering import ANNA
from tests.house.sources import page
from tests.people import PASSWORD, People

import_module("server.main")  # so that every table is known

EVERYTHING = {"email": ANNA, "password": PASSWORD, "area": "PT", "name": "Anna"}
# An account that was registered has these too, and nobody typed them then.
LATER = {
    *("avatar_url", "birthday", "gender", "hobbies", "created_at"),
    *("last_used_at", "idle_warned_at", "ends_at", "ended_at"),
}
STRAY = "canary-stray-member"


def labels(kind: type[Any]) -> dict[str, Personal]:
    """The personal columns of a table by name, keyed hashes of others left aside."""
    pairs = personal_columns(kind.__table__)
    return {str(column.name): label for column, label in pairs if not label.index_of}


def test_the_request_takes_what_is_on_the_list_and_says_why() -> None:
    schema = RegistrationIn.model_json_schema()
    told = {name: it["description"] for name, it in schema["properties"].items()}
    assert told == REASONS
    assert schema["required"] == list(NEEDED)
    assert schema["additionalProperties"] is False


def test_the_columns_are_those_on_the_list_and_no_others() -> None:
    columns = {it.column for it in FIELDS}
    assert set(labels(Registration)) == columns
    assert set(labels(Account)) - LATER == columns


def test_the_apps_form_asks_for_the_same_and_marks_what_is_optional() -> None:
    script = page("server/web/app/views/register.js").partition("function askCode")[0]
    asked = re.findall(r"^ +{ name: \"(\w+)\"(.*?)},$", script, re.MULTILINE | re.DOTALL)
    told = {name: "optional: true" not in rest for name, rest in asked}
    assert told == {it.name: it.needed for it in FIELDS}
    assert "mark: true" in script


@pytest.mark.parametrize("field", FIELDS, ids=lambda it: it.name)
def test_a_field_is_held_for_the_account_and_on_the_ground_of_the_contract(
    field: RegistrationField,
) -> None:
    for kind in (Registration, Account):
        label = labels(kind)[field.column]
        assert label.why is Why.ACCOUNT
        (purpose,) = [it for it in PURPOSES if label.why in it.covers]
        assert (purpose.switch, purpose.basis) == (Switch.NONE, Basis.CONTRACT)
    assert len(field.reason) > 10


async def test_what_is_needed_is_enough(house: People) -> None:
    async with house.browser() as browser:
        body = {name: EVERYTHING[name] for name in NEEDED}
        assert (await browser.post("/v1/registrations", json=body)).status_code == 202
        assert house.code_for(ANNA)


@pytest.mark.parametrize("field", FIELDS, ids=lambda it: it.name)
async def test_leaving_a_field_out_stands_in_the_way_only_if_it_is_needed(
    house: People, field: RegistrationField
) -> None:
    body = {name: value for name, value in EVERYTHING.items() if name != field.name}
    async with house.browser() as browser:
        answer = await browser.post("/v1/registrations", json=body)
    if not field.needed:
        assert answer.status_code == 202
        return
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    (error,) = answer.json()["errors"]
    assert error == {"field": field.name, "message": f"This is needed. {field.reason}"}


async def test_a_stray_member_is_refused_and_found_nowhere_afterwards(
    house: People, capsys: pytest.CaptureFixture[str]
) -> None:
    async with house.browser() as browser:
        for stray in ({"phone": STRAY}, {STRAY: "x"}, {"name": {"phone": STRAY}}):
            answer = await browser.post("/v1/registrations", json=EVERYTHING | stray)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        await house.register(browser, "ben@example.com")
    out, err = capsys.readouterr()
    assert "/v1/registrations" in out + err
    assert STRAY not in out + err
    assert await house.rows(Registration) == []
    stored = json.dumps([it.model_dump() for it in await house.rows(Account)], default=str)
    assert "ben@example.com" in stored
    assert STRAY not in stored
    folder = house.mailbox.parent
    files = [it.read_bytes() for it in folder.rglob("*") if it.is_file()]
    assert len(files) > 2
    assert not any(STRAY.encode() in it for it in files)
