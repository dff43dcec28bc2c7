"""The servers under test, each a process on a core that the load keeps away from."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from bench.dialects import BareDialect, Dialect, OurDialect, PeerJsDialect
from bench.sockets import Address, LoadFailed
from bench.tokens import token_desk
from server.demo.processes import free_port

T = TypeVar("T")

CORES: Final = sorted(os.sched_getaffinity(0))
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
ENDS_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")  # however we end
FIRST: Final = "-19"  # as `nice` counts
PEERJS: Final = Path(__file__).parent / "peerjs" / "node_modules"
STARTS_WITHIN_S: Final = 20.0
TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE_KIB: Final = os.sysconf("SC_PAGE_SIZE") / 1024


class ServerProcess:
    """A server, as it was started."""

    def __init__(self, command: Sequence[str], port: int) -> None:
        """Start it; it may not listen yet."""
        self.address: Address = ("127.0.0.1", port)
        self.process = _start(command)
        self._command = command

    def kill(self) -> None:
        """End it at once, as a fault would."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Kill it and start it anew at the same address; it may not listen yet."""
        self.kill()
        self.process = _start(self._command)

    def cpu_s(self) -> float:
        """The CPU time that it has used, all of its threads, in the kernel too."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_kib(self) -> float:
        """Its memory, without what the kernel keeps for its sockets."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE_KIB


@dataclass(frozen=True, slots=True)
class Contender:
    """A server by name: how it is started and spoken to. `{port}` and `{folder}` are filled in."""

    name: str
    command: tuple[str, ...]
    dialect: Callable[[Path], Dialect]


def _python(module: str, *more: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, "--port", "{port}", *more)


_PEERJS: Final = (
    "node", str(PEERJS / "peer/dist/bin/peerjs.js"), "--port", "{port}", "--host", "127.0.0.1",
    "--concurrent_limit", "20000", "--alive_timeout", "600000",
)  # fmt: skip
CONTENDERS: Final = {
    contender.name: contender
    for contender in (
        Contender(
            "ours",
            _python("bench.gateway_process", "--folder", "{folder}"),
            lambda folder: OurDialect(token_desk(folder)),
        ),
        Contender("bare", _python("bench.bare_relay"), lambda _: BareDialect()),
        Contender("stock", _python("bench.bare_relay", "--one-by-one"), lambda _: BareDialect()),
        Contender("fastnet", _python("bench.bare_relay", "--fastnet"), lambda _: BareDialect()),
        Contender(
            "checked",
            _python("bench.bare_relay", "--check", "{folder}"),
            lambda folder: BareDialect(token_desk(folder)),
        ),
        Contender("uvloop", _python("bench.bare_protocol"), lambda _: BareDialect()),
        Contender("peerjs", _PEERJS, lambda _: PeerJsDialect()),
    )
}


@contextmanager
def running(name: str, *more: str) -> Generator[tuple[ServerProcess, Dialect]]:
    """A contender that listens, with these further arguments; ended on the way out."""
    contender = CONTENDERS[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        dialect = contender.dialect(Path(folder))
        with started(contender.command, Path(folder), *more) as server:
            yield server, dialect


@contextmanager
def started(command: tuple[str, ...], folder: Path, *more: str) -> Generator[ServerProcess]:
    """A command on the servers' core, once it listens. Raises LoadFailed."""
    if command[0] == "node" and not (shutil.which("node") and PEERJS.is_dir()):
        raise LoadFailed("Node or PeerJS server is missing; run `make setup-tests`")
    port = free_port(0)
    filled = [word.format(port=port, folder=folder) for word in (*command, *more)]
    server = ServerProcess(filled, port)
    try:
        until_it_listens(server)
        yield server
    finally:
        server.kill()


def in_turn(servers: Sequence[str], rounds: int, measure: Callable[[str], T]) -> dict[str, list[T]]:
    """What each server shows, round by round: there and back, so that none is always the first."""
    found: dict[str, list[T]] = {name: [] for name in servers}
    with loading():
        for number in range(rounds):
            for name in servers if number % 2 == 0 else reversed(servers):
                found[name].append(measure(name))
    return found


@contextmanager
def loading() -> Generator[None]:
    """This process is the load: on its own core, before whatever else the machine does."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    with contextlib.suppress(PermissionError):
        policy = os.SCHED_RR | os.SCHED_RESET_ON_FORK  # ours alone, not that of the servers
        os.sched_setscheduler(0, policy, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        with contextlib.suppress(PermissionError):
            os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """On the servers' core, and there before whatever else the machine does, where we may."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {SERVER_CORE})  # before the fork, so that no thread escapes
    try:
        process = subprocess.Popen(
            [*ENDS_WITH_US, *command], stdout=subprocess.DEVNULL, start_new_session=True
        )
    finally:
        os.sched_setaffinity(0, before)
    with contextlib.suppress(OSError):  # a session's share is one number for all of it
        Path(f"/proc/{process.pid}/autogroup").write_text(FIRST)
    return process


def until_it_listens(server: ServerProcess) -> None:
    """Wait until the server takes connections. Raises LoadFailed."""
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and server.process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(server.address, timeout=1):
            return
        time.sleep(0.02)
    raise LoadFailed(f"the server did not start: {server.process.args}")
