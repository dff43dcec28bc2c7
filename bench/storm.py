"""A gateway dies, and thousands of cameras come back at once, beside PeerJS server's sockets.

    python -m bench.storm [--rounds 3] [--cameras 5000] [--smoke] [--json FILE]

The server is killed (-9) and started again at the same address while all of its sockets try, each
at once and then after a wait by chance that grows, as PROTOCOL.md asks. Told is the time until all
are registered, from the kill and from the first that was, which leaves the start of the process
out. Then viewers call some of the cameras: none may be refused. The client is the same for both.
"""

import heapq
import random
import select
import socket
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import typer

from bench.dialects import Dialect
from bench.figures import Report, ratios, spread
from bench.pairs import call
from bench.servers import ServerProcess, in_turn, running
from bench.sockets import READ, Address, Client, LoadFailed, Opening, open_all

CAMERAS: Final = 5_000
SMOKE_CAMERAS: Final = 100
SERVERS: Final = "ours,peerjs"
CALLS: Final = 200
FIRST_WAIT_S: Final = 0.2
LONGEST_WAIT_S: Final = 2.0
TRY_FOR_S: Final = 3.0  # then a camera takes an attempt for lost
GIVE_UP_S: Final = 60.0


class Measured(NamedTuple):
    """One server's round."""

    from_kill_s: float
    from_first_s: float
    attempts: float  # a camera
    refused: int


class Cameras:
    """Sockets that come back by themselves."""

    def __init__(self, address: Address, dialect: Dialect) -> None:
        self._address, self._dialect = address, dialect
        self._epoll = select.epoll()
        self._open: dict[int, Client] = {}
        self._opening: dict[int, Opening] = {}
        self._waiting: list[tuple[float, int]] = []
        self._begun: list[tuple[float, Opening]] = []  # oldest first
        self._tries: dict[int, int] = {}
        self.attempts = 0
        self.first_at: float | None = None

    def have(self, clients: Iterable[Client]) -> None:
        """These are open now."""
        for client in clients:
            self._open[client.wire.fileno()] = client
            self._epoll.register(client.wire, select.EPOLLIN)

    def come_back(self, count: int) -> list[Client]:
        """All of them, registered again. Raises LoadFailed after a minute."""
        until = time.monotonic() + GIVE_UP_S
        while len(self._open) < count:
            now = time.monotonic()
            if now > until:
                raise LoadFailed(f"{count - len(self._open)} of {count} cameras are not back")
            while self._waiting and self._waiting[0][0] <= now:
                self._try(heapq.heappop(self._waiting)[1], now)
            self._give_up(now)
            for fd, _ in self._epoll.poll(0.005):
                self._went_on(fd)
        return sorted(self._open.values(), key=lambda client: client.number)

    def all_lost(self) -> None:
        """The server is dead: each notices, and wants to come back."""
        while self._open:
            for fd, _ in self._epoll.poll(1):
                if client := self._open.pop(fd, None):
                    self._lost(client.wire, client.number)

    def _went_on(self, fd: int) -> None:
        if client := self._open.get(fd):
            got = client.wire.recv(READ)
            client.buffer += got  # a ping; it is answered when the camera is called
            if not got:
                del self._open[fd]
                self._lost(client.wire, client.number)
            return
        opening = self._opening[fd]
        try:
            if opening.goes_on(self._dialect, self._epoll):
                del self._opening[fd]
                self._open[fd] = opening.client
                self.first_at = self.first_at or time.monotonic()
        except (LoadFailed, OSError):
            del self._opening[fd]
            self._lost(opening.client.wire, opening.client.number)

    def _try(self, number: int, now: float) -> None:
        self.attempts += 1
        try:
            opening = Opening(self._address, number, self._epoll)
        except LoadFailed:
            self._wait(number)
            return
        self._opening[opening.client.wire.fileno()] = opening
        self._begun.append((now, opening))

    def _give_up(self, now: float) -> None:
        while self._begun and self._begun[0][0] < now - TRY_FOR_S:
            opening = self._begun.pop(0)[1]
            fd = opening.client.wire.fileno()
            if self._opening.get(fd) is opening:
                del self._opening[fd]
                self._lost(opening.client.wire, opening.client.number)

    def _lost(self, wire: socket.socket, number: int) -> None:
        wire.close()  # which takes it out of epoll
        self._wait(number)

    def _wait(self, number: int) -> None:
        tries = self._tries[number] = self._tries.get(number, -1) + 1
        longest = min(FIRST_WAIT_S * 2**tries, LONGEST_WAIT_S) if tries else 0
        wait = time.monotonic() + random.uniform(longest / 2, longest)
        heapq.heappush(self._waiting, (wait, number))


def measure_one(name: str, count: int) -> Measured:
    """One server's round."""
    numbers = range(0, 2 * count, 2)
    with running(name) as (server, dialect):
        dialect.prepare(numbers)
        cameras = Cameras(server.address, dialect)
        cameras.have(open_all(server.address, dialect, numbers))
        dialect.prepare(numbers)
        began = time.monotonic()
        server.restart()
        cameras.all_lost()
        back = cameras.come_back(count)
        now = time.monotonic()
        refused = refused_calls(server, dialect, back)
        for client in back:
            client.close()
    return Measured(
        now - began, now - (cameras.first_at or began), cameras.attempts / count, refused
    )


def refused_calls(server: ServerProcess, dialect: Dialect, cameras: Sequence[Client]) -> int:
    """How many of some calls, each to another camera, come to nothing."""
    called = cameras[:: max(1, len(cameras) // CALLS)]
    viewers = open_all(server.address, dialect, [camera.number + 1 for camera in called])
    refused = 0
    for camera, viewer in zip(called, sorted(viewers, key=lambda one: one.number), strict=True):
        try:
            call(dialect, camera, viewer)
        except LoadFailed:
            refused += 1
        viewer.close()
    return refused


def measure(servers: Sequence[str], rounds: int, cameras: int) -> Report:
    """All servers in turn."""
    found = in_turn(servers, rounds, lambda name: measure_one(name, cameras))
    report = Report(f"Storm: {cameras} cameras after kill -9 and a start")
    for name, series in found.items():
        report.add("all back, from the kill", name, [one.from_kill_s for one in series], "s")
        report.add("all back, from the first", name, [one.from_first_s for one in series], "s")
        report.add("attempts a camera", name, [one.attempts for one in series], "")
        report.add("refused calls after", name, [one.refused for one in series], "")
    if "ours" in found:
        refused = spread([one.refused for one in found["ours"]])
        report.hold("refused calls after the storm", refused._replace(median=refused.most))
    if "ours" in found and (peer := found.get("peerjs")):
        kill = ratios([it.from_kill_s for it in found["ours"]], [it.from_kill_s for it in peer])
        report.hold("all back, from the kill, to PeerJS'", kill, at_most=1)
    return report


def main(
    only: Annotated[str, typer.Option(help="Which servers.")] = SERVERS,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    cameras: Annotated[int, typer.Option(min=1)] = CAMERAS,
    *,
    smoke: Annotated[bool, typer.Option("--smoke", help="Small and short.")] = False,
    json_file: Annotated[Path | None, typer.Option("--json", help="Write the figures.")] = None,
) -> None:
    """Measure a storm."""
    if smoke:
        rounds, cameras = 1, SMOKE_CAMERAS
    measure(only.split(","), rounds, cameras).tell(json_file)


if __name__ == "__main__":
    typer.run(main)
