"""What a camera at rest costs: memory a socket, and CPU for pings, beside named peers.

    python -m bench.idle [--rounds 3] [--sockets 8000] [--ping-every 10] [--only ours,uvloop]
                         [--smoke] [--json FILE]

Memory is what the server process has grown by, a socket, after they have been pinged. The kernel's
own buffers are not in it. CPU is over one round of pings. The peers:

- `uvloop`: a bare asyncio.Protocol that only answers the handshake; it sends no pings.
- `stock`: picows on uvloop with its own pings, and no more.
- `peerjs`: PeerJS server; its pings come from the client, here as often as ours from the gateway.
"""

import select
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from bench.dialects import Dialect
from bench.figures import Report, spread
from bench.frames import PING, PONG, client_frame, take_frame
from bench.servers import in_turn, running
from bench.sockets import READ, Client, LoadFailed, open_all

SOCKETS: Final = 8_000
SMOKE_SOCKETS: Final = 200
WARM_UP: Final = 200  # what the first sockets bring for all
SERVERS: Final = "ours,uvloop,stock,peerjs"
PINGS: Final = ("ours", "stock")  # those whose servers ask for it
MOST_KIB: Final = 8.0


class Measured(NamedTuple):
    """One server's round."""

    kib: float
    cpu_share: float


def rest(clients: Sequence[Client], dialect: Dialect, seconds: float) -> int:
    """Be at rest for so long: answer pings, send heartbeats. How many there were."""
    by_fd = {client.wire.fileno(): client for client in clients}
    beat = None if (said := dialect.heartbeat()) is None else client_frame(said)
    beats, began = 0, time.perf_counter()
    with select.epoll() as epoll:
        for client in clients:
            epoll.register(client.wire, select.EPOLLIN)
        while (past := time.perf_counter() - began) < seconds:
            while beat is not None and beats < past / seconds * len(clients):
                clients[beats].wire.send(beat)
                beats += 1
            for fd, _ in epoll.poll(0.01):
                beats += _answer(by_fd[fd])
    return beats


def _answer(client: Client) -> int:
    got = client.wire.recv(READ)
    if not got:
        raise LoadFailed("the server closed a socket that was at rest")
    client.buffer += got
    pings = 0
    while frame := take_frame(client.buffer):
        if frame.kind == PING:
            client.wire.send(client_frame(frame.payload, PONG))
            pings += 1
    return pings


def measure_one(name: str, sockets: int, ping_every: float) -> Measured:
    """One server's round."""
    asked = ("--ping-every", str(ping_every)) if name in PINGS else ()
    with running(name, *asked) as (server, dialect):
        dialect.prepare(range(0, 2 * (WARM_UP + sockets), 2))
        clients = open_all(server.address, dialect, range(0, 2 * WARM_UP, 2))
        before = server.resident_kib()
        clients += open_all(server.address, dialect, range(2 * WARM_UP, 2 * (WARM_UP + sockets), 2))
        cpu = server.cpu_s()
        rest(clients, dialect, ping_every)
        rest(clients, dialect, ping_every)
        measured = Measured(
            (server.resident_kib() - before) / sockets,
            (server.cpu_s() - cpu) / (2 * ping_every),
        )
        for client in clients:
            client.close()
    return measured


def measure(servers: Sequence[str], rounds: int, sockets: int, ping_every: float) -> Report:
    """All servers in turn."""
    found = in_turn(servers, rounds, lambda name: measure_one(name, sockets, ping_every))
    report = Report(f"{sockets} cameras at rest, pinged each {ping_every:g} s")
    for name, series in found.items():
        report.add("memory a socket", name, [one.kib for one in series], "KiB")
        shares = [one.cpu_share * 100 for one in series]
        report.add("CPU of all of them", name, shares, "% of a core")
    if "ours" in found:
        memory = spread([one.kib for one in found["ours"]])
        report.hold("KiB a camera at rest", memory, at_most=MOST_KIB)
    return report


def main(
    only: Annotated[str, typer.Option(help="Which servers.")] = SERVERS,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    sockets: Annotated[int, typer.Option(min=1)] = SOCKETS,
    ping_every: Annotated[float, typer.Option(help="Seconds.")] = 10,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure cameras at rest."""
    if smoke:
        rounds, sockets, ping_every = 1, SMOKE_SOCKETS, 1.0
    measure(only.split(","), rounds, sockets, ping_every).tell(json_file)


if __name__ == "__main__":
    typer.run(main)
