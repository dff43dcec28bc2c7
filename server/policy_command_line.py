"""`secuhome policy compare` and `record`: what the code declares, against the newest version.

Both look at the code alone: they read no settings and no database.
"""

from datetime import date
from pathlib import Path
from typing import Annotated, Final

import typer

from server.foundation.clock import SystemClock
from server.migrations.known_tables import METADATA
from server.privacy.data_map_rules import Change
from server.privacy.declaration_rules import changes
from server.privacy.declared_now import declared_now
from server.privacy.editions import (
    FOLDER,
    PUBLISHED,
    Record,
    fingerprint,
    load_editions,
    record_text,
)

policy_app = typer.Typer(
    no_args_is_help=True, help="Versions of the policy (docs/policy-versions.md)."
)
MATERIAL: Final = 1
LANGUAGE: Final = "en"


@policy_app.command()
def compare() -> None:
    """Tell what the code does otherwise than the newest version says. Status 1: it is material."""
    newest = load_editions()[-1]
    found = changes(newest.declared, declared_now(METADATA))
    typer.echo(f"version {newest.version}, {'published' if newest.published else 'a draft'}")
    for it in found:
        typer.echo(f"{_weight(it):12}{it.text}")
    if not found:
        typer.echo("nothing changed")
    if any(it.material for it in found):
        raise typer.Exit(MATERIAL)


@policy_app.command()
def record(
    version: Annotated[
        str | None, typer.Option(help="The day on which it comes into force; default: today.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where the versions lie.")] = FOLDER,
) -> None:
    """Write what the code declares into the newest draft, or begin a draft with the last text."""
    version = version or f"{SystemClock().now():%Y-%m-%d}"
    newest = max(path.stem for path in folder.glob("*.html"))
    if newest not in PUBLISHED:
        version = newest
    elif not _is_day(version) or version <= newest:
        raise typer.BadParameter(f"give a day after {newest}, such as 2027-03-01")
    else:
        (folder / f"{version}.html").write_bytes((folder / f"{newest}.html").read_bytes())
    text = (folder / f"{version}.html").read_bytes()
    written = record_text(Record(version, LANGUAGE, fingerprint(text), declared_now(METADATA)))
    (folder / f"{version}.json").write_text(written)
    typer.echo(f"draft {version}: write its text, then record it again")
    typer.echo(f'to publish it: "{version}": "{fingerprint(written.encode())}",')


def _is_day(version: str) -> bool:
    try:
        return date.fromisoformat(version).isoformat() == version
    except ValueError:
        return False


def _weight(change: Change) -> str:
    return "narrows" if change.narrows else "material" if change.material else "no weight"
