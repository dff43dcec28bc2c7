"""The reference pages say what the code says: settings, problems, faults, closes, the map."""

import re
from importlib import import_module

import pytest

from server.foundation.errors import PROBLEMS
from server.foundation.settings import PREFIX, Settings
from signaling.protocol.call_states import CALL
from signaling.protocol.close_codes import CLOSE_CODES, Close
from signaling.protocol.faults import FAULTS, Fault
from tests.house.sources import ROOT, files, page

pytestmark = pytest.mark.house

import_module("server.main")  # so that every problem is known

SOURCES = ("server", "signaling", "devices")


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, its two head lines left out."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_setting_is_on_its_page_with_its_default():
    """A setting that nobody can look up is set by trial, in production."""
    told = {row[0]: row[1] for row in rows(page("docs/settings.md"), "The settings")}
    fields = Settings.model_fields.items()
    known = {PREFIX + name.upper(): _shown(field.default) for name, field in fields}
    assert told == known


def _shown(default: object) -> str:
    return "none" if default in (None, "", ()) else str(default)


def test_every_problem_is_on_its_page():
    """A code that a client's author can't look up is handled as `else`."""
    told = {(row[0], row[1], row[2]) for row in rows(page("docs/problems.md"), "The problems")}
    assert told == {(kind.code, str(kind.status), kind.title) for kind in PROBLEMS.values()}


@pytest.mark.parametrize("kind", PROBLEMS.values(), ids=lambda kind: kind.code)
def test_a_problem_tells_what_to_do(kind: type):
    assert re.fullmatch(r"[a-z_]+", kind.code)
    assert 400 <= kind.status < 600
    assert len(kind.remedy) > 10


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_on_the_page_that_camera_makers_read(fault: Fault):
    assert [str(fault.code), fault.name, fault.message] in rows(
        page("signaling/PROTOCOL.md"), "Faults"
    )


@pytest.mark.parametrize("close", CLOSE_CODES, ids=lambda close: close.name)
def test_a_close_code_is_on_the_page_that_camera_makers_read(close: Close):
    """A camera that reconnects for ever after a refusal is a flood that we taught it."""
    told = rows(page("signaling/PROTOCOL.md"), "Close codes")
    assert [str(close.number), close.name, close.then.value, close.reason] in told


def test_the_page_prints_the_table_of_a_call():
    told = rows(page("signaling/PROTOCOL.md"), "The states of a call")
    known = [
        [before.name, event.name, after.name]
        for before, row in CALL.items()
        for event, after in row.items()
    ]
    assert sorted(told) == sorted(known)


def test_the_map_and_the_tree_agree():
    """A map that lists a folder that is gone sends a newcomer looking for it."""
    told = set(re.findall(r"^### (\S+)$", page("ARCHITECTURE.md"), re.MULTILINE))
    folders = {
        str(path.parent.relative_to(ROOT))
        for path in files(".py")
        if path.name == "__init__.py" and path.parts[len(ROOT.parts)] in SOURCES
    }
    tops = {"server", "devices"}
    assert told - {"server/web", "bench", "tests", "docker", "docs"} == folders - tops - {
        "server/migrations/versions"
    }


@pytest.mark.parametrize(
    "folder", ["tests/identity_provider", "tests/receipt_reader", "bench/peerjs"]
)
def test_the_npm_lock_holds_hashes_and_no_address(folder: str):
    npm = page(f"{folder}/package-lock.json")
    assert '"integrity"' in npm
    assert '"resolved"' not in npm


def test_the_readme_tells_how_many_promises_are_kept():
    kept = page("docs/promises.toml").count('state = "kept"')
    words = " ".join(page("README.md").split())
    assert f": {kept} of them are so far" in words


def test_the_readme_names_only_commands_that_exist():
    targets = set(re.findall(r"^([a-z-]+):", page("Makefile"), re.MULTILINE))
    told = set(re.findall(r"`make ([a-z-]+)", page("README.md")))
    told |= set(re.findall(r"^ *make ([a-z-]+)", page("README.md"), re.MULTILINE))
    assert told <= targets
    assert {"demo", "test", "test-fast", "help"} <= told
