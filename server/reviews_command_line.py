"""`secuhome reviews`: the register of reviews of how we gather, keep and handle data."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

import typer

from server.house_for_a_command import with_house
from server.main import House
from server.privacy.reviews.review_rules import Area, is_overdue
from server.privacy.reviews.reviewing import (
    close_finding,
    open_findings,
    record_review,
    standings,
)
from server.staff_word import password_of, proven_staff

reviews_app = typer.Typer(
    no_args_is_help=True, help="Reviews of our practices (docs/operations.md)."
)
By = Annotated[str, typer.Option(help="Your name on the staff; the password is asked for.")]


@reviews_app.command()
def record(
    area: Annotated[Area, typer.Argument(help="What was reviewed.")],
    by: By,
    summary: Annotated[str, typer.Option(help="What was looked at; names nobody.")],
    finding: Annotated[
        list[str] | None, typer.Option(help="What was found; may be given several times.")
    ] = None,
) -> None:
    """Write down a review that you have made."""
    password = password_of(by)

    async def work(house: House) -> list[str]:
        parts, member = house.foundation, await proven_staff(house, by, password)
        async with parts.database.writing() as db:
            told, now = (summary, finding or []), parts.clock.now()
            found = await record_review(db, parts.ids, area, member.id, told, now)
        return [f"{area.value} is reviewed", *(f"{it.id}: {it.finding}" for it in found)]

    _tell(work)


@reviews_app.command()
def close(
    finding: Annotated[str, typer.Argument(help="The finding's id.")],
    by: By,
    action: Annotated[str, typer.Option(help="What was done about it.")],
) -> None:
    """Close a finding, with what was done about it."""
    password = password_of(by)

    async def work(house: House) -> list[str]:
        parts, member = house.foundation, await proven_staff(house, by, password)
        async with parts.database.writing() as db:
            await close_finding(db, parts.ids, finding, member.id, action, parts.clock.now())
        return [f"{finding} is closed"]

    _tell(work)


@reviews_app.command("list")
def list_() -> None:
    """Each area, when it was reviewed last and is to be again; and the findings that are open."""

    async def work(house: House) -> list[str]:
        now = house.foundation.clock.now()
        async with house.foundation.database.reading() as db:
            areas = [
                f"{it.practice.value:12}{_day(it.newest):12}{_due(it.due, now)}"
                for it in await standings(db)
            ]
            findings = [
                f"{it.id}  {area}  {_due(it.due_at, now)}  {it.finding}"
                for it, area in await open_findings(db)
            ]
        return [f"{'area':12}{'reviewed':12}due", *areas, *findings]

    _tell(work)


def _day(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d}"


def _due(due: datetime | None, now: datetime) -> str:
    told = "now" if due is None else f"{due:%Y-%m-%d}"
    return f"{told} (overdue)" if is_overdue(due, now) else told


def _tell(work: Callable[[House], Awaitable[list[str]]]) -> None:
    for line in with_house(work):
        typer.echo(line)
