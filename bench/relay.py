"""Messages relayed between pairs while thousands of sockets are open, beside named peers.

    python -m bench.relay [--in-flight 8 --in-flight 1] [--rounds 5] [--seconds 3]
                          [--only ours,bare] [--sockets 8000] [--smoke] [--json FILE]

Each pair keeps so many candidates in flight: whatever one end hears, it sends back. Counted is
what was delivered, and the CPU time of the whole server process. The servers take turns, each
fresh in each round; a ratio is the median of the rounds' ratios. The peers:

- `peerjs`: PeerJS server, on Node, as its own command starts it.
- `bare`: picows with no check at all, which writes out together what one read brought.
- `stock`: the same with picows' own `send`, one write a message.
"""

import select
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from bench.figures import Report, ratios
from bench.pairs import End, call_all
from bench.servers import in_turn, running
from bench.sockets import READ, LoadFailed, open_all

PAIRS: Final = 200
SOCKETS: Final = 8_000
SMOKE: Final = (100, 10)
WARM_UP_S: Final = 0.5
QUIET_S: Final = 0.2
QUIET: Final = {"ours": ("--ping-every", "60")}  # no ping among the messages that are counted
SERVERS: Final = "ours,bare,stock,peerjs"
GOALS: Final = {8: (4.0, 1.5), 1: (2.0, 1.25)}  # in flight: (× PeerJS' rate, × bare's CPU)


class Measured(NamedTuple):
    """One server's round."""

    per_s: float
    cpu_us: float
    server_busy: float
    load_busy: float


class Lane:
    """One end of a pair: what it sends for so many messages heard."""

    __slots__ = ("answers", "heard_size", "left", "receive_into", "send", "wire")

    def __init__(self, end: End, most: int) -> None:
        self.wire = end.client.wire
        self.receive_into, self.send = self.wire.recv_into, self.wire.send
        frames = memoryview(end.frame * most)
        self.answers = [frames[: len(end.frame) * count] for count in range(most + 1)]
        self.heard_size = end.heard_size
        self.left = 0


class Relay:
    """Pairs that keep messages in flight."""

    def __init__(self, ends: Sequence[End], most: int) -> None:
        """Two ends behind each other are a pair, with at most so many messages in flight."""
        lanes = [Lane(end, most) for end in ends]
        self._speakers = lanes[::2]
        self._epoll = select.epoll()
        self._lanes: dict[int, Lane] = {}
        for lane in lanes:
            lane.wire.setblocking(False)
            self._lanes[lane.wire.fileno()] = lane
            self._epoll.register(lane.wire, select.EPOLLIN)

    def begin(self, in_flight: int) -> None:
        """Put so many messages on each pair's way."""
        for lane in self._speakers:
            lane.send(lane.answers[in_flight])

    def run(self, seconds: float) -> int:
        """How many messages were delivered. Raises LoadFailed."""
        lanes, poll, clock = self._lanes, self._epoll.poll, time.perf_counter
        buffer, delivered, until = bytearray(READ), 0, clock() + seconds
        while clock() < until:
            for fd, _ in poll(0):  # asleep, it would cost the server a wake-up a message
                lane = lanes[fd]
                got = lane.receive_into(buffer)
                heard, lane.left = divmod(lane.left + got, lane.heard_size)
                answer = lane.answers[heard]
                if not got or lane.send(answer) != len(answer):
                    raise LoadFailed("the server takes or gives no more")
                delivered += heard
        return delivered

    def end(self) -> None:
        """Let what is in flight arrive."""
        while events := self._epoll.poll(QUIET_S):
            for fd, _ in events:
                self._lanes[fd].receive_into(bytearray(READ))
        for lane in self._lanes.values():
            lane.left = 0


def measure_one(
    name: str, depths: Sequence[int], load: tuple[int, int], seconds: float
) -> dict[int, Measured]:
    """One server's round, by messages in flight. `load` is how many sockets and pairs."""
    sockets, pairs = load
    measured: dict[int, Measured] = {}
    with running(name, *QUIET.get(name, ())) as (server, dialect):
        # the rest of the sockets are cameras at rest, or what passes for them
        numbers = (*range(2 * pairs), *range(2 * pairs, 2 * (sockets - pairs), 2))
        clients = open_all(server.address, dialect, numbers)
        in_pairs = [client for client in clients if client.number < 2 * pairs]
        relay = Relay(call_all(dialect, in_pairs), max(depths))
        for depth in depths:
            relay.begin(depth)
            relay.run(min(WARM_UP_S, seconds))
            cpu, load_cpu, began = server.cpu_s(), time.process_time(), time.perf_counter()
            delivered = relay.run(seconds)
            took = time.perf_counter() - began
            cpu, load_cpu = server.cpu_s() - cpu, time.process_time() - load_cpu
            relay.end()
            measured[depth] = Measured(
                delivered / took, cpu / delivered * 1e6, cpu / took, load_cpu / took
            )
        for client in clients:
            client.close()
    return measured


def measure(
    depths: Sequence[int],
    servers: Sequence[str],
    rounds: int,
    load: tuple[int, int],
    seconds: float,
) -> Report:
    """All servers in turn, the order turned round each time."""
    found = in_turn(servers, rounds, lambda name: measure_one(name, depths, load, seconds))
    report = Report(f"Relay between {load[1]} pairs, {load[0]} sockets open")
    for depth in depths:
        _tell(report, depth, {name: [one[depth] for one in found[name]] for name in servers})
    return report


def _tell(report: Report, depth: int, found: dict[str, list[Measured]]) -> None:
    what = f"{depth} in flight"
    for name, series in found.items():
        report.add(f"{what}: messages", name, [one.per_s for one in series], "/s")
        report.add(f"{what}: CPU a message", name, [one.cpu_us for one in series], "µs")
        report.add(f"{what}: server busy", name, [one.server_busy for one in series], "of a core")
        report.add(f"{what}: load busy", name, [one.load_busy for one in series], "of a core")
    rate, cpu = GOALS.get(depth, (0, 0))
    ours = found.get("ours")
    if not rate or ours is None:
        return
    if peer := found.get("peerjs"):
        figure = ratios([one.per_s for one in ours], [one.per_s for one in peer])
        report.hold(f"{what}: messages a second to PeerJS'", figure, at_least=rate)
    if peer := found.get("bare"):
        figure = ratios([one.cpu_us for one in ours], [one.cpu_us for one in peer])
        report.hold(f"{what}: CPU a message to bare picows'", figure, at_most=cpu)


def main(
    in_flight: Annotated[list[int] | None, typer.Option(help="8 and 1 by default.")] = None,
    only: Annotated[str, typer.Option(help="Which servers.")] = SERVERS,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    seconds: Annotated[float, typer.Option(help="Of each round.")] = 3,
    sockets: Annotated[int, typer.Option()] = SOCKETS,
    pairs: Annotated[int, typer.Option()] = PAIRS,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure the relay."""
    load = SMOKE if smoke else (sockets, pairs)
    if smoke:
        rounds, seconds = 1, 0.2
    report = measure(in_flight or list(GOALS), only.split(","), rounds, load, seconds)
    report.tell(json_file)


if __name__ == "__main__":
    typer.run(main)
