"""A heavy account takes its data with it: what that costs a real server in memory and time.

    python -m bench.export [--accounts 10000] [--rounds 3] [--smoke] [--json FILE]

One account has 10,000 events, another 100,000, among many ordinary ones, on SQLite and on
PostgreSQL. Told is by how much the server's resident memory grows at its highest while it sends
the archive, beside the size of what is in it: an export that gathers all of it before it sends
grows by more than that.
"""

import asyncio
import tempfile
import time
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from bench.bystanders import Served, freshly_signed_in, served
from bench.erasing import settings_of
from bench.figures import Report, short, spread
from bench.population import EVENTS, Task, Town, heavy, town_of
from bench.stores import Store, populated
from server.foundation.clock import SystemClock
from server.foundation.vault.key_file import make_key_file

HEAVY: Final = (10_000, 100_000)  # events
SMOKE_HEAVY: Final = (600, 1_200)
MOST_ROUNDS: Final = 4  # the product allows five exports an hour; the first of them doesn't count
GROWTH_MIB: Final = 16.0
MIB: Final = 1 << 20


class Exported(NamedTuple):
    """One export: how it was for the server, and how much was in it."""

    growth_mib: float
    seconds: float
    archive_mib: float
    content_mib: float


async def measure(accounts: int, heavies: Sequence[int], rounds: int) -> Report:
    """Both accounts on both databases. Heavy accounts are the first of the town."""
    report = Report(f"Export of heavy accounts among {accounts:,}")
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        make_key_file(folder / "master.key")
        town = town_of(accounts, EVENTS, SystemClock().now(), folder / "master.key")
        async with populated(folder, town, _heavy(town, heavies)) as stores:
            for store in stores:
                await tell(report, store, folder, heavies, rounds)
    return report


def _heavy(town: Town, heavies: Sequence[int]) -> list[Task]:
    return [task for number, count in enumerate(heavies) for task in heavy(town, number, count)]


async def tell(
    report: Report, store: Store, folder: Path, heavies: Sequence[int], rounds: int
) -> None:
    """All rounds of one database."""
    growth: list[float] = []
    async with served(store, folder) as town:
        for number, count in enumerate(heavies):
            await freshly_signed_in(store, [number], settings_of(store, folder))
            await _export(town, number)  # what is needed at the first is no growth of the others
            found = [await _export(town, number) for _ in range(rounds)]
            name = f"{short(count)} events"
            growth = [it.growth_mib for it in found]
            report.add(f"{name}, memory at most", store.name, growth, "MiB more")
            report.add(f"{name}, content", store.name, [it.content_mib for it in found], "MiB")
            report.add(f"{name}, archive", store.name, [it.archive_mib for it in found], "MiB")
            report.add(f"{name}, time", store.name, [it.seconds for it in found], "s")
    what = f"{store.name}: {short(heavies[-1])} events, MiB that the server grows"
    report.hold(what, spread(growth)._replace(median=max(growth)), at_most=GROWTH_MIB)


async def _export(town: Served, number: int) -> Exported:
    """Take everything, as fast as it comes."""
    before = _forget_peak(town.server.pid)
    began, archive = time.monotonic(), BytesIO()
    headers = town.headers(number)
    async with town.http.stream("POST", "/v1/privacy/export", headers=headers, json={}) as answer:
        answer.raise_for_status()
        async for chunk in answer.aiter_raw():
            archive.write(chunk)
    seconds, peak = time.monotonic() - began, _kib(town.server.pid, "VmHWM")
    content = sum(it.file_size for it in zipfile.ZipFile(archive).infolist())
    return Exported((peak - before) / 1024, seconds, archive.tell() / MIB, content / MIB)


def _forget_peak(pid: int) -> int:
    """Let the process's highest memory be counted anew; its memory now, in KiB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    return _kib(pid, "VmRSS")


def _kib(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (line,) = [it for it in lines if it.startswith(f"{name}:")]
    return int(line.split()[1])


def main(
    accounts: Annotated[int, typer.Option(min=300)] = 10_000,
    rounds: Annotated[int, typer.Option(min=1, max=MOST_ROUNDS)] = 3,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure exports."""
    if smoke:
        report = asyncio.run(measure(300, SMOKE_HEAVY, 1))
    else:
        report = asyncio.run(measure(accounts, HEAVY, rounds))
    report.tell(json_file)


if __name__ == "__main__":
    typer.run(main)
