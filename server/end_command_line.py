"""`secuhome end-service`, `close-service`, `confirm-end`: we cease to serve one, or everybody."""

from datetime import date, datetime
from typing import Annotated

import typer

from server.house_for_a_command import with_house
from server.main import House
from server.privacy.erasure.agreeing import confirm_end_of, propose_end, proposed_end
from server.privacy.erasure.ceasing import Whom, cease_country, cease_one, concerned
from server.privacy.erasure.tables import AreaEnd
from server.privacy.winding_down.closing import MOST_CHARACTERS, begin_the_end, propose_closing
from server.staff_word import password_of, proven_operator

By = Annotated[str | None, typer.Option(help="Your name on the staff; the password is asked for.")]
Really = Annotated[bool, typer.Option("--really", help="Else they are only counted.")]


def end_service(
    reason: Annotated[str, typer.Option(help="A sentence that the owners will read.")],
    area: Annotated[str | None, typer.Option(help="For all of this country (ISO 3166-1).")] = None,
    email: Annotated[str | None, typer.Option(help="For the owner of this address.")] = None,
    by: By = None,
    *,
    really: Really = False,
) -> None:
    """Cease to serve somebody: told by letter, and erased at once. Nobody can take it back.

    For a country this only proposes it: somebody else of the staff must confirm.
    """
    fits = reason.isprintable() and reason.strip() and len(reason) <= MOST_CHARACTERS
    if (area is None) == (email is None) or not fits:
        raise typer.BadParameter("give a reason (500 characters), and one of --area and --email")
    if area is not None and really:
        if by is None:
            raise typer.BadParameter("for a country give --by too: it takes two people")
        typer.echo(with_house(lambda it: _propose(it, area, reason, by, password_of(by))))
    elif email is not None and really:
        typer.echo(with_house(lambda it: _end_one(it, email, reason)))
    else:
        typer.echo(with_house(lambda it: _count(it, Whom(area, email))))


def close_service(
    reason: Annotated[str, typer.Option(help="A sentence that everybody will read.")],
    erases_on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="From this day on all is erased.")
    ],
    by: Annotated[str, typer.Option(help="Your name on the staff; the password is asked for.")],
) -> None:
    """Propose to end the whole service: nothing new is taken, all are told, and then erased.

    Somebody else of the staff must confirm. Then nobody can take it back.
    """
    password = password_of(by)
    typer.echo(with_house(lambda it: _close(it, reason, erases_on.date(), by, password)))


def confirm_end(
    proposal: Annotated[str, typer.Argument(help="What `secuhome end-service` has printed.")],
    by: Annotated[str, typer.Option(help="Your name on the staff; the password is asked for.")],
    *,
    really: Really = False,
) -> None:
    """Agree to end a country's accounts, or the service, as another person proposed; and do so."""
    password = password_of(by)
    typer.echo(with_house(lambda it: _confirm(it, proposal, by, password, really=really)))


async def _count(house: House, whom: Whom) -> str:
    found = await concerned(house.foundation.database, whom)
    return f"{len(found)} accounts; nothing was done, give --really"


async def _end_one(house: House, email: str, reason: str) -> str:
    ended = await cease_one(house.foundation, email, reason)
    return f"{ended} accounts ended; the server erases them"


async def _propose(house: House, area: str, reason: str, by: str, password: str) -> str:
    parts, operator = house.foundation, await proven_operator(house, by, password)
    found = len(await concerned(parts.database, Whom(area)))
    async with parts.database.writing() as db:
        now = parts.clock.now()
        end = await propose_end(db, parts.ids, area, reason, found, operator, now)
    return f"{found} accounts; nothing was done. Somebody else runs: secuhome confirm-end {end.id}"


async def _close(house: House, reason: str, erases_on: date, by: str, password: str) -> str:
    operator = await proven_operator(house, by, password)
    end = await propose_closing(house.foundation, reason, erases_on, operator)
    told = f"{end.accounts} accounts; nothing was done."
    return f"{told} Somebody else runs: secuhome confirm-end {end.id}"


async def _confirm(house: House, proposal: str, by: str, password: str, *, really: bool) -> str:
    parts, operator = house.foundation, await proven_operator(house, by, password)
    async with parts.database.reading() as db:
        end = await proposed_end(db, proposal, operator, parts.clock.now())
    if not really:
        found = len(await concerned(parts.database, _whom(end)))
        whose = f"of {end.country}" if end.country else f"of everybody, erased on {end.erases_on}"
        told = f"{found} accounts {whose} ({end.accounts} when proposed): {end.reason}"
        return f"{told}\nnothing was done, give --really"
    async with parts.database.writing() as db:
        await confirm_end_of(db, parts.ids, proposal, operator, parts.clock.now())
    if end.country is not None:
        return f"{await cease_country(parts, proposal)} accounts ended; the server erases them"
    await begin_the_end(parts, proposal)
    return f"the service is closing; the running server tells everybody ({end.erases_on})"


def _whom(end: AreaEnd) -> Whom:
    return Whom(end.country) if end.country else Whom(everybody=True)
