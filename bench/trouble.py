"""Somebody who makes trouble: a flood from one account and one address prefix, or a deaf reader.

    python -m bench.trouble flood|reader --server NAME --folder FOLDER --port PORT --pid PID
                            [--seconds 3] [--sockets 100]

The flood's sockets say what costs the server most, as fast as it takes it, and come back whenever
they are closed. The reader is in a call and reads nothing, while its camera sends it large
candidates, no more of them than the gateway's limit allows. Each says when it begins, ends by
itself, and prints what came of it as JSON.
"""

import contextlib
import json
import select
import socket
import time
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from bench.dialects import Dialect
from bench.frames import client_frame
from bench.servers import CONTENDERS
from bench.sockets import ATTACKER, READ, Address, LoadFailed, Opening, open_all

BEGUN: Final = "begun"
CHUNK: Final = 50  # messages in one write
LARGE: Final = 60_000  # bytes of one candidate
LARGE_PER_S: Final = 150.0  # below the usual limit of 200 messages
SMALL_BUFFER: Final = 65_536  # the reader's, so that the server's fills first


class Flood:
    """Sockets that are opened again and again."""

    def __init__(self, address: Address, dialect: Dialect, sockets: int) -> None:
        self._address, self._dialect = address, dialect
        self._epoll = select.epoll()
        self._opening: dict[int, Opening] = {}
        self._talking: dict[int, tuple[Opening, memoryview]] = {}
        self._missing = [ATTACKER + 2 * place + 1 for place in range(sockets)]
        self.sent_bytes = self.opened = self.turned_away = 0

    def run(self, seconds: float) -> dict[str, int]:
        """Make trouble for so long."""
        begin()
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            missing, self._missing = self._missing, []
            for number in missing:
                self._open(number)
            for fd, events in self._epoll.poll(0.01):
                try:
                    self._go_on(fd, events)
                except (LoadFailed, OSError):
                    self._turned_away(fd)
        return {
            "sent_kib": self.sent_bytes // 1024,
            "opened": self.opened,
            "turned_away": self.turned_away,
        }

    def _open(self, number: int) -> None:
        try:
            opening = Opening(self._address, number, self._epoll)
        except LoadFailed:
            self._missing.append(number)
            return
        self._opening[opening.client.wire.fileno()] = opening

    def _go_on(self, fd: int, events: int) -> None:
        if opening := self._opening.get(fd):
            if opening.goes_on(self._dialect, self._epoll):
                del self._opening[fd]
                said = client_frame(self._dialect.nuisance(opening.client.number)) * CHUNK
                self._talking[fd] = opening, memoryview(said)
                self._epoll.modify(fd, select.EPOLLIN | select.EPOLLOUT)
                self.opened += 1
            return
        opening, rest = self._talking[fd]
        if events & select.EPOLLIN and not opening.client.wire.recv(READ):
            raise LoadFailed("closed")
        if events & select.EPOLLOUT:
            sent = opening.client.wire.send(rest)
            self.sent_bytes += sent
            whole = rest.obj
            rest = rest[sent:] if sent < len(rest) else memoryview(whole)
            self._talking[fd] = opening, rest

    def _turned_away(self, fd: int) -> None:
        opening = self._opening.pop(fd, None) or self._talking.pop(fd)[0]
        opening.client.close()
        self._missing.append(opening.client.number)
        self.turned_away += 1


def deaf_reader(
    address: Address, dialect: Dialect, pid: int, seconds: float
) -> dict[str, float | None]:
    """After how many seconds of not reading the server closed it; None where it never did."""
    numbers = (ATTACKER, ATTACKER + 1)
    camera, viewer = sorted(open_all(address, dialect, numbers), key=lambda client: client.number)
    viewer.wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
    to_viewer, _ = dialect.put_through(camera, viewer)
    large = client_frame(to_viewer.replace(b"generation", b"g" * LARGE))
    begin()
    open_before, began, sent = _files(pid), time.monotonic(), 0
    camera.wire.setblocking(False)
    rest = memoryview(b"")
    while (past := time.monotonic() - began) < seconds:
        if _files(pid) < open_before:
            return {"closed_after_s": round(past, 2)}
        if not rest and sent < past * LARGE_PER_S:
            rest, sent = memoryview(large), sent + 1
        with contextlib.suppress(BlockingIOError):
            rest = rest[camera.wire.send(rest) :] if rest else rest
        time.sleep(0.002)
    return {"closed_after_s": None}


def begin() -> None:
    """Say that the trouble begins."""
    print(BEGUN, flush=True)


def _files(pid: int) -> int:
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def main(
    kind: Annotated[str, typer.Argument(help="`flood` or `reader`.")],
    server: Annotated[str, typer.Option()],
    folder: Annotated[Path, typer.Option(help="Where the signing key lies.")],
    port: Annotated[int, typer.Option()],
    pid: Annotated[int, typer.Option(help="The server's process.")],
    seconds: Annotated[float, typer.Option()] = 3,
    sockets: Annotated[int, typer.Option(help="Of the flood.")] = 100,
) -> None:
    """Make trouble."""
    dialect, address = CONTENDERS[server].dialect(folder), ("127.0.0.1", port)
    told: dict[str, Any]
    if kind == "flood":
        told = Flood(address, dialect, sockets).run(seconds)
    else:
        told = deaf_reader(address, dialect, pid, seconds)
    print(json.dumps(told))


if __name__ == "__main__":
    typer.run(main)
