"""What a process tells whoever runs it: over real sockets, as a scraper reads it."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.asyncio.client import connect

from server.demo.processes import free_port
from server.http_listener import listener_on
from signaling.protocol.close_codes import NOT_IN_TIME
from tests.flows.gateways import running_gateways
from tests.flows.server_process import running_server, secuhome
from tests.nats_server import running_nats

pytestmark = [pytest.mark.flow]


async def scrape(port: int) -> dict[str, float]:
    """The samples that have no label but one, by name and its value."""
    async with httpx.AsyncClient() as http:
        text = (await http.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status().text
    return {
        ":".join([sample.name.removeprefix("secuhome_signaling_"), *sample.labels.values()]): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_sockets_and_their_ends_are_counted(tmp_path: Path):
    port = free_port(0)
    settings = {"METRICS_PORT": str(port), "REGISTER_WITHIN_S": "2"}
    async with running_server(tmp_path, **settings) as server:
        assert (await scrape(port))["connections"] == 0
        async with connect(server.signaling_url) as socket:
            assert (await scrape(port))["connections"] == 1
            async with asyncio.timeout(10):
                await socket.wait_closed()
        assert socket.close_code == NOT_IN_TIME.number
        seen = await scrape(port)
    assert seen["connections"] == 0
    assert seen["refused_total:not_in_time"] == 1
    assert seen["process_resident_memory_bytes"] > 1_000_000


@pytest.mark.parametrize("kind", ["application/openmetrics-text; version=1.0.0", "text/plain"])
async def test_a_scraper_gets_the_format_that_it_asks_for(kind: str, tmp_path: Path):
    port = free_port(0)
    async with (
        running_server(tmp_path, METRICS_PORT=str(port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http,
    ):
        told = await http.get("/metrics", headers={"Accept": kind})
        healthy = await http.get("/healthz")
        other = await http.get("/v1/signaling")
    assert told.headers["content-type"].startswith(kind.partition(";")[0])
    assert told.text.endswith("# EOF\n") == kind.startswith("application")
    assert (healthy.status_code, healthy.json()) == (200, {"state": "alive"})
    assert other.status_code == 404


async def test_the_address_of_people_tells_no_metrics_and_without_a_port_nobody_does(
    tmp_path: Path,
):
    async with running_server(tmp_path) as server, httpx.AsyncClient() as http:
        told = await http.get(f"{server.url}/metrics")
    assert told.status_code == 404
    assert '"metrics"' not in (tmp_path / "server.log").read_text()


async def test_of_several_processes_each_takes_the_next_port(tmp_path: Path):
    async with AsyncExitStack() as stack:
        port = free_port(0)
        nats = await stack.enter_async_context(running_nats())
        gateways = await stack.enter_async_context(
            running_gateways(tmp_path, nats, METRICS_PORT=str(port), REGISTER_WITHIN_S="60")
        )
        for _ in range(24):
            await stack.enter_async_context(connect(gateways.url))
        first, second = await scrape(port), await scrape(port + 1)
    assert first["connections"] + second["connections"] == 24
    assert first["connections"] > 0
    assert second["connections"] > 0


async def test_a_port_that_cannot_be_had_is_told(tmp_path: Path):
    with listener_on("127.0.0.1", 0) as other:
        ports = {"HTTP_PORT": str(free_port(0)), "SIGNALING_PORT": str(free_port(0))}
        ports["METRICS_PORT"] = str(other.getsockname()[1])
        status, _, err = await secuhome("serve", DATA_DIR=str(tmp_path), **ports)
    assert status == 1
    assert err.splitlines()[-1].startswith("SECUHOME_METRICS_PORT: Address already in use")


async def test_ports_beyond_the_last_are_refused():
    settings = {"ENGINE": "nats://127.0.0.1:1", "METRICS_PORT": "65535"}
    status, _, err = await secuhome("gateway", "--processes", "2", **settings)
    assert status == 1
    assert err.strip() == "SECUHOME_METRICS_PORT: each process takes the next; start lower"
