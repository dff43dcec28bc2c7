"""What quiet pairs notice of a flood and of a reader that never reads, beside named peers.

    python -m bench.fairness [--rounds 3] [--seconds 4] [--only ours,peerjs] [--smoke]
                             [--json FILE]

50 pairs, each from a home of its own, say 1,000 messages a second in all; told is the p99 of how
long a message takes, alone and beside each trouble, and their ratio within a round. The gateway
has the limits that the product ships with. The trouble (`bench.trouble`) runs on the load's core,
where the quiet pairs go first.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from bench.figures import Report, ratios, spread
from bench.latency import paced_pairs
from bench.paced import Latency, Paced
from bench.servers import CONTENDERS, ServerProcess, in_turn, started

PAIRS: Final = 50
SMOKE_PAIRS: Final = 4
SERVERS: Final = "ours,peerjs,bare"
USUAL: Final = {"ours": ("--usual-limits",)}
TROUBLE_LEADS_S: Final = 0.5  # before the quiet pairs are listened to, and after
MOST_RATIO: Final = 1.2
FLOODS: Final = 10  # as long as the others: longer than whoever goes too far is kept waiting


class Measured(NamedTuple):
    """One server's round: the p99 in milliseconds."""

    alone: float
    flood: float
    alone_again: float
    reader: float
    turned_away: int  # sockets of the flood, a second
    reader_closed: bool


class Troubled:
    """A server with quiet pairs, which somebody may trouble."""

    def __init__(self, name: str, server: ServerProcess, folder: Path, quiet: Paced) -> None:
        self._name, self._server, self._folder, self._quiet = name, server, folder, quiet

    def alone(self, seconds: float) -> Latency:
        """With nobody else."""
        return self._quiet.run(seconds)

    def beside(self, kind: str, seconds: float) -> tuple[Latency, dict[str, Any]]:
        """While somebody makes trouble; and what came of that."""
        lasts = seconds + 2 * TROUBLE_LEADS_S
        command = (
            sys.executable, "-m", "bench.trouble", kind, "--server", self._name,
            "--folder", str(self._folder), "--port", str(self._server.address[1]),
            "--pid", str(self._server.process.pid), "--seconds", str(lasts),
        )  # fmt: skip
        with subprocess.Popen(command, stdout=subprocess.PIPE) as trouble:
            assert trouble.stdout is not None
            trouble.stdout.readline()  # it begins
            self._quiet.run(TROUBLE_LEADS_S)
            latency = self._quiet.run(seconds)
            out, _ = trouble.communicate()
        return latency, json.loads(out)


def measure_one(name: str, pairs: int, seconds: float) -> Measured:
    """One server's round."""
    contender = CONTENDERS[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as made:
        folder = Path(made)
        dialect = contender.dialect(folder)
        with started(contender.command, folder, *USUAL.get(name, ())) as server:
            quiet = paced_pairs(dialect, server.address, server.address, (0, 2 * pairs))
            troubled = Troubled(name, server, folder, quiet)
            troubled.alone(min(1.0, seconds))
            alone = troubled.alone(seconds)
            flood, flooded = troubled.beside("flood", FLOODS * seconds)
            again = troubled.alone(seconds)
            reader, read = troubled.beside("reader", seconds)
    return Measured(
        alone.p99,
        flood.p99,
        again.p99,
        reader.p99,
        int(flooded["turned_away"] / (FLOODS * seconds + 2 * TROUBLE_LEADS_S)),
        read["closed_after_s"] is not None,
    )


def measure(servers: Sequence[str], rounds: int, pairs: int, seconds: float) -> Report:
    """All servers in turn."""
    found = in_turn(servers, rounds, lambda name: measure_one(name, pairs, seconds))
    report = Report(f"Fairness: the p99 of {pairs} quiet pairs")
    for name, series in found.items():
        report.add("p99 alone", name, [one.alone for one in series], "ms")
        report.add("p99 beside a flood", name, [one.flood for one in series], "ms")
        report.add("flood's sockets turned away", name, [one.turned_away for one in series], "/s")
        report.add("p99 alone, again", name, [one.alone_again for one in series], "ms")
        report.add("p99 beside a deaf reader", name, [one.reader for one in series], "ms")
        report.add("deaf reader closed", name, [one.reader_closed for one in series], "of 1")
    if ours := found.get("ours"):
        flood = ratios([one.flood for one in ours], [one.alone for one in ours])
        report.hold("p99 beside a flood to alone", flood, at_most=MOST_RATIO)
        reader = ratios([one.reader for one in ours], [one.alone_again for one in ours])
        report.hold("p99 beside a deaf reader to alone", reader, at_most=MOST_RATIO)
        closed = spread([one.reader_closed for one in ours])
        report.hold("deaf readers closed", closed._replace(median=closed.least), at_least=1)
    return report


def main(
    only: Annotated[str, typer.Option(help="Which servers.")] = SERVERS,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    seconds: Annotated[float, typer.Option(help="Of each figure.")] = 4,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure fairness."""
    pairs = SMOKE_PAIRS if smoke else PAIRS
    if smoke:
        rounds, seconds = 1, 0.3
    measure(only.split(","), rounds, pairs, seconds).tell(json_file)


if __name__ == "__main__":
    typer.run(main)
