"""Many WebSockets of one process, on plain sockets and epoll: far cheaper than any server."""

import errno
import select
import socket
from collections.abc import Iterable
from typing import Final, Protocol

from bench.frames import PING, PONG, TEXT, Frame, client_frame, take_frame

Address = tuple[str, int]
READ: Final = 65_536
PATIENCE_S: Final = 20.0  # a server that says nothing for so long has failed
OPENING_AT_ONCE: Final = 64  # fewer than any server lets wait (uvloop 100, Node 511)
ATTACKER: Final = 1_000_000  # sockets with numbers from here on are one person's
HEAD_END: Final = b"\r\n\r\n"
BIND_ADDRESS_NO_PORT: Final = 24  # Linux: choose the port at connect, when both ends are known


class LoadFailed(Exception):  # noqa: N818 - says what came of it
    """The server did not do what the load needs, and says why it can't be measured."""


class Opens(Protocol):
    """What has to be said to open a socket."""

    acknowledges: bool

    def upgrade(self, number: int) -> bytes:
        """The HTTP request."""
        ...

    def hello(self, number: int) -> bytes | None:
        """The first message, if there is one."""
        ...


class Client:
    """One socket that is open. Blocks, with a limit of time."""

    __slots__ = ("buffer", "number", "wire")

    def __init__(self, number: int, wire: socket.socket) -> None:
        self.number = number
        self.wire = wire
        self.buffer = bytearray()

    def say(self, payload: bytes) -> None:
        """Send a text message."""
        self.wire.settimeout(PATIENCE_S)
        self.wire.sendall(client_frame(payload))

    def hear(self) -> bytes:
        """The next text message; pings are answered on the way. Raises LoadFailed."""
        while (frame := self.next_frame()).kind != TEXT:
            if frame.kind != PING:
                raise LoadFailed(f"the server closed the socket: {frame.payload!r}")
            self.wire.sendall(client_frame(frame.payload, PONG))
        return frame.payload

    def next_frame(self) -> Frame:
        """The next frame of any kind. Raises LoadFailed."""
        self.wire.settimeout(PATIENCE_S)
        while (frame := take_frame(self.buffer)) is None:
            try:
                got = self.wire.recv(READ)
            except OSError as fault:
                raise LoadFailed("the server says nothing more") from fault
            if not got:
                raise LoadFailed("the server closed the connection")
            self.buffer += got
        return frame

    def close(self) -> None:
        """Go, without a word."""
        self.wire.close()


class Opening:
    """A socket on its way. Raises LoadFailed or OSError where the server doesn't want it."""

    __slots__ = ("_upgraded", "_wrote", "client")

    def __init__(self, address: Address, number: int, epoll: select.epoll) -> None:
        """Begin to connect; `epoll` tells when to go on."""
        self.client = Client(number, begin(address, number))
        self._wrote = self._upgraded = False
        epoll.register(self.client.wire, select.EPOLLOUT)

    def goes_on(self, opens: Opens, epoll: select.epoll) -> bool:
        """Take the next step; whether it was the last."""
        if not self._wrote:
            self.client.wire.send(opens.upgrade(self.client.number))
            epoll.modify(self.client.wire, select.EPOLLIN)
            self._wrote = True
            return False
        got = self.client.wire.recv(READ)
        if not got:
            raise LoadFailed("the server closed a connection that was to open")
        self.client.buffer += got
        if not self._upgraded and not self._answered(opens):
            return False
        return not opens.acknowledges or self._known()

    def _answered(self, opens: Opens) -> bool:
        head, end, rest = self.client.buffer.partition(HEAD_END)
        if not end:
            return False
        if not head.startswith(b"HTTP/1.1 101"):
            raise LoadFailed(f"no upgrade: {head[:80]!r}")
        self.client.buffer[:] = rest
        self._upgraded = True
        if (hello := opens.hello(self.client.number)) is not None:
            self.client.wire.send(client_frame(hello))
        return True

    def _known(self) -> bool:
        frame = take_frame(self.client.buffer)
        if frame is not None and frame.kind != TEXT:
            raise LoadFailed(f"the server refused a socket: {frame.payload!r}")
        return frame is not None


def open_all(address: Address, opens: Opens, numbers: Iterable[int]) -> list[Client]:
    """Open these sockets, so many at once; each is known to the server then. Raises LoadFailed."""
    waiting, opening = iter(numbers), dict[int, Opening]()
    ready: list[Client] = []
    with select.epoll() as epoll:
        while True:
            while len(opening) < OPENING_AT_ONCE and (number := next(waiting, None)) is not None:
                begun = Opening(address, number, epoll)
                opening[begun.client.wire.fileno()] = begun
            if not opening:
                return ready
            events = epoll.poll(PATIENCE_S)
            if not events:
                raise LoadFailed("the server opens no more sockets")
            for fd, _ in events:
                if opening[fd].goes_on(opens, epoll):
                    ready.append(opening.pop(fd).client)
                    epoll.unregister(fd)


def begin(address: Address, number: int) -> socket.socket:
    """A socket that connects from an address in a /24 of its own."""
    begun = socket.socket()
    begun.setblocking(False)
    begun.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    begun.setsockopt(socket.IPPROTO_IP, BIND_ADDRESS_NO_PORT, 1)
    begun.bind((source_address(number), 0))
    failed = begun.connect_ex(address)
    if failed not in (0, errno.EINPROGRESS):
        begun.close()
        raise LoadFailed(f"the server takes no connection: {errno.errorcode[failed]}")
    return begun


def source_address(number: int) -> str:
    """Where a socket comes from: a /24 of loopback for each pair, and one for the attacker."""
    if number >= ATTACKER:
        return f"127.254.9.{1 + number % 250}"
    home = number // 2
    return f"127.{1 + home // 250 % 250}.{home % 250}.{1 + number % 2}"
