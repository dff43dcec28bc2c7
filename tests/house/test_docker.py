"""The images and the compose file are as hard as we say, and each hardening is missed if it goes.

A container that quietly became root, writable or unpinned works just as well, until the day on
which somebody breaks into it.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from server.foundation.settings import PREFIX, BadSettings, Settings, load_settings

pytestmark = pytest.mark.house

ROOT: Final = Path(__file__).parents[2]
DOCKER: Final = ROOT / "docker"
YAML: Final = (
    *("compose.yaml", "compose.cluster.yaml", "prometheus/alerts.yaml", ".yamllint.yaml"),
)
DOCKERFILES: Final = ("Dockerfile", "coturn/Dockerfile")
Service = dict[str, Any]

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
CLUSTER: Final[dict[str, Any]] = yaml.safe_load((DOCKER / "compose.cluster.yaml").read_text())
SERVICES: Final[dict[str, Service]] = COMPOSE["services"]
ALL: Final = {
    **SERVICES,
    **{f"cluster: {name}": service for name, service in CLUSTER["services"].items()},
}
PINNED: Final = re.compile(r"^[a-z0-9./-]+:\d+\.\d+[\w.-]*$")
NOT_ROOT: Final = re.compile(r"^[1-9]\d*:[1-9]\d*$")


def read(name: str) -> str:
    return (DOCKER / name).read_text()


# ---- the compose file


def weak_points(service: Service) -> Iterator[str]:
    """What is softer about a service than it should be."""
    hardened = {
        "its root is writable": service.get("read_only") is True,
        "it keeps capabilities": service.get("cap_drop") == ["ALL"] and not service.get("cap_add"),
        "it may gain privileges": "no-new-privileges:true" in service.get("security_opt", []),
        "it is privileged": not service.get("privileged"),
        "it is root": bool(NOT_ROOT.match(service.get("user", ""))),
        "its image is not pinned": bool(PINNED.match(service.get("image", ""))),
        "its processes are not limited": 0 < service.get("pids_limit", 0) <= 256,
        "its memory is not limited": bool(service.get("mem_limit")),
        "its tmpfs may execute": all("noexec" in each for each in service.get("tmpfs", [])),
        "it shares the machine": not {"pid", "ipc", "devices"} & set(service)
        and service.get("network_mode", "none") == "none",
        "it can write to the machine": not any(
            each.startswith((".", "/")) and not each.endswith(":ro")
            for each in service.get("volumes", [])
        ),
    }
    return (fault for fault, fine in hardened.items() if not fine)


@pytest.mark.parametrize("name", ALL)
def test_a_service_has_no_weak_point(name: str) -> None:
    assert list(weak_points(ALL[name])) == []


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"read_only": None}, "its root is writable"),
        ({"cap_drop": None}, "it keeps capabilities"),
        ({"cap_drop": ["NET_RAW"]}, "it keeps capabilities"),
        ({"cap_add": ["NET_BIND_SERVICE"]}, "it keeps capabilities"),
        ({"security_opt": None}, "it may gain privileges"),
        ({"privileged": True}, "it is privileged"),
        ({"user": None}, "it is root"),
        ({"user": "0:10001"}, "it is root"),
        ({"image": "secuhome/server:latest"}, "its image is not pinned"),
        ({"image": "nginxinc/nginx-unprivileged"}, "its image is not pinned"),
        ({"pids_limit": None}, "its processes are not limited"),
        ({"mem_limit": None}, "its memory is not limited"),
        ({"tmpfs": ["/tmp"]}, "its tmpfs may execute"),
        ({"network_mode": "host"}, "it shares the machine"),
        ({"pid": "host"}, "it shares the machine"),
        ({"volumes": ["/var/run/docker.sock:/s"]}, "it can write to the machine"),
    ],
)
def test_each_hardening_that_a_service_loses_is_missed(
    name: str, change: Service, fault: str
) -> None:
    changed = deepcopy(ALL[name]) | change
    softened = {key: value for key, value in changed.items() if value is not None}
    assert list(weak_points(softened)) == [fault]


def test_one_machine_runs_server_proxy_and_relay_and_only_proxy_and_relay_are_reached() -> None:
    assert set(SERVICES) == {"migrate", "server", "proxy", "coturn"}
    assert {name for name, each in SERVICES.items() if "ports" in each} == {"proxy", "coturn"}
    assert not set(SERVICES["coturn"]["networks"]) & set(SERVICES["server"]["networks"])


@pytest.mark.parametrize("compose", [COMPOSE, CLUSTER], ids=["one machine", "cluster"])
def test_no_secret_stands_in_the_compose_file(compose: dict[str, Any]) -> None:
    """Whatever is secret comes from a file, or from the environment of whoever starts it."""
    assert all(
        re.fullmatch(r"\./secrets/[\w.]+", each["file"]) for each in compose["secrets"].values()
    )
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if name.endswith("_PATH"):
                assert value.startswith(("/run/secrets/", "/geoip/"))
            elif re.search("PASSWORD|SECRET|PROVIDERS|ICE_SERVERS", name):
                assert re.fullmatch(rf"\$\{{{name}:(\?.*|-\[\])\}}", value)
            elif found := re.search(r"://(?:\w+:)?([^/@]+)@", str(value)):
                assert re.fullmatch(r"\$\{\w+:\?\}", found[1])
    assert {".env", "secrets/"} <= set(read(".gitignore").splitlines())


# ---- what the server is told


def environment(service: Service = SERVICES["server"]) -> dict[str, str]:
    """A service's variables as Compose would fill them in from `.env.example`."""
    lines = (line.partition("=") for line in read(".env.example").splitlines())
    given = {
        name: shlex.split(rest)[0] for name, equals, rest in lines if equals and name[0] != "#"
    }

    def fill(found: re.Match[str]) -> str:
        name, default = found["name"], found["default"]
        return given[name] if default is None else given.get(name, default)

    hole = re.compile(r"\$\{(?P<name>\w+):(?:\?[^}]*|-(?P<default>[^}]*))\}")
    return {k: hole.sub(fill, str(v)) for k, v in service["environment"].items()}


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    return monkeypatch


def test_the_example_is_fit_for_production(clean: pytest.MonkeyPatch) -> None:
    for name, value in environment().items():
        clean.setenv(name, value)
    settings = load_settings()
    assert settings.mode == "production"
    assert settings.secure
    proxy = ip_address(SERVICES["proxy"]["networks"]["inside"]["ipv4_address"])
    assert [list(network) for network in settings.trusted_proxies] == [[proxy]]
    assert SERVICES["migrate"]["environment"] == SERVICES["server"]["environment"]


@pytest.mark.parametrize(
    "name",
    ["PUBLIC_URL", "TRUSTED_PROXIES", "SIGNING_KEY_PATH", "MAIL_SMTP_HOST", "CONTACT_EMAIL"],
)
def test_the_server_does_not_start_without_what_production_needs(
    clean: pytest.MonkeyPatch, name: str
) -> None:
    for variable, value in environment().items():
        if variable != PREFIX + name:
            clean.setenv(variable, value)
    with pytest.raises(BadSettings, match=name):
        load_settings()


# ---- the images


def softness_of(dockerfile: str) -> Iterator[str]:
    """What is wrong with an image's recipe beyond what hadolint knows."""
    joined = dockerfile.replace("\\\n", " ")
    stages = re.findall(r"^FROM (\S+)(?: AS \S+)?$", joined, re.MULTILINE)
    last = joined.rpartition("\nFROM ")[2] or joined
    users = re.findall(r"^USER (\S+)$", last, re.MULTILINE)
    installs = [line for line in re.split(r"&&|\n", joined) if re.search(r"\binstall\b", line)]
    pips = [line for line in installs if "pip" in line]
    wanted = {
        "a base is not pinned": all(PINNED.match(stage) for stage in stages) and bool(stages),
        "it runs as root": bool(users) and bool(NOT_ROOT.match(users[-1])),
        "it has no health check": bool(re.search(r"^HEALTHCHECK .*CMD \[", last, re.MULTILINE)),
        "it installs what no hash names": all(
            "--require-hashes" in line or "--no-index" in line for line in pips
        ),
        "it gives capabilities": "setcap" not in joined,
    }
    return (fault for fault, fine in wanted.items() if not fine)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_an_image_is_pinned_unprivileged_and_says_how_it_is(name: str) -> None:
    assert list(softness_of(read(name))) == []


@pytest.mark.parametrize(
    ("name", "before", "after", "fault"),
    [
        (
            "Dockerfile",
            "python:3.12.13-slim-bookworm AS",
            "python:latest AS",
            "a base is not pinned",
        ),
        ("Dockerfile", "\nUSER 10001:10001", "", "it runs as root"),
        ("Dockerfile", "USER 10001:10001", "USER root", "it runs as root"),
        ("Dockerfile", "HEALTHCHECK", "# HEALTHCHECK", "it has no health check"),
        ("Dockerfile", "--require-hashes", "", "it installs what no hash names"),
        ("coturn/Dockerfile", "debian:12.12-slim", "debian", "a base is not pinned"),
        ("coturn/Dockerfile", "USER 10002:10001", "USER 0:0", "it runs as root"),
        ("coturn/Dockerfile", "EXPOSE", "RUN setcap x=+ep y\nEXPOSE", "it gives capabilities"),
    ],
)
def test_each_hardening_that_an_image_loses_is_missed(
    name: str, before: str, after: str, fault: str
) -> None:
    text = read(name)
    assert before in text
    assert list(softness_of(text.replace(before, after))) == [fault]


def test_a_user_is_the_same_in_image_and_compose_file() -> None:
    for service, dockerfile in (("server", "Dockerfile"), ("coturn", "coturn/Dockerfile")):
        assert f"\nUSER {SERVICES[service]['user']}\n" in read(dockerfile)


@pytest.mark.parametrize(
    "name", ["requirements.lock", "requirements-nats.lock", "requirements-dev.lock"]
)
def test_a_lock_has_a_hash_for_everything_and_an_address_for_nothing(name: str) -> None:
    text = (ROOT / name).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all(
        re.match(r"[\w.-]+==\S+.*(\n    --hash=sha256:[0-9a-f]{64}.*)+$", e) for e in entries
    )
    assert not re.search(r"://|--(extra-)?index-url|--find-links", text)


def test_the_lock_holds_every_dependency_of_the_project() -> None:
    """Else the image is built without it, and the first import in production says so."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    locked = set(
        re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    )
    names = {re.split(r"[\[<>=~! ;]", each)[0].lower() for each in project["dependencies"]}
    assert names <= locked


# ---- linters


def told_by(*command: str) -> str:
    """What a linter of the virtual environment says; nothing is good."""
    program = Path(sys.executable).parent / command[0]
    done = subprocess.run(
        [program, *command[1:]], cwd=DOCKER, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr + ("" if done.returncode == 0 else f"exit {done.returncode}")


def test_hadolint_has_nothing_to_say() -> None:
    assert told_by("hadolint", *DOCKERFILES) == ""


def test_yamllint_has_nothing_to_say() -> None:
    assert told_by("yamllint", "--strict", "-c", ".yamllint.yaml", *YAML) == ""


# ---- proxy and relay


def test_the_proxy_speaks_plain_http_only_to_send_people_away() -> None:
    plain, tls = read("proxy/nginx.conf").split("    server {\n")[1:]
    assert "listen 8080" in plain
    assert re.findall(r"return (\S+)", plain) == ["204;", "308"]
    assert "proxy_pass" not in plain
    assert "listen 8443 ssl" in tls
    assert "listen 8080" not in tls


@pytest.mark.parametrize(
    "line",
    [
        "ssl_protocols TLSv1.2 TLSv1.3;",
        'add_header Strict-Transport-Security "max-age=63072000; includeSubDomains" always;',
        "ssl_session_tickets off;",
        "access_log off;",  # /signal may carry a token in its query
        "error_log /dev/stderr crit;",
        "location = /signal {\n            proxy_pass http://gateway:8081;",
        "proxy_set_header Upgrade $http_upgrade;",
    ],
)
def test_the_proxy_says(line: str) -> None:
    assert line in read("proxy/nginx.conf")


def test_the_proxy_believes_no_client_about_its_address() -> None:
    """nginx forgets the outer headers in a location that sets any, so each place says it again."""
    text = read("proxy/nginx.conf")
    assert text.count("proxy_set_header X-Forwarded-For $remote_addr;") == 2
    assert "$proxy_add_x_forwarded_for" not in text
    assert (
        text.count("add_header Strict")
        == len(re.findall(r"^\s+add_header ", text, re.MULTILINE))
        == 1
    )


def relay_settings() -> list[tuple[str, str]]:
    lines = (line.partition("=") for line in read("coturn/turnserver.conf").splitlines())
    return [(name, value) for name, _, value in lines if name and name[0] != "#"]


@pytest.mark.parametrize(
    "name",
    ["use-auth-secret", "no-multicast-peers", "no-cli", "no-tlsv1", "no-tlsv1_1", "no-stdout-log"],
)
def test_the_relay_says(name: str) -> None:
    assert (name, "") in relay_settings()


@pytest.mark.parametrize("name", ["static-auth-secret", "user", "allowed-peer-ip", "no-auth"])
def test_the_relays_fixed_part_does_not_say(name: str) -> None:
    assert name not in dict(relay_settings())


@pytest.mark.parametrize(
    "peer",
    [
        *("0.0.0.1", "10.0.0.1", "10.255.255.255", "100.64.0.1", "127.0.0.1", "169.254.169.254"),
        *("172.16.0.1", "172.30.80.3", "172.31.255.255", "192.168.1.1", "198.18.0.1", "224.0.0.1"),
        *("255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1"),
        *("fc00::1", "fd12::1", "fe80::1", "ff02::1", "2001:db8::1", "2001::1"),
    ],
)
def test_the_relay_reaches_no_network_of_ours(peer: str) -> None:
    assert denied(peer)


@pytest.mark.parametrize(
    "peer", ["9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.1", "2a00::1"]
)
def test_the_relay_reaches_everybody_else(peer: str) -> None:
    assert not denied(peer)


def denied(peer: str) -> bool:
    """Whether one of coturn's ranges, both ends included, holds the address."""
    address = ip_address(peer)
    ranges = [value.split("-") for name, value in relay_settings() if name == "denied-peer-ip"]
    for first, last in ((ip_address(low), ip_address(high)) for low, high in ranges):
        if first.version == address.version and int(first) <= int(address) <= int(last):
            return True
    return False
