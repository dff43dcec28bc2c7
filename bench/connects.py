"""How fast sockets connect and register with a signed token, beside named peers.

    python -m bench.connects [--rounds 5] [--sockets 4000] [--only ours,checked] [--smoke]
                             [--json FILE]

Counted is from the first TCP connect to the last socket that the server has acknowledged, with
64 on their way at a time, and the CPU time of the whole server process. The peers:

- `checked`: bare picows that verifies the same signature with the same code, and nothing else.
- `peerjs`: PeerJS server, which believes whatever id it is told.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from bench.figures import Report, ratios, spread
from bench.servers import in_turn, running
from bench.sockets import open_all

SOCKETS: Final = 4_000
SMOKE_SOCKETS: Final = 100
WARM_UP: Final = 50
SERVERS: Final = "ours,checked,peerjs"
LEAST_PER_S: Final = 4_000.0
LEAST_RATIO: Final = 0.9


class Measured(NamedTuple):
    """One server's round."""

    per_s: float
    cpu_us: float


def measure_one(name: str, sockets: int) -> Measured:
    """One server's round."""
    with running(name) as (server, dialect):
        dialect.prepare(range(sockets))
        clients = open_all(server.address, dialect, range(sockets, sockets + WARM_UP))
        cpu, began = server.cpu_s(), time.perf_counter()
        clients += open_all(server.address, dialect, range(sockets))
        took = time.perf_counter() - began
        cpu = server.cpu_s() - cpu
        for client in clients:
            client.close()
    return Measured(sockets / took, cpu / sockets * 1e6)


def measure(servers: Sequence[str], rounds: int, sockets: int) -> Report:
    """All servers in turn, the order turned round each time."""
    found = in_turn(servers, rounds, lambda name: measure_one(name, sockets))
    report = Report(f"Connect and register, {sockets} sockets")
    rates = {name: [one.per_s for one in series] for name, series in found.items()}
    for name, series in found.items():
        report.add("connect and register", name, rates[name], "/s")
        report.add("CPU a socket", name, [one.cpu_us for one in series], "µs")
    if "ours" in rates:
        what = "connects a second (this, or the next)"
        report.hold(what, spread(rates["ours"]), at_least=LEAST_PER_S)
        if "checked" in rates:
            what = "connects a second to bare picows' with the same check"
            report.hold(what, ratios(rates["ours"], rates["checked"]), at_least=LEAST_RATIO)
    return report


def main(
    only: Annotated[str, typer.Option(help="Which servers.")] = SERVERS,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    sockets: Annotated[int, typer.Option(min=1)] = SOCKETS,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure connecting."""
    if smoke:
        rounds, sockets = 1, SMOKE_SOCKETS
    measure(only.split(","), rounds, sockets).tell(json_file)


if __name__ == "__main__":
    typer.run(main)
