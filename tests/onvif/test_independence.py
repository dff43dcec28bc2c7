"""These two ends prove something only as long as they don't speak with our own words."""

import ast
from pathlib import Path

import pytest

from tests.house.sources import tree

HERE = Path(__file__).parent
THEIRS = ("client.py", "device.py", "end.py", "media.py")


def modules_of(path: Path) -> set[str]:
    """Every module that a file imports, by its full name."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(f"{'.' * node.level}{node.module or ''}")
    return names


@pytest.mark.parametrize("name", THEIRS)
def test_an_onvif_end_is_made_of_nothing_of_ours(name: str):
    ours = {"server", "signaling", "devices", "bench", "tests", ""}
    own = {f"tests.onvif.{Path(each).stem}" for each in THEIRS}
    of_ours = {module for module in modules_of(HERE / name) if module.split(".")[0] in ours}
    assert of_ours <= own
    assert "secuhome" not in (HERE / name).read_text().lower()
