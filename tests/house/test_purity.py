"""Rules and the protocol take time and chance as arguments, and touch nothing outside."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.sources import name_of, page, python, tree

pytestmark = pytest.mark.house

IMPURE = {"asyncio", "time", "random", "secrets", "os", "socket", "threading", "httpx"}
CLOCK_READS = {"now", "utcnow", "today", "time", "monotonic"}
PURE = tuple(
    path
    for path in python("server", "signaling", "devices")
    if path.name.endswith("_rules.py") or "signaling/protocol" in str(path)
)


def imported(module: ast.Module) -> set[str]:
    """The top names that a module imports."""
    names: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


@pytest.mark.parametrize("path", PURE, ids=name_of)
def test_a_rule_has_no_clock_socket_task_or_dice(path: Path):
    assert not imported(tree(path)) & IMPURE
    reads = [
        node.func.attr
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCK_READS
    ]
    assert not reads


@pytest.mark.parametrize(
    ("folders", "groups"),
    [(("server", "signaling", "devices"), ()), (("tests", "bench"), ("build", "dev"))],
)
def test_what_is_imported_is_declared(folders: tuple[str, ...], groups: tuple[str, ...]):
    """What comes in by chance, with something else, is missing on the next machine."""
    project = tomllib.loads(page("pyproject.toml"))["project"]
    told = [*project["dependencies"]]
    for group in groups:
        told += project["optional-dependencies"][group]
    declared = {re.split(r"[\[<>=~! ;]", name)[0].lower().replace("_", "-") for name in told}
    known = packages_distributions()
    ours = {"server", "signaling", "devices", "tests", "bench"} | set(sys.stdlib_module_names)
    names = {name for path in python(*folders) for name in imported(tree(path))} - ours
    brought = {name: {it.lower().replace("_", "-") for it in known[name]} for name in names}
    assert not {name for name, by in brought.items() if not by & declared}


def test_only_one_file_commits():
    """A commit in the middle of a service leaves half of its work behind when the rest fails."""
    committing = {
        name_of(path)
        for path in python("server", "signaling", "devices")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert committing == {"server/foundation/database.py"}


@pytest.mark.parametrize("path", python("server", "signaling", "devices", "bench"), ids=name_of)
def test_an_escape_gives_its_reason(path: Path):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for escape in ("# noqa", "# type: ignore", "# pyright: ignore"):
            if escape in line and '"' not in line.split(escape)[1]:
                told = line.split(escape, 1)[1]
                assert " - " in told or " # " in told, f"line {number} has no reason"
