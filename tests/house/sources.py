"""The project's own source files, for the rules that hold over all of them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def files(*endings: str) -> tuple[Path, ...]:
    """The files that git knows of or would add, with one of the endings."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    paths = (ROOT / name for name in sorted(set(listed)))
    return tuple(path for path in paths if path.suffix in endings and path.exists())


@cache
def python(*folders: str) -> tuple[Path, ...]:
    """The Python files below these folders of the project."""
    roots = tuple(ROOT / folder for folder in folders)
    return tuple(path for path in files(".py") if any(path.is_relative_to(at) for at in roots))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text())


def name_of(path: Path) -> str:
    """A file as a reader of a failure wants it."""
    return str(path.relative_to(ROOT))


def page(name: str) -> str:
    """The text of a page of the documentation."""
    return (ROOT / name).read_text()
