"""`secuhome`: the commands of an operator, and the reference camera's."""

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import typer
import uvloop
from sqlalchemy.exc import DBAPIError

import server.serving
from devices.agent.command_line import camera_app, clip
from devices.registry.factory_import import import_file
from devices.registry.factory_records import FactoryFileRefused
from server.backup_command_line import backup, backup_check, backup_drill, restore_
from server.backups.refusals import BackupRefused
from server.consents_command_line import consents_app
from server.demo.stage import show
from server.end_command_line import close_service, confirm_end, end_service
from server.foundation.errors import Problem
from server.foundation.settings import BadSettings, Settings, load_settings
from server.foundation.vault.key_file import load_keys
from server.gateway_processes import gateway_settings, keep_gateways
from server.house_for_a_command import with_house
from server.locked_command_line import show_locked
from server.main import House
from server.migrations.migrate import downgrade, is_current, migrate
from server.news_command_line import news_app
from server.node_command_line import node_app
from server.nodes import NodeAway
from server.policy_command_line import policy_app
from server.privacy.editions import AlteredPolicy
from server.privacy.erasure.agreeing import EndNotAgreed
from server.privacy.reviews.reviewing import ReviewRefused
from server.privacy.winding_down.closing import EndRefused
from server.privacy_command_line import run_retention, show_data_map, show_erasures
from server.reviews_command_line import reviews_app
from server.serving import OneOfSeveral, PolicyNotPublished, SchemaNotCurrent
from server.support.service import add_staff
from server.vault_command_line import vault_app
from server.verify_command_line import verify

T = TypeVar("T")
REFUSALS: Final = (  # each says what to do
    BadSettings,
    FactoryFileRefused,
    SchemaNotCurrent,
    AlteredPolicy,
    PolicyNotPublished,
    NodeAway,
    BackupRefused,
    EndRefused,
    EndNotAgreed,
    ReviewRefused,
)

app = typer.Typer(
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
    help="The companion backend of SecuHome cameras.",
)  # fmt: skip
app.add_typer(camera_app, name="camera")
app.add_typer(node_app, name="node")
app.add_typer(vault_app, name="vault")
app.add_typer(consents_app, name="consents")
app.add_typer(news_app, name="news")
app.add_typer(policy_app, name="policy")
app.add_typer(reviews_app, name="reviews")
app.command("clip")(clip)
app.command("backup")(backup)
app.command("backup-check")(backup_check)
app.command("backup-drill")(backup_drill)
app.command("restore")(restore_)
app.command("data-map")(show_data_map)
app.command("retention")(run_retention)
app.command("erasures")(show_erasures)
app.command("locked")(show_locked)
app.command("close-service")(close_service)
app.command("verify")(verify)
app.command("end-service")(end_service)
app.command("confirm-end")(confirm_end)


@app.command()
def serve() -> None:
    """Run the server: HTTP and signaling, as the settings say (docs/settings.md)."""
    settings = _settings()
    if settings.mode == "demo" and sys.stdout.isatty():  # the log is for machines
        typer.echo(f"SecuHome: {settings.public_url}/app/   mail: {settings.data_dir / 'mail'}")
    _run(server.serving.serve(settings))


@app.command()
def gateway(
    processes: Annotated[
        int, typer.Option(help="How many gateways share the address.", min=1, max=64)
    ] = 1,
) -> None:
    """Run signaling gateways only, one or several behind one address (docs/operations.md)."""
    raise typer.Exit(_run(keep_gateways(gateway_settings(processes), processes)))


@app.command(hidden=True)
def gateway_process(number: Annotated[int, typer.Option(help="Which of them, from 0.")]) -> None:
    """One of the processes that `secuhome gateway` starts."""
    _run(server.serving.serve(gateway_settings(), OneOfSeveral(number)))


@app.command("migrate")
def migrate_(
    down_to: Annotated[
        str | None, typer.Option("--down-to", help="Go back to this revision (`base`: empty).")
    ] = None,
) -> None:
    """Bring the database to this release's tables."""
    settings = _settings()
    if down_to == "base" and settings.mode == "production":
        raise BadSettings("in production this command doesn't drop the tables with all their data")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if down_to is None:
        _run(migrate(settings.database, load_keys(settings)))
    else:
        _run(downgrade(settings.database, load_keys(settings), down_to))
    typer.echo("done")


@app.command()
def factory_import(
    file: Annotated[Path, typer.Argument(help="CSV: serial,model,region,public_key")],
) -> None:
    """Take in the cameras that the factory made: all of the file, or nothing."""

    async def work(house: House) -> str:
        parts = house.foundation
        done = await import_file(parts.database, parts.ids, parts.clock, file)
        return f"{done.new} new, {done.known} known already"

    typer.echo(with_house(work))


@app.command()
def staff_add(
    name: Annotated[str, typer.Argument(help="The person's own name to sign in with.")],
) -> None:
    """Add a person to the support staff. The password is read from standard input."""
    if sys.stdin.isatty():
        password = typer.prompt("Password (15 characters or more)", hide_input=True)
    else:
        password = sys.stdin.readline().rstrip("\n")

    async def work(house: House) -> str:
        parts = house.foundation
        async with parts.database.writing() as db:
            passwords = house.security.passwords
            await add_staff(db, parts.ids, parts.clock, passwords, name, password)
        return f"{name} can sign in at /staff/"

    typer.echo(with_house(work))


@app.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="Stop after the job.")] = False,
    folder: Annotated[
        Path, typer.Option(help="Where the demo keeps its files; emptied first.")
    ] = Path("var/demo"),
    nodes: Annotated[
        int, typer.Option(help="How many gateways; several speak through NATS.", min=1, max=8)
    ] = 1,
) -> None:
    """Show the main job with real processes and real video, then stay up."""
    raise typer.Exit(_run(show(folder, once=once, nodes=nodes)))


def _settings() -> Settings:
    return load_settings()


def _run(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def main() -> None:
    """The `secuhome` command. What can go wrong is told in a line, with exit status 1."""
    try:
        app()
    except REFUSALS as why:
        _leave(str(why))
    except Problem as why:
        _leave(f"{(why.detail or why.title).rstrip('.')}. {why.remedy}")
    except OSError as why:
        _leave(f"{why.filename or ''} {why.strerror or why}".strip())
    except DBAPIError:  # there is no such table, most likely
        if _run(is_current(_settings().database)):
            raise
        _leave(str(SchemaNotCurrent()))


def _leave(why: str) -> None:
    sys.stderr.write(why + "\n")
    sys.exit(1)


if __name__ == "__main__":
    main()
