"""Small files, small functions, names that say what is inside.

Every project read for the style page has one noun that everybody added one more method to. The
cap is there to split that noun by verb while it is still small.
"""

import ast
from pathlib import Path

import pytest

from tests.house.sources import files, name_of, python, tree

pytestmark = pytest.mark.house

LINES_A_FILE, LINES_A_FUNCTION = 400, 40
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
SOURCES = python("server", "signaling", "devices", "bench")
EVERYTHING = (*python("server", "signaling", "devices", "bench", "tests"), *files(".js", ".css"))


@pytest.mark.parametrize("path", EVERYTHING, ids=name_of)
def test_a_file_is_short_and_its_name_says_what_is_in_it(path: Path):
    assert len(path.read_text().splitlines()) <= LINES_A_FILE
    assert path.stem not in NAMES_THAT_SAY_NOTHING


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_function_is_short(path: Path):
    if "migrations/versions" in str(path):
        return  # a generated list of columns
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > LINES_A_FUNCTION
    ]
    assert not long


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_what_is_public_says_what_it_does(path: Path):
    """A reader who has to open the body to know what a function promises will guess instead."""
    if "migrations/versions" in str(path):
        return
    bare = [
        node.name
        for node in public_definitions(tree(path))
        if not ast.get_docstring(node) and not node.name.startswith("_")
    ]
    assert not bare
    assert ast.get_docstring(tree(path)) or not tree(path).body, "the file has no first sentence"


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definitions_in(body: list[ast.stmt]) -> list[Definition]:
    """The functions and classes that stand directly in a body."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node for node in body if isinstance(node, kinds)]


def public_definitions(module: ast.Module) -> list[Definition]:
    """Functions and classes of a module, and the methods of its public classes."""
    outer = definitions_in(module.body)
    inner = [
        node
        for holder in outer
        if isinstance(holder, ast.ClassDef) and not holder.name.startswith("_")
        for node in definitions_in(holder.body)
    ]
    return [*outer, *inner]
