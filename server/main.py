"""Where the parts are put together, and the only place that knows all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

import devices.pairing.routes
import devices.registry.routes
import devices.warranty.routes
import server.accounts.routes
import server.privacy.acts.routes
import server.privacy.cases.desk_routes
import server.privacy.cases.routes
import server.privacy.erasure.routes
import server.privacy.exceptions.routes
import server.privacy.findings.routes
import server.privacy.routes
import server.privacy.winding_down.routes
import server.service_routes
import server.support.routes
from devices.registry.call_access import CallAccess
from devices.warranty.service import WarrantyDesk
from server.accounts.cookies import NAMES
from server.accounts.parts import AccountsParts
from server.accounts.provider_desk import ProviderDesk
from server.accounts.sessions import AccountSessions
from server.backups.metrics import BackupMetrics
from server.backups.work import BackupWork
from server.foundation.clock import Clock, SystemClock
from server.foundation.database import Database
from server.foundation.errors import (
    InternalFault,
    InvalidRequest,
    RequestTooLarge,
    ServiceCloses,
    TooManyRequests,
)
from server.foundation.http_edge import HttpEdge, content_security_policy
from server.foundation.identity import Kind
from server.foundation.ids import Ids
from server.foundation.mail import FolderMail, Mail, SmtpMail
from server.foundation.pages import Pages
from server.foundation.problem_responses import install_problem_handlers, problems
from server.foundation.requests import Foundation
from server.foundation.settings import Settings
from server.foundation.vault.key_file import load_keys
from server.foundation.vault.keyring import Vault
from server.foundation.vault.keys import KeyProvider
from server.privacy.cases.metrics import CaseMetrics
from server.privacy.editions import Edition, load_editions
from server.privacy.erasure.metrics import ErasureMetrics
from server.privacy.erasure.work import ErasureWork
from server.privacy.errors import PolicyNotAccepted
from server.privacy.gate import PolicyGate, require_acceptance
from server.privacy.limits_file import legal_limits
from server.privacy.news.work import NewsWork
from server.privacy.notice_letters import NoticeLetters
from server.privacy.purpose_gate import PurposeGate
from server.privacy.receipts import Receipts
from server.privacy.reviews.metrics import ReviewMetrics
from server.privacy.tombstone_file import tombstones_of
from server.privacy.winding_down.closing import nothing_new_at_the_end, takes_new
from server.privacy.winding_down.work import WindingDown
from server.security.call_tickets import CallTickets
from server.security.errors import BadToken, WrongKindOfCaller
from server.security.location import SECOND_SETTING, Locator
from server.security.parts import SecurityParts
from server.security.passwords import Passwords
from server.security.signing_keys import SigningKey, load_signing_keys
from server.security.throttle import Throttle
from server.security.tokens import TokenDesk
from server.signaling_parts import engine_of, gateway_settings
from server.support.service import StaffSessions
from signaling.engine.interface import Engine
from signaling.gateway import Gateway
from signaling.metrics import GatewayMetrics

WEB: Final = Path(__file__).parent / "web"


@dataclass(frozen=True, slots=True)
class House:
    """Everything that one process is made of."""

    foundation: Foundation
    security: SecurityParts
    providers: ProviderDesk
    engine: Engine
    gateway: Gateway
    metrics: GatewayMetrics
    cases: CaseMetrics
    reviews: ReviewMetrics
    erasures: ErasureWork
    news: NewsWork
    policy: PolicyGate
    purposes: PurposeGate
    letters: NoticeLetters
    winding_down: WindingDown
    backups: BackupWork
    app: ASGIApp

    @property
    def works(self) -> tuple[ErasureWork, NewsWork, NoticeLetters, WindingDown, BackupWork]:
        """What goes on in the background of a process with HTTP, as long as it serves."""
        return self.erasures, self.news, self.letters, self.winding_down, self.backups


def build(
    settings: Settings, clock: Clock | None = None, editions: Sequence[Edition] | None = None
) -> House:
    """All parts of one process, not yet started. Raises BadSettings, AlteredPolicy, OSError."""
    vault_keys = load_keys(settings)
    foundation = _foundation(settings, clock or SystemClock(), vault_keys)
    keys = load_signing_keys(settings)
    security = _security(foundation, keys)
    policy = PolicyGate(editions or load_editions(), foundation.clock)
    providers = ProviderDesk(settings, foundation.clock)
    engine = engine_of(settings)
    foundation.database.announce = engine.announce
    purposes = PurposeGate(told=policy.risks_told, clock=foundation.clock)
    foundation.database.choices = purposes.granted
    tickets = CallTickets(keys, settings.cell, foundation.clock)
    access = _access(foundation, security, policy, tickets)
    app = _empty_app()
    app.state.foundation = foundation
    app.state.security = security
    app.state.accounts = AccountsParts(policy.accepted, providers, takes_new)
    app.state.policy = policy
    app.state.purposes = purposes
    app.state.receipts = receipts = Receipts(keys)
    metrics, late, looks = _metrics()
    tombstones = tombstones_of(settings, vault_keys)
    app.state.erasures = erasures = ErasureWork(foundation, receipts, tombstones, late)
    app.state.presence = engine
    app.state.coverage = WarrantyDesk()
    gateway = Gateway(engine, access, gateway_settings(settings), metrics)
    parts = foundation, security, providers, engine, gateway
    news, letters = NewsWork(foundation, purposes), NoticeLetters(foundation, policy)
    ending = WindingDown(foundation, receipts, erasures)
    backups = BackupWork(foundation, vault_keys, looks[-1])
    works = erasures, news, policy, purposes, letters, ending, backups
    return House(*parts, metrics, *looks[:-1], *works, _with_routes(app, settings))


def _access(
    foundation: Foundation, security: SecurityParts, policy: PolicyGate, tickets: CallTickets
) -> CallAccess:
    return CallAccess(
        foundation.database,
        foundation.clock,
        security.tokens,
        security.session_checks[Kind.ACCOUNT],
        policy.accepted,
        tickets,
    )


def _metrics() -> tuple[
    GatewayMetrics, ErasureMetrics, tuple[CaseMetrics, ReviewMetrics, BackupMetrics]
]:
    metrics, late = GatewayMetrics(), ErasureMetrics()
    looks = CaseMetrics(), ReviewMetrics(), BackupMetrics()
    for told in (late, *looks):
        metrics.registry.register(told)
    return metrics, late, looks


def _empty_app() -> FastAPI:
    return FastAPI(
        title="SecuHome",
        docs_url=None,  # its page would load scripts from somebody else
        redoc_url=None,
        responses=problems(
            InvalidRequest, RequestTooLarge, TooManyRequests, InternalFault, ServiceCloses
        ),
        dependencies=[Depends(nothing_new_at_the_end)],
    )


def _foundation(settings: Settings, clock: Clock, keys: KeyProvider) -> Foundation:
    database = Database(settings.database, Vault(keys, clock))
    database.limits = legal_limits(settings)
    return Foundation(
        settings=settings,
        database=database,
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


def _security(foundation: Foundation, keys: tuple[SigningKey, ...]) -> SecurityParts:
    settings, clock = foundation.settings, foundation.clock
    return SecurityParts(
        tokens=TokenDesk(keys, settings.public_url, clock, settings.access_token, settings.cell),
        locator=Locator(settings.geoip_path),
        throttle=Throttle(clock, settings.tries_per_minute),
        passwords=Passwords(),
        session_checks={
            Kind.ACCOUNT: AccountSessions(clock),
            Kind.STAFF: StaffSessions(clock),
        },
        second_locator=Locator(settings.geoip_second_path, SECOND_SETTING),
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
        cookies=NAMES,
    )


def _add_routes(app: FastAPI) -> None:
    app.include_router(server.accounts.routes.router)
    app.include_router(server.privacy.routes.router)
    app.include_router(server.privacy.cases.routes.router)
    app.include_router(server.privacy.acts.routes.router)
    app.include_router(server.privacy.erasure.routes.router)
    app.include_router(devices.registry.routes.token_router)
    known = problems(BadToken, WrongKindOfCaller)
    app.include_router(server.support.routes.router, responses=known)
    app.include_router(server.privacy.cases.desk_routes.router, responses=known)
    app.include_router(server.privacy.findings.routes.router, responses=known)
    app.include_router(server.privacy.exceptions.routes.router)
    app.include_router(devices.pairing.routes.redemption_router, responses=known)
    accepted = problems(BadToken, WrongKindOfCaller, PolicyNotAccepted)
    for router in (
        devices.pairing.routes.router,
        devices.registry.routes.router,
        devices.warranty.routes.router,
    ):
        gate = [Depends(require_acceptance)]
        app.include_router(router, dependencies=gate, responses=accepted)
    app.include_router(server.service_routes.router)
    app.include_router(server.privacy.winding_down.routes.router)
    app.mount("/app", Pages(directory=WEB / "app", html=True))
    app.mount("/staff", Pages(directory=WEB / "staff", html=True))
