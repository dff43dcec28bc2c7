"""A server that is up erases by itself, and its operator sees who is leaving."""

import asyncio
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.server_process import running_server, secuhome
from tests.people import PASSWORD, bearer
from tests.raw_bytes import found_in

pytestmark = pytest.mark.flow

EMAIL, NAME = "canary.leaving@example.com", "Canary Leaving"
TRIES = 200  # a twentieth of a second each


async def register(http: httpx.AsyncClient, folder: Path) -> dict[str, Any]:
    body = {"email": EMAIL, "password": PASSWORD, "area": "PT", "name": NAME}
    asked = (await http.post("/v1/registrations", json=body)).json()
    (letter,) = (folder / "mail").glob("*.eml")
    code = re.search(r"^\s+(\d{6})\s*$", letter.read_text(), re.MULTILINE)
    assert code is not None
    path = f"/v1/registrations/{asked['registration_id']}/confirmation"
    return (await http.post(path, json={"code": code[1]})).json()


async def erased(http: httpx.AsyncClient, erasure_id: str) -> dict[str, Any]:
    for _ in range(TRIES):
        told = (await http.get(f"/v1/erasures/{erasure_id}")).json()
        if told["state"] == "done":
            return told
        await asyncio.sleep(0.05)
    raise AssertionError("it isn't erased")


async def test_a_running_server_erases_by_itself_and_leaves_no_word(tmp_path: Path):
    async with running_server(tmp_path, TRIES_PER_MINUTE="1000") as server:
        async with httpx.AsyncClient(base_url=server.url) as http:
            session = await register(http, tmp_path)
            how: dict[str, Any] = {"json": {"password": PASSWORD}, "headers": bearer(session)}
            assert (await http.post("/v1/account/cancellation", **how)).status_code == 202
            status, out, _ = await secuhome("erasures", DATA_DIR=str(tmp_path))
            assert (status, out.split()[3:]) == (0, ["authority", session["account_id"]])
            body = {"email": EMAIL, "password": PASSWORD, "take_back": True}
            back = (await http.post("/v1/sessions", json=body)).json()
            how = {"json": {"password": PASSWORD, "at_once": True}, "headers": bearer(back)}
            answer = (await http.post("/v1/account/cancellation", **how)).json()
            told = await erased(http, answer["id"])
            assert told["certificate"].count(".") == 2
        status, out, _ = await secuhome("erasures", DATA_DIR=str(tmp_path))
        assert (status, out) == (0, "nobody waits\n")
    stored = b"\n".join(it.read_bytes() for it in tmp_path.rglob("*") if it.is_file())
    assert found_in(stored, [EMAIL, NAME, PASSWORD]) == set()
    log = (tmp_path / "server.log").read_text()
    assert "fault" not in log
    assert session["account_id"] not in log
