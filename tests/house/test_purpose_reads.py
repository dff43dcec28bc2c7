"""Nothing of an optional purpose is used past the gate."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

from tests.house.purpose_reads import OF_THE_ACCOUNT, optional_columns, undeclared, ungated
from tests.house.sources import name_of, python, tree

pytestmark = pytest.mark.house

import_module("server.main")  # so that every table is known

SOURCES = [path for path in python("server", "devices") if "migrations" not in path.parts]
MAKES_GRANTS = {"server/foundation/purposes.py", "server/privacy/purpose_gate.py"}


def test_there_are_columns_to_look_for():
    known = {"seen_country", "seen_town", "seen_vicinity", "place_id", "town_noted"}
    assert known <= optional_columns()


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_data_of_an_optional_purpose_is_touched_by_those_who_ask(path: Path):
    """Who forgets to ask would go on using what was withdrawn, and nobody would notice."""
    assert ungated(tree(path), optional_columns()) == []


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_only_the_gate_says_what_is_allowed(path: Path):
    made = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Granted"
    ]
    assert name_of(path) in MAKES_GRANTS or made == []


# Read what is only called alike, or write about the account's own contract.
OTHERS = {
    "server/privacy/contacts.py": "our own address",
    "server/privacy/declaration_rules.py": "our own address",
    "server/privacy/notice_letters.py": "a letter about a new version of the policy agreed to",
    "server/privacy/winding_down/telling.py": "a letter about the end of the service agreed to",
    "server/support/service.py": "the password of staff",
}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_what_was_typed_to_register_is_read_for_the_account_or_for_a_use_that_is_named(path: Path):
    """Whoever else wants an address goes through the gate, which knows what people agreed to."""
    if name_of(path).startswith(OF_THE_ACCOUNT) or name_of(path) in OTHERS:
        return
    assert undeclared(tree(path)) == []


def test_a_read_for_something_else_is_found():
    planted = "async def advertise(mail, account):\n    await mail.send(account.email)\n"
    assert undeclared(ast.parse(planted)) == ["advertise: email, line 2"]


@pytest.mark.parametrize(
    "planted",
    [
        "def recommend(event):\n    return shops_in(event.seen_town)\n",
        "async def rows(db):\n    return await db.exec(select(SecurityEvent.seen_town))\n",
        "def keep(db, place):\n    db.add(SecurityEvent(seen_town=place.text))\n",
        "class Job:\n    def run(self, event):\n        return event.seen_town\n",
        "towns = [event.seen_town for event in events]\n",
    ],
)
def test_a_use_without_asking_is_found(planted: str):
    assert len(ungated(ast.parse(planted), optional_columns())) == 1


@pytest.mark.parametrize(
    "planted",
    [
        "def shown(event, granted: Granted):\n    return event.seen_town\n",
        "async def job(db, it):\n    if await allowed(db, it.id, TOWN):\n        it.seen_town\n",
    ],
)
def test_a_use_by_who_asks_is_none(planted: str):
    assert ungated(ast.parse(planted), optional_columns()) == []
