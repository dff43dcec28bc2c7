"""This machine's nodes: each process with a gateway has a Unix socket in `data_dir/nodes`.

`<node>.sock` appears when it answers and goes when its process leaves. One that a killed process
left behind refuses connections: whoever meets it sweeps it away. Only the user that the process
runs as can use it; whoever can is its operator.
"""

import contextlib
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from server.foundation.file_labels import plain_file

ANSWERS_WITHIN_S: Final = 5.0
ENDING: Final = ".sock"
SOCKETS: Final = plain_file("nodes/*", "sockets by which the operator asks a process")


class NodeAway(Exception):  # noqa: N818 - says where it is
    """A node that can't be asked. The message is for the operator."""


def folder_in(data_dir: Path) -> Path:
    """Where the sockets lie."""
    return data_dir / "nodes"


def open_socket(folder: Path, node: str) -> socket.socket:
    """The node's socket, which answers from now on. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder)
    listener = socket.socket(socket.AF_UNIX)
    os.fchmod(listener.fileno(), 0o600)  # Linux gives the file that bind makes the socket's mode
    with _short(folder) as short:
        listener.bind(f"{short}/.{node}")
        listener.listen()
        Path(short, f".{node}").replace(Path(short, f"{node}{ENDING}"))  # unseen until it answers
    return listener


def remove_socket(folder: Path, node: str) -> None:
    """The node is gone."""
    (folder / f"{node}{ENDING}").unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove the sockets of processes that are no more. Raises OSError."""
    for path in folder.glob(f"*{ENDING}"):
        with socket.socket(socket.AF_UNIX) as knock, _short(folder) as short:
            knock.settimeout(ANSWERS_WITHIN_S)
            try:
                knock.connect(f"{short}/{path.name}")
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)
            except (FileNotFoundError, TimeoutError):
                continue  # it has just left, or is too busy to be dead


def names_in(folder: Path) -> list[str]:
    """The nodes that run, in order of their names. Raises OSError."""
    if not folder.is_dir():
        return []
    sweep(folder)
    return sorted(path.stem for path in folder.glob(f"*{ENDING}"))


async def ask(folder: Path, node: str, method: str, path: str) -> dict[str, Any]:
    """Ask a node something. Raises NodeAway."""
    with _short(folder) as short:
        way = httpx.AsyncHTTPTransport(uds=f"{short}/{node}{ENDING}")
        async with httpx.AsyncClient(
            transport=way, base_url="http://node", timeout=ANSWERS_WITHIN_S
        ) as http:
            try:
                return (await http.request(method, path)).raise_for_status().json()
            except (httpx.HTTPError, ValueError):
                raise NodeAway(f"node {node} does not answer") from None


@contextmanager
def _short(folder: Path) -> Generator[str]:
    """A name for the folder that is short enough: a socket's path has 107 bytes at most."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{number}"
    finally:
        with contextlib.suppress(OSError):
            os.close(number)
