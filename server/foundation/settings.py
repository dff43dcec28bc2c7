"""Every setting, with its default and its reason; checked whole before anything starts.

Each is read from the environment as `SECUHOME_<NAME>` and is described in `docs/settings.md`.
What is wrong is told by name with the remedy, and the process does not start.
"""

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX: Final = "SECUHOME_"
Positive = Annotated[int, Field(gt=0)]


class ProviderRow(BaseModel):
    """One OpenID Connect provider: how it is named, found and introduced to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    title: Annotated[str, Field(min_length=1, max_length=64)]
    issuer: str
    client_id: str
    client_secret: SecretStr
    # No more than a nickname and a picture; what a person is to decide about isn't asked for here.
    scope: Literal["openid", "openid profile"] = "openid profile"


class Settings(BaseSettings):
    """The settings of one process."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    mode: Literal["demo", "production"] = "demo"
    cell: Annotated[str, Field(pattern=r"^[a-z0-9]{2,8}$")] = "eu1"

    public_url: str = "http://127.0.0.1:8080"
    http_host: str = "127.0.0.1"
    http_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    signaling_host: str = "127.0.0.1"
    signaling_port: Annotated[int, Field(ge=0, le=65535)] = 8081
    signaling_url: str = ""
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    engine: str = "memory"
    role: Literal["all", "http", "gateway"] = "all"
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int, Field(gt=0, le=65535)] | None = None

    data_dir: Path = Path("var")
    database_url: str = ""
    signing_key_path: Path | None = None
    master_key_path: Path | None = None
    tombstones_path: Path | None = None
    geoip_path: Path | None = None
    legal_limits_path: Path | None = None
    geoip_second_path: Path | None = None

    mail_smtp_host: str | None = None
    mail_smtp_port: Annotated[int, Field(gt=0, le=65535)] = 587
    mail_smtp_username: str | None = None
    mail_smtp_password: SecretStr | None = None
    mail_smtp_starttls: bool = True
    mail_sender: str = "SecuHome <no-reply@secuhome.invalid>"
    controller_name: Annotated[str, Field(min_length=1, max_length=200)] = "SecuHome"
    contact_department: Annotated[str, Field(min_length=1, max_length=200)] = "Data protection"
    contact_email: Annotated[str, Field(min_length=3, max_length=320)] = "privacy@secuhome.invalid"
    contact_postal_address: Annotated[str, Field(min_length=1, max_length=500)] = (
        "SecuHome, 1 Demo Street, Demo City"
    )
    contact_notice: Annotated[str, Field(max_length=200)] = ""

    providers: tuple[ProviderRow, ...] = ()
    ice_servers: tuple[dict[str, Any], ...] = ()
    turn_urls: tuple[str, ...] = ()
    turn_secret_path: Path | None = None
    turn_lasts_s: Positive = 3_600

    access_token_s: Annotated[int, Field(gt=0, le=600)] = 600
    refresh_token_s: Positive = 30 * 86_400
    registration_s: Positive = 1_800
    registration_tries: Annotated[int, Field(gt=0, le=10)] = 5
    request_proof_s: Annotated[int, Field(ge=3_600)] = 86_400
    pairing_s: Positive = 180
    provider_sign_in_s: Positive = 600
    backup_folder: Path | None = None
    backup_copy_folder: Path | None = None
    backup_every_h: Annotated[int, Field(ge=1, le=168)] = 24
    backup_drill_every_days: Annotated[int, Field(ge=1, le=366)] = 92
    # Tombstones are kept for ten years: an older backup would bring erased people back unnoticed.
    backup_keep_days: Annotated[int, Field(ge=1, le=3_650)] = 30
    erasure_grace_s: Annotated[int, Field(ge=0, le=10 * 86_400)] = 7 * 86_400
    account_idle_months: Annotated[int, Field(ge=2)] = 24
    tries_per_minute: Positive = 30
    max_request_bytes: Annotated[int, Field(ge=1024)] = 65_536

    max_frame_bytes: Annotated[int, Field(ge=16_384)] = 131_072
    register_within_s: Positive = 10
    camera_answers_within_s: Positive = 10
    viewer_answers_within_s: Positive = 30
    ping_every_s: Positive = 25
    session_lasts_s: Positive | None = None
    calls_per_camera: Positive = 16
    calls_per_viewer: Positive = 16
    trickles_per_call: Positive = 256
    messages_per_s: Positive = 200
    messages_per_s_per_account: Positive = 1_000
    calls_per_minute_per_account: Positive = 120
    sockets_per_account: Positive = 32
    sockets_per_network: Positive = 4_096
    sockets_per_s_per_network: Positive = 20
    penalty_s: Annotated[int, Field(ge=0, le=60)] = 20
    keep_s: Positive = 15
    hold_s: Positive = 8
    drain_over_s: Annotated[int, Field(ge=0)] = 5
    max_outbound_bytes: Annotated[int, Field(ge=65_536)] = 1_048_576

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        faults: list[str] = []
        for name, wrong in (
            ("public_url", urlsplit(self.public_url).scheme not in ("http", "https")),
            ("public_url", self.public_url.endswith("/")),
            ("signaling_port", self.http_port == self.signaling_port != 0),
            ("turn_secret_path", bool(self.turn_urls) != bool(self.turn_secret_path)),
            ("backup_copy_folder", self._copies_are_no_copies),
            ("role", self.role != "all" and self.engine == "memory"),
            ("engine", self.engine != "memory" and not self.engine.startswith("nats://")),
        ):
            if wrong:
                faults.append(f"{name}: {FORMS[name]}")
        if self.mode == "production":
            faults += _unfit_for_production(self)
        if faults:
            raise ValueError("\n".join(faults))
        return self

    @property
    def _copies_are_no_copies(self) -> bool:
        copies = self.backup_copy_folder
        return copies is not None and self.backup_folder in (None, copies)

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in use: the one given, else SQLite in the data folder."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'secuhome.sqlite'}"

    @property
    def region(self) -> str:
        """The region that the cell stands in: the letters of its name, `eu` of `eu1`."""
        return self.cell.rstrip("0123456789")

    @property
    def tombstones(self) -> Path:
        """The list of people who were erased: the one given, else in the data folder."""
        return self.tombstones_path or self.data_dir / "tombstones"

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS."""
        return self.public_url.startswith("https://")

    @property
    def signaling_address(self) -> str:
        """The WebSocket address that cameras and phones are told."""
        if self.signaling_url:
            return self.signaling_url
        parts = urlsplit(self.public_url)
        if self.secure:  # the proxy that ends TLS sends /signal to the gateway
            return f"wss://{parts.netloc}/signal"
        return f"ws://{parts.hostname}:{self.signaling_port}/signal"

    @property
    def access_token(self) -> timedelta:
        """How long an access token holds."""
        return timedelta(seconds=self.access_token_s)

    @property
    def registration(self) -> timedelta:
        """How long a mailed code holds."""
        return timedelta(seconds=self.registration_s)

    @property
    def request_proof(self) -> timedelta:
        """How long the code of a privacy request holds."""
        return timedelta(seconds=self.request_proof_s)

    @property
    def provider_sign_in(self) -> timedelta:
        """How long somebody may stay at a sign-in provider."""
        return timedelta(seconds=self.provider_sign_in_s)

    @property
    def backup_keep(self) -> timedelta:
        """How long a backup is kept."""
        return timedelta(days=self.backup_keep_days)

    @property
    def backup_every(self) -> timedelta:
        """How often a backup is made."""
        return timedelta(hours=self.backup_every_h)

    @property
    def backup_drill_every(self) -> timedelta:
        """How often a restore is practised."""
        return timedelta(days=self.backup_drill_every_days)

    @property
    def erasure_grace(self) -> timedelta:
        """How long a cancelled account can be taken back."""
        return timedelta(seconds=self.erasure_grace_s)


FORMS: Final = {
    "signaling_port": "HTTP has this port already; give another",
    "public_url": "give http(s)://host[:port] without a slash at the end",
    "turn_secret_path": "give it together with `turn_urls`, or neither",
    "engine": "give `memory` or a nats:// address",
    "backup_copy_folder": "give it together with `backup_folder`, and another one",
    "role": "one process for each role needs an engine between them; set `engine` to NATS",
}
DEMO_ONLY: Final = (
    # setting, what production needs
    ("signing_key_path", "name a file with an Ed25519 private key (PEM)"),
    ("master_key_path", "name a file made by `secuhome vault make-key`"),
    ("mail_smtp_host", "name the SMTP server that takes our mail"),
    ("geoip_path", "name a MaxMind-format city database"),
    ("trusted_proxies", "name the networks of the proxies that end TLS in front of us"),
    ("database_url", "name the database"),
)


def _unfit_for_production(settings: Settings) -> list[str]:
    unfit: list[str] = []
    if not settings.secure:
        unfit.append("public_url: production needs TLS in front; give an https:// address")
    for name, remedy in DEMO_ONLY:
        if not getattr(settings, name):
            unfit.append(f"{name}: required in production; {remedy}")
    return unfit + [
        f"{name}: production can't use the demo's value; give your own"
        for name in ("contact_email", "contact_postal_address", "mail_sender")
        if getattr(settings, name) == Settings.model_fields[name].default
    ]


class BadSettings(Exception):  # noqa: N818 - says what they are
    """The settings don't allow a start. The message names each setting and its remedy."""


def load_settings(**given: Any) -> Settings:
    """The settings from the environment, `given` first. Raises BadSettings.

    A variable with our prefix that names no setting is refused too: most often it is a typing
    mistake, and the value that was meant would silently not count.
    """
    from os import environ  # noqa: PLC0415 - nothing else here looks at the environment

    known = {PREFIX + name.upper() for name in Settings.model_fields}
    faults = [
        f"{name}: no such setting; see docs/settings.md for their names"
        for name in sorted(environ)
        if name.upper().startswith(PREFIX) and name.upper() not in known
    ]
    try:
        settings = Settings(**given)
    except SettingsError as error:  # a list that is no JSON; the message ends with its name
        name = next((word for word in str(error).split('"') if word in Settings.model_fields), "")
        faults.append(f"{PREFIX}{name.upper()}: this is no JSON; see docs/settings.md")
    except ValidationError as error:
        faults += [line for fault in error.errors() for line in _told(fault)]
    else:
        if not faults:
            return settings
    raise BadSettings("\n".join(faults)) from None


def _told(fault: Any) -> list[str]:
    message = fault["msg"].removeprefix("Value error, ")
    if fault["loc"]:
        return [f"{PREFIX}{str(fault['loc'][0]).upper()}: {message}; see docs/settings.md"]
    pairs = (line.partition(": ") for line in message.splitlines())
    return [f"{PREFIX}{name.upper()}: {remedy}" for name, _, remedy in pairs]
