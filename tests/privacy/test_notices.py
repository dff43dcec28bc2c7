"""A change that weighs is told before anything else, once; one that doesn't is told to nobody."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from server.privacy.data_map_rules import DataMap, MappedColumn
from server.privacy.declaration_rules import Declaration, changes
from server.privacy.tables import PolicyAcceptance
from tests.people import people
from tests.privacy.choosing import Chooser, chooser
from tests.privacy.declaring import FIRST, MARKETING, PRINTER, edition, with_more

DECLARED = FIRST.declared
MAP = DECLARED.data_map


def column(**changed: Any) -> DataMap:
    """The map with its first column changed, beside what stands there already."""
    table = MAP.tables[0]
    further = replace(table.columns[0], column="further", **changed)
    return replace(MAP, tables=(replace(table, columns=(*table.columns, further)), *MAP.tables[1:]))


def renamed() -> DataMap:
    """The map with another name for its first table's columns."""
    table = MAP.tables[0]
    columns: tuple[MappedColumn, ...] = tuple(
        replace(it, column=f"new_{it.column}") for it in table.columns
    )
    return replace(MAP, tables=(replace(table, columns=columns), *MAP.tables[1:]))


def risky(**changed: Any) -> Declaration:
    """The first purpose with another assessment or ground."""
    first, *others = DECLARED.purposes
    return with_more(purposes=(replace(first, **changed), *others))


WEIGHTY = {
    "purpose": (with_more(), "Advertising: a new purpose, on the ground of consent"),
    "data": (with_more(data_map=column(category="gait")), "gait: new, held "),
    "use": (with_more(data_map=column(purpose="to advertise")), "a new purpose, to advertise"),
    "recipient": (
        with_more(data_map=replace(MAP, recipients=(PRINTER,))),
        "A print shop: a new recipient, processor under contract",
    ),
    "risk": (risky(risk="high"), "we found a high risk in it"),
    "ground": (risky(basis="consent"), "on the ground of consent"),
    "right": (
        with_more(rights={**DECLARED.rights, "move": ("by a file",)}),
        "you can now move: by a file",
    ),
    "authority": (
        with_more(authorities={**DECLARED.authorities, "DE": "Somebody else"}),
        "complaints in DE: Somebody else instead of ",
    ),
}
WEIGHTLESS = {
    "wording": DECLARED,
    "renamed": with_more(data_map=renamed()),
    "another region": with_more(authorities={**DECLARED.authorities, "XK": "An agency"}),
    "purpose gone": with_more(purposes=DECLARED.purposes[:-1]),
    "called otherwise": risky(title="Yours"),
    "a risk that stays low": risky(assessment="We looked at it again and found little."),
}


async def told_to(person: Chooser) -> dict[str, Any]:
    """What the app shows of the policy after the next sign-in."""
    signed_in = await person.house.sign_in(person.browser, "person0@example.com")
    person.session = signed_in.json()
    return (await person.ask("GET", "/v1/policy")).json()


@pytest.mark.parametrize("what", WEIGHTY)
async def test_a_change_that_weighs_is_told_before_anything_else_and_once(
    tmp_path: Path, database_url: str, what: str
) -> None:
    declared, text = WEIGHTY[what]
    later = edition(2027, declared)
    async with (
        people(tmp_path, database_url, editions=(FIRST, later)) as house,
        house.browser() as browser,
        house.browser() as another,
    ):
        person = await chooser(house, browser)
        house.clock.advance(days=60)
        policy = await told_to(person)
        assert person.session["policy_accepted"] is False
        assert policy["version"] == later.version
        (change,) = policy["changes"]
        assert (text in change["text"], change["narrows"]) == (True, False)
        shut = await person.ask("GET", "/gated/person")  # what an API client meets
        assert (shut.status_code, shut.json()["code"]) == (403, "policy_not_accepted")
        body = {"version": later.version, "sha256": later.sha256}
        assert (await person.ask("POST", "/v1/policy/acceptance", json=body)).is_success

        policy = await told_to(person)
        assert (person.session["policy_accepted"], policy["changes"]) == (True, [])
        assert (await person.ask("GET", "/gated/person")).status_code == 200
        assert [it.version for it in await house.rows(PolicyAcceptance)] == [
            FIRST.version,
            later.version,
        ]
        newcomer = await chooser(house, another)  # for whom nothing changed
        assert (await newcomer.ask("GET", "/v1/policy")).json()["changes"] == []


@pytest.mark.parametrize("what", WEIGHTLESS)
async def test_a_change_without_weight_asks_nobody(
    tmp_path: Path, database_url: str, what: str
) -> None:
    declared = WEIGHTLESS[what]
    assert [it for it in changes(DECLARED, declared) if it.material] == []
    later = edition(2027, declared, text="<p>in other words</p>")
    async with (
        people(tmp_path, database_url, editions=(FIRST, later)) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        house.clock.advance(days=60)
        policy = await told_to(person)
        assert (person.session["policy_accepted"], policy["changes"]) == (True, [])
        assert policy["html"] == later.html  # the better words are the ones that are shown
        assert (await person.ask("GET", "/gated/person")).status_code == 200


async def test_who_was_away_is_told_of_all_that_changed_since(
    tmp_path: Path, database_url: str
) -> None:
    second = edition(2027, with_more())
    third = edition(2028, with_more(data_map=column(category="gait")))  # the purpose is gone again
    async with (
        people(tmp_path, database_url, editions=(FIRST, second, third)) as house,
        house.browser() as browser,
    ):
        person = await chooser(house, browser)
        house.clock.advance(days=500)
        policy = await told_to(person)
        assert policy["version"] == third.version
        assert [it["text"].partition(":")[0] for it in policy["changes"]] == ["gait"]


def test_what_takes_a_right_is_told_first() -> None:
    fewer = with_more(rights={}, purposes=(*DECLARED.purposes, MARKETING))
    found = changes(DECLARED, fewer)
    assert [it.narrows for it in found] == [True] * len(DECLARED.rights) + [False]
