"""`secuhome node`, `node show` and `node drain`: this machine's gateways, one by one."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from server import nodes
from server.foundation.settings import load_settings

COUNTS: Final = ("connections", "cameras", "viewers", "calls")

node_app = typer.Typer(help="The gateways that run on this machine.")
Name = Annotated[str, typer.Argument(help="The node, as `secuhome node` names it.")]


@node_app.callback(invoke_without_command=True)
def list_nodes(context: typer.Context) -> None:
    """List the gateways that run on this machine."""
    if context.invoked_subcommand is not None:
        return
    folder, names = _nodes()
    typer.echo(f"{'node':24}{'pid':>8}{'up':>18}{''.join(f'{name:>13}' for name in COUNTS)}")
    silent: list[str] = []
    for name in names:
        try:
            told = asyncio.run(nodes.ask(folder, name, "GET", "/node"))
        except nodes.NodeAway as why:
            silent.append(str(why))
            continue
        counts = "".join(f"{told[count]:>13}" for count in COUNTS)
        leaving = "  draining" if told["draining"] else ""
        typer.echo(f"{name:24}{told['pid']:>8}{_uptime(told):>18}{counts}{leaving}")
    if silent:
        raise nodes.NodeAway("\n".join(silent))


@node_app.command()
def show(name: Name) -> None:
    """Show one of them: how many sockets, cameras, viewers and calls it has."""
    told = _ask(name, "GET", "/node")
    state = "draining" if told["draining"] else "serving"
    facts = {"node": name, "pid": told["pid"], "up": _uptime(told), "state": state}
    for fact, value in (facts | {count: told[count] for count in COUNTS}).items():
        typer.echo(f"{fact:14}{value}")


@node_app.command()
def drain(name: Name) -> None:
    """Send one of them away: its sockets go to the others, and it leaves when they have gone."""
    _ask(name, "POST", "/drain")
    typer.echo(f"{name} is draining; it leaves by itself")


def _nodes() -> tuple[Path, list[str]]:
    folder = nodes.folder_in(load_settings().data_dir)
    if names := nodes.names_in(folder):
        return folder, names
    raise nodes.NodeAway(f"no gateway runs here: there is none in {folder}")


def _ask(name: str, method: str, path: str) -> dict[str, Any]:
    folder, names = _nodes()
    if name not in names:
        raise nodes.NodeAway(f"there is no node of this name; there is {', '.join(names)}")
    return asyncio.run(nodes.ask(folder, name, method, path))


def _uptime(told: dict[str, Any]) -> str:
    return str(timedelta(seconds=told["uptime_s"]))
