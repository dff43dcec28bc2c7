"""`secuhome camera manufacture`, `run` and `reset`, and `secuhome clip`."""

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import urlsplit

import typer
import uvloop

from devices.agent.camera import CannotRun, Wiring, run_camera
from devices.agent.camera_folder import CameraFolder, Identity
from devices.agent.clip import make_clip
from devices.agent.ice import hurry_checks
from devices.agent.milestones import say

MODELS: Final = ("SH-C1", "SH-C2")  # indoor, outdoor
SERIAL_LENGTHS: Final = range(4, 65)

camera_app = typer.Typer(no_args_is_help=True, help="A camera without hardware.")

Folder = Annotated[Path, typer.Option("--folder", help="Where the camera keeps its files.")]


@camera_app.command()
def manufacture(
    serial: Annotated[str, typer.Option(help="The serial number on its label.")],
    model: Annotated[str, typer.Option(help=f"One of {', '.join(MODELS)}.")],
    region: Annotated[str, typer.Option(help="Where it is sold, ISO 3166-1 (DE, CN, US).")],
    folder: Folder,
) -> None:
    """Make a camera: its key, its identity, and the record that the factory sends to the server."""
    if model not in MODELS:
        raise typer.BadParameter(f"there is no model {model}; there are {', '.join(MODELS)}")
    if not (len(region) == 2 and region.isascii() and region.isalpha() and region.isupper()):  # noqa: PLR2004 - alpha-2
        raise typer.BadParameter("the region is two capital letters, as in ISO 3166-1")
    plain = serial.isascii() and serial.replace("-", "").isalnum()
    if not plain or len(serial) not in SERIAL_LENGTHS:
        raise typer.BadParameter("a serial has 4 to 64 letters, digits and hyphens")
    try:
        key = CameraFolder(folder).manufacture(Identity(serial, model, region))
    except FileExistsError:
        _leave(f"{folder} holds a camera already. Choose another folder.")
    except OSError as why:
        _leave(f"{folder} can't be written: {why.strerror}.")
    else:
        typer.echo(f"Camera {serial} is made; its key's thumbprint is {key.thumbprint()}.")
        typer.echo(f"Import {folder / 'factory_record.csv'} with `secuhome factory-import`.")


@camera_app.command()
def run(
    folder: Folder,
    source: Annotated[str, typer.Option(help="What it sees: a file, rtsp://…, /dev/videoN.")],
    server: Annotated[str | None, typer.Option(help="Where it belongs; the QR must agree.")] = None,
    lens: Annotated[
        str | None, typer.Option(help="What it looks at while nobody owns it (default: --source).")
    ] = None,
) -> None:
    """Run a camera until it is told to stop (SIGTERM or Ctrl-C)."""
    if server is not None and not _is_address(server):
        raise typer.BadParameter("--server is an address such as http://127.0.0.1:8080")
    hurry_checks()
    wiring = Wiring(CameraFolder(folder), server, source, lens)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(wiring))
    except CannotRun as why:
        say("refused", why=str(why), what="camera")
        raise typer.Exit(1) from why
    say("stopped")


@camera_app.command()
def reset(folder: Folder) -> None:
    """Press the button on its back: forget the owner. At the server it stays his until released."""
    CameraFolder(folder).forget()
    typer.echo("The camera has forgotten its owner, and looks for a pairing code when it runs.")


def clip(
    path: Annotated[Path, typer.Argument(help="The file to write (MPEG-TS).")],
    seconds: Annotated[float, typer.Option(help="How long it is.", min=0.1, max=600)] = 10.0,
) -> None:
    """Make a test clip with a running clock, for `camera run --source`."""
    try:
        frames = make_clip(path, seconds=seconds)
    except OSError as why:
        _leave(f"{path} can't be written: {why.strerror}.")
    else:
        typer.echo(f"{path}: {frames} frames")


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


async def _until_stopped(wiring: Wiring) -> None:
    camera = asyncio.create_task(run_camera(wiring, say))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, camera.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await camera


def _leave(why: str) -> None:
    sys.stderr.write(why + "\n")
    raise typer.Exit(1)
