"""Where the parts are put together, and the only place that knows all of them."""

import asyncio
import signal
import socket
from collections.abc import Generator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import structlog
import uvicorn
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import ASGIApp

import devices.pairing.routes
import devices.registry.routes
import devices.warranty.routes
import server.accounts.routes
import server.privacy.routes
import server.support.routes
from devices.pairing.forgetting import forget_overdue_pairings
from devices.registry.call_access import CallAccess
from devices.registry.forgetting import forget_overdue_assertions
from devices.warranty.service import WarrantyDesk
from server.accounts.forgetting import forget_overdue_accounts
from server.accounts.parts import AccountsParts
from server.accounts.provider_desk import ProviderDesk
from server.accounts.sessions import AccountSessions
from server.foundation.clock import Clock, SystemClock
from server.foundation.database import Database
from server.foundation.errors import (
    InternalFault,
    InvalidRequest,
    RequestTooLarge,
    TooManyRequests,
)
from server.foundation.http_edge import HttpEdge, content_security_policy
from server.foundation.identity import Kind
from server.foundation.ids import Ids
from server.foundation.log import log_fault, start_log
from server.foundation.mail import FolderMail, Mail, SmtpMail
from server.foundation.pages import Pages
from server.foundation.problem_responses import install_problem_handlers, problems
from server.foundation.requests import Foundation
from server.foundation.settings import PREFIX, BadSettings, Settings
from server.migrations.migrate import is_current, migrate
from server.privacy.editions import load_editions
from server.privacy.errors import PolicyNotAccepted
from server.privacy.gate import PolicyGate, require_acceptance
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.forgetting import forget_overdue_events
from server.security.location import Locator
from server.security.parts import SecurityParts
from server.security.passwords import Passwords
from server.security.signing_keys import load_signing_keys
from server.security.throttle import Throttle
from server.security.tokens import TokenDesk
from server.signaling_parts import NoGateway, engine_of, gateway_settings
from server.support.forgetting import forget_overdue_looks
from server.support.service import StaffSessions
from signaling.engine.interface import Engine, EngineAway
from signaling.gateway import Gateway

WEB: Final = Path(__file__).parent / "web"
BACKLOG: Final = 2_048  # connections that may wait to be accepted
FORGETTING: Final = (
    forget_overdue_accounts,
    forget_overdue_events,
    forget_overdue_assertions,
    forget_overdue_pairings,
    forget_overdue_looks,
)
FORGET_EVERY_S: Final = 3_600  # the shortest term is half an hour, and is checked at use too
GRACE_S: Final = 5  # how long requests that are being served may go on after a stop
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class House:
    """Everything that one process is made of."""

    foundation: Foundation
    security: SecurityParts
    providers: ProviderDesk
    engine: Engine
    gateway: Gateway
    app: ASGIApp


class SchemaNotCurrent(Exception):  # noqa: N818 - says what it is
    """The database's tables are not those of this release."""


def build(settings: Settings, clock: Clock | None = None) -> House:
    """All parts of one process, not yet started. Raises OSError for a key that can't be read."""
    foundation = _foundation(settings, clock or SystemClock())
    security = _security(foundation)
    policy = PolicyGate(load_editions(), foundation.clock)
    providers = ProviderDesk(settings, foundation.clock)
    engine = engine_of(settings)
    foundation.database.announce = engine.announce
    access = CallAccess(
        foundation.database,
        foundation.clock,
        security.tokens,
        security.session_checks[Kind.ACCOUNT],
        policy.accepted,
    )
    app = FastAPI(
        title="SecuHome",
        docs_url=None,  # its page would load scripts from somebody else
        redoc_url=None,
        responses=problems(InvalidRequest, RequestTooLarge, TooManyRequests, InternalFault),
    )
    app.state.foundation = foundation
    app.state.security = security
    app.state.accounts = AccountsParts(policy.accepted, providers)
    app.state.policy = policy
    app.state.presence = engine
    app.state.coverage = WarrantyDesk()
    gateway = Gateway(engine, access, gateway_settings(settings))
    return House(foundation, security, providers, engine, gateway, _with_routes(app, settings))


async def serve(settings: Settings) -> None:
    """Run until we are told to stop. Raises SchemaNotCurrent, or OSError for a taken address."""
    start_log(settings.log_level)
    with _named("data_dir"):
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    house = build(settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(house.foundation.database.close)
        stack.push_async_callback(house.providers.close)
        with _named("database_url"):
            await _prepare_database(settings)
        _tell_geography(house)
        if settings.role != "gateway":
            forgetting = asyncio.create_task(_forget_what_is_overdue(house.foundation))
            stack.callback(forgetting.cancel)
        if settings.role == "http":
            await house.engine.start(NoGateway())
            stack.push_async_callback(house.engine.stop)
        else:
            with _named("signaling_port"):
                await house.gateway.start(settings.signaling_host, settings.signaling_port)
            stack.push_async_callback(house.gateway.stop)
            log.info("signaling", address=f"{settings.signaling_host}:{house.gateway.port}")
        stopped = _when_told_to_stop()
        if settings.role == "gateway":
            await stopped.wait()
        else:
            ipv6 = ":" in settings.http_host
            with _named("http_port"):
                listener = socket.create_server(
                    (settings.http_host, settings.http_port),
                    family=socket.AF_INET6 if ipv6 else socket.AF_INET,
                    backlog=BACKLOG,
                )
            log.info("http", address=f"{settings.http_host}:{settings.http_port}")
            await _serve_http(_uvicorn(house), listener, stopped)


@contextmanager
def _named(setting: str) -> Generator[None]:
    """What the system refuses is told with the setting behind it. Raises BadSettings."""
    try:
        yield
    except EngineAway:
        raise BadSettings(f"{PREFIX}ENGINE: NATS can't be reached there; start it first") from None
    except OSError as why:
        reason = why.strerror or "it can't be reached"
        raise BadSettings(f"{PREFIX}{setting.upper()}: {reason}") from None


async def _prepare_database(settings: Settings) -> None:
    if settings.mode == "demo":
        await migrate(settings.database)
    elif not await is_current(settings.database):
        raise SchemaNotCurrent("the database is not at this release's schema; run secuhome migrate")


async def _forget_what_is_overdue(foundation: Foundation) -> None:
    while True:
        try:
            async with foundation.database.writing() as db:
                for forget in FORGETTING:
                    await forget(db, foundation.clock.now())
        except SQLAlchemyError as fault:  # tried again in an hour
            log_fault("forgetting", fault)
        await asyncio.sleep(FORGET_EVERY_S)


def _tell_geography(house: House) -> None:
    state = house.security.locator.state(house.foundation.clock.now())
    log.info("geography", code=state.condition, age_days=state.age_days)


def _uvicorn(house: House) -> uvicorn.Server:
    config = uvicorn.Config(
        house.app,
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # `peer_address` decides whom to believe
        timeout_graceful_shutdown=GRACE_S,
    )
    return _HttpServer(config)


class _HttpServer(uvicorn.Server):
    """uvicorn would take the signals and, once done, end the process before we have left well."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _when_told_to_stop() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


async def _serve_http(
    http: uvicorn.Server, listener: socket.socket, stopped: asyncio.Event
) -> None:
    serving = asyncio.create_task(http.serve(sockets=[listener]))
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    http.should_exit = True
    stopping.cancel()
    await serving


def _foundation(settings: Settings, clock: Clock) -> Foundation:
    return Foundation(
        settings=settings,
        database=Database(settings.database),
        clock=clock,
        ids=Ids(settings.cell, clock),
        mail=_mail(settings),
    )


def _mail(settings: Settings) -> Mail:
    if settings.mail_smtp_host is None:
        return FolderMail(settings.data_dir / "mail", settings.mail_sender)
    password = settings.mail_smtp_password
    return SmtpMail(
        settings.mail_smtp_host,
        settings.mail_smtp_port,
        settings.mail_sender,
        username=settings.mail_smtp_username,
        password=password.get_secret_value() if password else None,
        starttls=settings.mail_smtp_starttls,
    )


def _security(foundation: Foundation) -> SecurityParts:
    settings, clock = foundation.settings, foundation.clock
    return SecurityParts(
        tokens=TokenDesk(
            load_signing_keys(settings),
            settings.public_url,
            clock,
            settings.access_token,
            settings.cell,
        ),
        locator=Locator(settings.geoip_path),
        throttle=Throttle(clock, settings.tries_per_minute),
        passwords=Passwords(),
        session_checks={
            Kind.ACCOUNT: AccountSessions(clock),
            Kind.STAFF: StaffSessions(clock),
        },
    )


def _with_routes(app: FastAPI, settings: Settings) -> ASGIApp:
    install_problem_handlers(app)
    _add_routes(app)
    parts = urlsplit(settings.signaling_address)
    return HttpEdge(
        app,
        max_bytes=settings.max_request_bytes,
        csp=content_security_policy(f"{parts.scheme}://{parts.netloc}"),
        secure=settings.secure,
    )


def _add_routes(app: FastAPI) -> None:
    app.include_router(server.accounts.routes.router)
    app.include_router(server.privacy.routes.router)
    app.include_router(devices.registry.routes.token_router)
    known = problems(BadToken, WrongKindOfCaller)
    app.include_router(server.support.routes.router, responses=known)
    app.include_router(devices.pairing.routes.redemption_router, responses=known)
    accepted = problems(BadToken, WrongKindOfCaller, PolicyNotAccepted)
    for router in (
        devices.pairing.routes.router,
        devices.registry.routes.router,
        devices.warranty.routes.router,
    ):
        gate = [Depends(require_acceptance)]
        app.include_router(router, dependencies=gate, responses=accepted)
    _add_service_routes(app)
    app.mount("/app", Pages(directory=WEB / "app", html=True))
    app.mount("/staff", Pages(directory=WEB / "staff", html=True))


def _add_service_routes(app: FastAPI) -> None:
    foundation: Foundation = app.state.foundation
    security: SecurityParts = app.state.security

    @app.get("/", include_in_schema=False)
    async def home() -> RedirectResponse:
        return RedirectResponse("/app/")

    @app.get("/v1/signaling", tags=["signaling"])
    async def signaling_address() -> dict[str, str]:
        """Where cameras and phones open their signaling socket."""
        return {"url": foundation.settings.signaling_address}

    @app.get("/.well-known/jwks.json", tags=["service"])
    async def published_keys() -> dict[str, object]:
        """The public keys that our access tokens are verified with (RFC 7517)."""
        return security.tokens.jwks()

    @app.get("/healthz", tags=["service"])
    async def healthy() -> dict[str, str]:
        """Whether this process is alive."""
        return {"state": "alive"}

    @app.get("/readyz", tags=["service"])
    async def ready() -> JSONResponse:
        """Whether this process can serve: its database answers. 503 while it doesn't."""
        answers = await foundation.database.answers()
        geography = security.locator.state(foundation.clock.now())
        body = {"database": "answers" if answers else "away", "geography": geography.condition}
        return JSONResponse(body, 200 if answers else 503)
