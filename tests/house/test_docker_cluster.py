"""The cluster's compose file: who reaches whom, and that its settings let it start."""

from ipaddress import ip_address
from typing import Final

import pytest

from server.foundation.settings import PREFIX, Settings, load_settings
from server.gateway_processes import gateway_settings
from tests.house.test_docker import CLUSTER, SERVICES, Service, environment

pytestmark = pytest.mark.house

SERVICE: Final[dict[str, Service]] = CLUSTER["services"]


def told(monkeypatch: pytest.MonkeyPatch, service: str) -> None:
    """Let the environment be that of a service, and nothing else."""
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    for name, value in environment(SERVICE[service]).items():
        monkeypatch.setenv(name, value)


def networks_of(name: str) -> set[str]:
    """The networks that a service is in."""
    return set(SERVICE[name]["networks"])


def test_only_proxy_and_relay_are_reached_from_outside():
    assert {name for name, each in SERVICE.items() if "ports" in each} == {"proxy", "coturn"}


def test_who_keeps_data_or_carries_messages_is_reached_by_our_own_processes_alone():
    """A database with a way out is a database with a way in."""
    assert CLUSTER["networks"]["behind"] == {"internal": True}
    assert networks_of("nats") == networks_of("postgres") == {"behind"}
    others = {name for name in SERVICE if "behind" in networks_of(name)}
    assert others == {"migrate", "http", "gateway", "nats", "postgres"}


def test_the_relay_reaches_nobody_of_ours():
    for name in set(SERVICE) - {"coturn"}:
        assert not networks_of(name) & networks_of("coturn")


def test_every_process_of_the_cell_has_the_same_settings_but_for_its_role():
    settings = {name: dict(SERVICE[name]["environment"]) for name in ("http", "gateway", "migrate")}
    assert settings["http"].pop("SECUHOME_ROLE") == "http"
    assert settings["http"] == settings["gateway"] == settings["migrate"]


def test_the_example_is_fit_for_production(monkeypatch: pytest.MonkeyPatch):
    told(monkeypatch, "http")
    settings = load_settings()
    assert (settings.mode, settings.role, settings.secure) == ("production", "http", True)
    assert settings.engine.startswith("nats://")
    assert settings.database.startswith("postgresql+asyncpg://")
    proxy = ip_address(SERVICE["proxy"]["networks"]["front"]["ipv4_address"])
    assert [list(network) for network in settings.trusted_proxies] == [[proxy]]


def test_the_gateways_may_start_as_they_are_told_to(monkeypatch: pytest.MonkeyPatch):
    told(monkeypatch, "gateway")
    command, option, count = SERVICE["gateway"]["command"]
    assert (command, option, count) == ("gateway", "--processes", "${GATEWAY_PROCESSES:-2}")
    assert gateway_settings(processes=2).role == "gateway"


def test_the_proxy_finds_both_by_the_same_names_on_one_machine_and_in_the_cluster():
    assert {"http", "gateway"} <= set(SERVICE)
    assert SERVICES["server"]["networks"]["inside"]["aliases"] == ["http", "gateway"]


def test_nobody_starts_before_what_it_needs():
    for name in ("http", "gateway"):
        assert SERVICE[name]["depends_on"] == {
            "migrate": {"condition": "service_completed_successfully"},
            "nats": {"condition": "service_healthy"},
        }
    assert SERVICE["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    for name in ("nats", "postgres", "gateway"):
        assert SERVICE[name]["healthcheck"]["test"]
