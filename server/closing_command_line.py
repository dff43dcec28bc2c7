"""`secuhome close-service`: the whole service ends."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

import server.main
from server.foundation.settings import load_settings
from server.privacy.winding_down.closing import begin_the_end


def close_service(
    reason: Annotated[str, typer.Option(help="A sentence that everybody will read.")],
    erases_on: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="From this day on all is erased.")
    ],
    *,
    really: Annotated[bool, typer.Option("--really", help="Else nothing is done.")] = False,
) -> None:
    """End the whole service: nothing new is taken, everybody is told, and then all is erased."""
    if not really:
        typer.echo("nothing was done; give --really. Nobody can take it back")
        return

    async def work() -> None:
        parts = server.main.build(load_settings()).foundation
        try:
            await begin_the_end(parts, reason, erases_on.date())
        finally:
            await parts.database.close()

    asyncio.run(work())
    typer.echo(f"the service is closing; the running server tells everybody ({erases_on:%F})")
