"""What the JavaScript says about its types is true.

The pages have no build step, so nothing would ever read their annotations; a wrong one is worse
than none. The compiler is pinned beside this file and only looks.
"""

import json
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.browser.chromium import WEB

pytestmark = [pytest.mark.browser]

FOLDER: Final = Path(__file__).with_name("javascript_types")
LOCK: Final = FOLDER / "package-lock.json"
INSTALLED: Final = FOLDER / "node_modules" / ".package-lock.json"
SCRIPTS: Final = sorted(WEB.rglob("*.js"))


@pytest.fixture(scope="module")
def compiler() -> str:
    """The path of the pinned compiler, installed where it isn't there yet."""
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime:
        quietly = ("--no-audit", "--no-fund", "--silent")
        subprocess.run(["npm", "ci", *quietly], cwd=FOLDER, check=True)
    return str(FOLDER / "node_modules" / "typescript" / "bin" / "tsc")


def look(compiler: str, *arguments: str) -> tuple[int, str]:
    """Run the compiler: its status, and what it has to say."""
    done = subprocess.run(
        ["node", compiler, *arguments], cwd=FOLDER, check=False, capture_output=True, text=True
    )
    return done.returncode, done.stdout


def test_every_script_is_looked_at_and_no_type_is_wrong(compiler: str):
    status, said = look(compiler, "--project", ".", "--noEmit", "--listFiles")
    faults = [line for line in said.splitlines() if ": error TS" in line]
    assert (status, faults) == (0, [])
    assert {str(script) for script in SCRIPTS} <= set(said.splitlines())


def test_a_wrong_type_is_found(compiler: str, tmp_path: Path):
    """Else the test above could be happy about anything."""
    view = WEB / "app" / "format.js"
    (tmp_path / "wrong.js").write_text(
        f'// @ts-check\nimport {{ countdown }} from "{view.with_suffix("")}.js";\ncountdown("7");\n'
    )
    settings = {"extends": str(FOLDER / "tsconfig.json"), "include": ["wrong.js"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    status, said = look(compiler, "--project", str(tmp_path), "--noEmit")
    assert status != 0
    assert "TS2345" in said  # a text where a number belongs


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.relative_to(WEB)))
def test_a_script_asks_its_readers_editor_to_look_too(script: Path):
    assert script.read_text().startswith("// @ts-check\n")


def test_the_compiler_is_pinned_by_its_hash_and_not_by_its_address():
    text = LOCK.read_text()
    (package,) = [it for name, it in json.loads(text)["packages"].items() if name]
    assert (
        package["version"]
        == json.loads((FOLDER / "package.json").read_text())["dependencies"]["typescript"]
    )
    assert package["integrity"].startswith("sha512-")
    assert '"resolved"' not in text
