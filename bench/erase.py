"""Erasing an account among 100,000, on SQLite and on PostgreSQL; and what encryption costs.

    python -m bench.erase [--accounts 100000] [--rounds 6] [--seconds 6] [--smoke] [--json FILE]

Both databases are filled once with the same people (`population.py`). Told is the database work
of an erasure, from the first step to the certificate: all time with a connection, commits too.
An ordinary account has thirty events, a heavy one 10,000 more. Then a real server answers others
while accounts end without a pause, and the same reads and writes are done sealed and plain.
Edna (Tsai et al., SOSP 2023) reports a median of 13.4 ms, and that others lose 7 %.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import typer

from bench import bystanders
from bench.erasing import Erased, erasing, settings_of
from bench.figures import Report, Spread, ratios, short, spread
from bench.population import EVENTS, Town, town_of
from bench.sealing_cost import costs
from bench.stores import Store, bytes_of, populated
from server.foundation.clock import SystemClock
from server.foundation.vault.key_file import make_key_file

ORDINARY_MS: Final = 15.0
HEAVY_S: Final = 4.0
HEAVY_ACCOUNTS: Final = 3
LOST: Final = 0.07
STORAGE: Final = 1.2
WARM: Final = 5  # erasures before any counts: statements are made and prepared


@dataclass(frozen=True, slots=True)
class Size:
    """How much is done."""

    accounts: int
    ordinary: int  # accounts whose erasure is measured
    heavy_events: int
    costed: int  # accounts that are read and written in a round
    rounds: int
    seconds: float  # of a round with bystanders


SMOKE: Final = Size(300, 5, 700, 5, 1, 0.5)


class People:
    """Who hasn't been used yet. The first of the town, with plain copies, are left to `costs`."""

    def __init__(self, town: Town, size: Size) -> None:
        self._rest = iter(range(size.costed, town.accounts))

    def some(self, count: int) -> list[int]:
        """So many numbers."""
        return [number for _, number in zip(range(count), self._rest, strict=False)]

    @property
    def all(self) -> Iterator[int]:
        """The others, one by one."""
        return self._rest


async def measure(size: Size) -> Report:
    """Everything, on one database and then on the other."""
    report = Report(f"Erasing an account among {size.accounts:,}, and what encryption costs")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        make_key_file(folder / "master.key")
        town = town_of(size.accounts, EVENTS, SystemClock().now(), folder / "master.key")
        async with populated(folder, town) as stores:
            for store in stores:
                people = People(town, size)
                await tell_storage(report, store, town)
                await tell_costs(report, store, folder, size)
                await tell_erasures(report, store, folder, people, size)
                await tell_bystanders(report, store, folder, people, size)
    return report


async def tell_storage(report: Report, store: Store, town: Town) -> None:
    """Bytes an account, sealed with all that sealing brings (keys, indexes), and plain."""
    sealed = await bytes_of(store.sealed) / town.accounts
    plain = await bytes_of(store.plain) / town.plain
    report.add("storage an account, sealed", store.name, [sealed / 1024], "KiB")
    report.add("storage an account, plain", store.name, [plain / 1024], "KiB")
    ratio = spread([sealed / plain])
    report.hold(f"{store.name}: storage, sealed to plain", ratio, at_most=STORAGE)


async def tell_costs(report: Report, store: Store, folder: Path, size: Size) -> None:
    """An ordinary read and write."""
    found = await costs(store, folder, range(size.costed), size.rounds)
    for act in ("read", "write"):
        sealed, plain = (getattr(found[side], act) for side in ("sealed", "plain"))
        report.add(f"{act}, sealed", store.name, sealed, "ms")
        report.add(f"{act}, plain", store.name, plain, "ms")
        ratio = ratios(sealed, plain)
        report.add(f"{act}, sealed to plain", store.name, [*ratio], "")


async def tell_erasures(
    report: Report, store: Store, folder: Path, people: People, size: Size
) -> None:
    """Ordinary accounts and heavy ones."""
    async with erasing(store, folder) as eraser:
        for number in people.some(WARM):
            await eraser.erase(number)
        ordinary = [await eraser.erase(number) for number in people.some(size.ordinary)]
        heavy: list[Erased] = []
        for number in people.some(HEAVY_ACCOUNTS):
            await eraser.grow(number, size.heavy_events)
            heavy.append(await eraser.erase(number))
    report.add("ordinary account, database work", store.name, _database(ordinary), "ms")
    report.add("ordinary account, in all", store.name, [it.whole_ms for it in ordinary], "ms")
    statements = [float(it.statements) for it in ordinary]
    report.add("ordinary account, statements", store.name, statements, "")
    heavy_s = [each / 1e3 for each in _database(heavy)]
    report.add("heavy account, database work", store.name, heavy_s, "s")
    report.add("heavy account, in all", store.name, [it.whole_ms / 1e3 for it in heavy], "s")
    what = f"{store.name}: ordinary account, ms of database work"
    report.hold(what, spread(_database(ordinary)), at_most=ORDINARY_MS)
    what = f"{store.name}: account with {short(size.heavy_events)} events, s in all"
    report.hold(what, spread([it.whole_ms / 1e3 for it in heavy]), at_most=HEAVY_S)


async def tell_bystanders(
    report: Report, store: Store, folder: Path, people: People, size: Size
) -> None:
    """Others at a server, with and without accounts that end."""
    others, leaving = people.some(bystanders.BYSTANDERS), list(people.all)
    await bystanders.freshly_signed_in(store, leaving, settings_of(store, folder))
    async with bystanders.served(store, folder) as town:
        found = await bystanders.rounds_of(town, others, iter(leaving), size.rounds, size.seconds)
    quiet, busy = ([it.requests for it in found[name]] for name in ("quiet", "erasing"))
    report.add("others' requests, quiet", store.name, quiet, "/s")
    report.add("others' requests, erasing", store.name, busy, "/s")
    report.add("erasures meanwhile", store.name, [it.erasures for it in found["erasing"]], "/s")
    kept = ratios(busy, quiet)
    lost = Spread(1 - kept.median, 1 - kept.most, 1 - kept.least)
    report.hold(f"{store.name}: share that others lose", lost, at_most=LOST)


def _database(erased: list[Erased]) -> list[float]:
    return [it.database_ms for it in erased]


def main(
    accounts: Annotated[int, typer.Option(min=300)] = 100_000,
    rounds: Annotated[int, typer.Option(min=1)] = 6,
    seconds: Annotated[float, typer.Option(help="Of a round with bystanders.")] = 6,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure erasures and encryption."""
    size = SMOKE if smoke else Size(accounts, 200, 10_000, 100, rounds, seconds)
    asyncio.run(measure(size)).tell(json_file)


if __name__ == "__main__":
    typer.run(main)
