"""Starting and stopping: what an operator meets, and what a wrong setting is told."""

import asyncio
import json
import os
import signal
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from devices.agent.clip import make_clip
from server.demo.processes import free_port, milestone, run_once, running
from signaling.protocol.close_codes import DRAINING
from tests.flows.server_process import ServerProcess, running_server, secuhome
from tests.nats_server import running_nats

pytestmark = [pytest.mark.flow]

PRODUCTION = {
    "MODE": "production",
    "PUBLIC_URL": "https://home.example",
    "SIGNING_KEY_PATH": "key.pem",
    "MASTER_KEY_PATH": "master.key",
    "MAIL_SMTP_HOST": "mail.example",
    "MAIL_SENDER": "SecuHome <no-reply@home.example>",
    "GEOIP_PATH": "city.mmdb",
    "TRUSTED_PROXIES": '["10.0.0.0/8"]',
    "DATABASE_URL": "postgresql+asyncpg://localhost/secuhome",
    "CONTACT_EMAIL": "privacy@home.example",
    "CONTACT_POSTAL_ADDRESS": "Home Street 1",
}


@pytest.mark.parametrize(
    ("wrong", "names", "remedy"),
    [
        ({"HTTP_PORT": "a lot"}, "SECUHOME_HTTP_PORT", "docs/settings.md"),
        ({"PUBLIC_URL": "home.example"}, "SECUHOME_PUBLIC_URL", "http(s)://"),
        ({"ENGINE": "carrier pigeon"}, "SECUHOME_ENGINE", "nats://"),
        ({"ROLE": "gateway"}, "SECUHOME_ROLE", "NATS"),
        ({"HTPT_PORT": "80"}, "SECUHOME_HTPT_PORT", "no such setting"),
        ({"ACCESS_TOKEN_S": "3600"}, "SECUHOME_ACCESS_TOKEN_S", "600"),
        (PRODUCTION | {"PUBLIC_URL": "http://home.example"}, "SECUHOME_PUBLIC_URL", "TLS"),
        *(
            ({k: v for k, v in PRODUCTION.items() if k != name}, f"SECUHOME_{name}", "production")
            for name in PRODUCTION
            if name not in ("MODE", "PUBLIC_URL")
        ),
    ],
)
async def test_a_wrong_setting_is_named_with_its_remedy(
    wrong: dict[str, str], names: str, remedy: str
):
    status, out, err = await secuhome("serve", **wrong)
    assert (status, out) == (1, "")
    assert names in err
    assert remedy in err
    assert "Traceback" not in err


async def test_a_setting_that_is_wrong_is_not_repeated(tmp_path: Path):
    """A password put under the wrong name must not end up on a terminal or in a log."""
    _, _, err = await secuhome("serve", MAIL_SMTP_PORT="hunter2-hunter2")
    assert "SECUHOME_MAIL_SMTP_PORT" in err
    assert "hunter2" not in err


@pytest.mark.parametrize("command", [("locked",), ("reviews", "list"), ("erasures",)])
async def test_a_command_before_the_tables_are_made_says_what_to_do(
    command: tuple[str, ...], tmp_path: Path
):
    status, out, err = await secuhome(*command, DATA_DIR=str(tmp_path))
    assert (status, out) == (1, "")
    assert "run secuhome migrate" in err
    assert "Traceback" not in err


async def test_a_missing_geoip_file_is_told_and_the_place_is_unknown(tmp_path: Path):
    async with running_server(tmp_path, GEOIP_PATH=str(tmp_path / "nowhere.mmdb")) as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            ready = (await http.get("/readyz")).json()
        log = (tmp_path / "server.log").read_text()
    assert ready["geography"] == "absent"
    told = [json.loads(line) for line in log.splitlines()]
    assert any(line["event"] == "geography" and line["code"] == "absent" for line in told)


@pytest.mark.parametrize("free", ["HTTP_PORT", "SIGNALING_PORT"])
async def test_a_taken_port_is_told(free: str, tmp_path: Path):
    async with running_server(tmp_path) as server:
        taken = {name.removeprefix("SECUHOME_"): value for name, value in server.env.items()}
        other = {"DATA_DIR": str(tmp_path / "other"), free: str(free_port(0))}
        status, _, err = await secuhome("serve", **taken | other)
    assert status == 1
    assert "address already in use" in err.lower()
    assert f"SECUHOME_{'SIGNALING_PORT' if free == 'HTTP_PORT' else 'HTTP_PORT'}" in err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql+asyncpg://127.0.0.1:1/nothing"),
        ("ENGINE", "nats://127.0.0.1:1"),
        ("DATA_DIR", "/proc/nowhere"),
        ("TRUSTED_PROXIES", "10.0.0.0/8"),
    ],
)
async def test_what_is_not_there_is_told_by_the_setting_that_names_it(
    name: str, value: str, tmp_path: Path
):
    ports = {"HTTP_PORT": str(free_port(0)), "SIGNALING_PORT": str(free_port(0))}
    status, _, err = await secuhome("serve", **ports | {"DATA_DIR": str(tmp_path), name: value})
    assert status == 1
    assert err.strip().splitlines()[-1].startswith(f"SECUHOME_{name}: ")
    assert "Traceback" not in err


async def test_a_stop_is_clean_and_quick(tmp_path: Path):
    async with running_server(tmp_path) as server, connect(server.signaling_url) as socket:
        os.kill(server.pid, signal.SIGTERM)
        async with asyncio.timeout(10):
            await socket.wait_closed()
        assert socket.close_code == DRAINING.number
    assert "fault" not in (tmp_path / "server.log").read_text()


async def test_http_and_signaling_can_have_a_process_each(tmp_path: Path):
    """Presence crosses the processes: the one with HTTP knows whom the other holds."""
    database = f"sqlite+aiosqlite:///{tmp_path}/db.sqlite"
    async with running_nats() as nats:
        common = {"ENGINE": nats, "DATABASE_URL": database}
        async with running_server(tmp_path / "http", ROLE="http", **common) as front:
            keys = {
                "SIGNING_KEY_PATH": str(tmp_path / "http" / "signing_key.pem"),
                "MASTER_KEY_PATH": str(tmp_path / "http" / "master.key"),
            }
            port = front.env["SECUHOME_SIGNALING_PORT"]
            shared = keys | {"PUBLIC_URL": front.url, "SIGNALING_PORT": port}
            settings = common | shared | {"ROLE": "gateway", "DATA_DIR": str(tmp_path)}
            env = {f"SECUHOME_{name}": value for name, value in settings.items()}
            async with running("gateway", env, tmp_path, "serve"):
                folder, clip = tmp_path / "camera", tmp_path / "clip.ts"
                make_clip(clip, seconds=1)
                await make_camera(folder, front)
                arguments = ("--folder", str(folder), "--server", front.url)
                arguments = ("camera", "run", *arguments, "--source", str(clip))
                async with running("camera", front.env, tmp_path, *arguments) as camera:
                    told = await milestone(camera, "registered")
                    assert told["id"].startswith("cam_eu1_")


async def make_camera(folder: Path, server: ServerProcess) -> None:
    """A camera, made and imported."""
    made = ("--serial", "SH-TEST-1", "--model", "SH-C1", "--region", "DE")
    await run_once(server.env, "camera", "manufacture", *made, "--folder", str(folder))
    await run_once(server.env, "factory-import", str(folder / "factory_record.csv"))


async def test_an_idle_connection_is_closed_by_its_client_first(tmp_path: Path):
    """Else a request that leaves in the moment in which we close is lost: libraries keep 5 s."""
    async with running_server(tmp_path) as server:
        address = httpx.URL(server.url)
        reader, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: secuhome\r\n\r\n")
        assert b"200" in await reader.readline()
        await reader.readuntil(b"}")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(), 6)
        writer.close()
