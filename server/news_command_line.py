"""`secuhome news`: queue an issue, and see what became of the letters."""

from pathlib import Path
from typing import Annotated

import typer

from server.foundation.purposes import Purpose
from server.house_for_a_command import with_house
from server.main import House
from server.privacy.news import queries
from server.privacy.news.errors import UnfitIssue
from server.privacy.news.issue_file import read_draft
from server.privacy.news.queueing import queue_issue

news_app = typer.Typer(
    no_args_is_help=True, help="Letters to those who asked for them (docs/purposes.md)."
)


@news_app.command()
def send(
    file: Annotated[Path, typer.Argument(help="`Subject: …`, an empty line, plain text.")],
    *,
    invitation: Annotated[
        bool, typer.Option("--invitation", help="To those who want invitations, not news.")
    ] = False,
    country: Annotated[
        str | None, typer.Option(help="To this country only, such as PT; for invitations.")
    ] = None,
) -> None:
    """Queue an issue. The running server sends it to those who allow it at that moment."""
    purpose = Purpose.INVITATIONS if invitation else Purpose.NEWS

    async def work(house: House) -> str:
        parts = house.foundation
        async with parts.database.writing() as db:
            return (await queue_issue(db, draft, purpose, country, parts)).id

    try:
        draft = read_draft(file.read_bytes())
        typer.echo(f"{with_house(work)} is queued; the running server sends it")
    except UnfitIssue as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(1) from None


@news_app.command("list")
def list_() -> None:
    """Each issue: when it was queued, for what purpose, how many letters are in which state."""

    async def work(house: House) -> list[str]:
        async with house.foundation.database.reading() as db:
            return [
                f"{it.id}  {it.queued_at:%Y-%m-%d %H:%M}  {it.purpose:12}"
                + "".join(f"  {n} {state}" for state, n in sorted(counted.items()))
                for it in await queries.issues(db)
                for counted in [await queries.counts(db, it.id)]
            ]

    for line in with_house(work) or ["nothing was sent so far"]:
        typer.echo(line)
