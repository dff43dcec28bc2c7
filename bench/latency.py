"""How long a relayed message takes at light load: within a gateway, and from one to another.

    python -m bench.latency [--rounds 5] [--seconds 3] [--smoke] [--json FILE]

50 pairs say 1,000 messages a second in all. Two gateways on one NATS server hold them: in the
pairs called `same node` both ends are at one gateway, in those called `across` the camera is at
one and the viewer at the other. All servers share one core. PeerJS server and bare picows, which
know one node only, are measured beside, in turn.
"""

import sys
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.dialects import Dialect
from bench.figures import Report, ratios
from bench.paced import Latency, Paced
from bench.pairs import call_all
from bench.servers import CONTENDERS, loading, running, started
from bench.sockets import Address, open_all

PAIRS: Final = 50
SMOKE_PAIRS: Final = 4
PEERS: Final = ("peerjs", "bare")
MOST_RATIO: Final = 2.5
NATS: Final = (
    str(Path(sys.executable).with_name("nats-server")),
    *("-a", "127.0.0.1", "-p", "{port}", "--log", "/dev/null"),
)


def paced_pairs(
    dialect: Dialect, cameras: Address, viewers: Address, numbers: tuple[int, int]
) -> Paced:
    """Pairs in calls, cameras at one address and viewers at another. Numbers are from and to."""
    clients = open_all(cameras, dialect, range(numbers[0], numbers[1], 2))
    clients += open_all(viewers, dialect, range(numbers[0] + 1, numbers[1], 2))
    return Paced(call_all(dialect, clients))


@contextmanager
def series(pairs: int) -> Generator[dict[str, Paced]]:
    """All that is measured, by name, ready to talk."""
    ours = CONTENDERS["ours"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        nats = stack.enter_context(started(NATS, folder))
        engine = ("--engine", f"nats://{nats.address[0]}:{nats.address[1]}")
        first, second = (
            stack.enter_context(started(ours.command, folder, *engine, "--node", node)).address
            for node in ("first", "second")
        )
        dialect = ours.dialect(folder)
        found = {
            "same node": paced_pairs(dialect, first, first, (0, 2 * pairs)),
            "across": paced_pairs(dialect, first, second, (2 * pairs, 4 * pairs)),
        }
        for name in PEERS:
            server, dialect = stack.enter_context(running(name))
            found[name] = paced_pairs(dialect, server.address, server.address, (0, 2 * pairs))
        yield found


def measure(rounds: int, pairs: int, seconds: float) -> Report:
    """All in turn."""
    with loading(), series(pairs) as found:
        measured: dict[str, list[Latency]] = {name: [] for name in found}
        for _ in range(rounds):
            for name, paced in found.items():
                measured[name].append(paced.run(seconds))
    report = Report(f"Latency of a message, {pairs} pairs at light load")
    for name, latencies in measured.items():
        report.add("p50", name, [one.p50 for one in latencies], "ms")
        report.add("p99", name, [one.p99 for one in latencies], "ms")
    same, across = measured["same node"], measured["across"]
    p50 = ratios([one.p50 for one in across], [one.p50 for one in same])
    p99 = ratios([one.p99 for one in across], [one.p99 for one in same])
    report.hold("p50 across nodes to within one", p50, at_most=MOST_RATIO)
    report.hold("p99 across nodes to within one", p99, at_most=MOST_RATIO)
    return report


def main(
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="Of each round.")] = 3,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure latency."""
    pairs = SMOKE_PAIRS if smoke else PAIRS
    if smoke:
        rounds, seconds = 1, 0.3
    measure(rounds, pairs, seconds).tell(json_file)


if __name__ == "__main__":
    typer.run(main)
