"""The whole HTTP API under generated requests: no fault of ours, nothing but documented answers."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from server.demo.processes import free_port
from server.foundation.errors import PROBLEMS

import_module("server.main")  # so that every problem is known

pytestmark = [pytest.mark.flow, pytest.mark.timeout(400)]

BUDGET = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    phases=[Phase.explicit, Phase.generate],
)
PASSWORD = "seventeen wet otters"
CHECKS = (
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)


@dataclass(frozen=True)
class Fuzzed:
    """A server for fuzzing, and somebody who is signed in and has accepted the policy."""

    url: str
    token: str
    folder: Path


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    folder = tmp_path_factory.mktemp("fuzzed")
    port, sockets = free_port(0), free_port(0)
    url = f"http://127.0.0.1:{port}"
    env = {
        "SECUHOME_DATA_DIR": str(folder),
        "SECUHOME_PUBLIC_URL": url,
        "SECUHOME_HTTP_PORT": str(port),
        "SECUHOME_SIGNALING_PORT": str(sockets),
        "SECUHOME_TRIES_PER_MINUTE": "100000",
    }
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "server.command_line", "serve"],
            env={**os.environ, **env},
            stderr=log,
        )
    try:
        with httpx.Client(base_url=url) as http:
            until_ready(http)
            yield Fuzzed(url, signed_in(http, folder), folder)
    finally:
        server.terminate()
        server.wait(15)


def until_ready(http: httpx.Client) -> None:
    """Ask until the server answers."""
    for _ in range(600):
        try:
            if http.get("/readyz").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the server did not start")


def signed_in(http: httpx.Client, folder: Path) -> str:
    """A token of somebody who has accepted the policy."""
    wish = {"email": "fuzz@home.example", "password": PASSWORD, "area": "PT"}
    asked = http.post("/v1/registrations", json=wish).raise_for_status().json()
    letter = message_from_bytes(
        next((folder / "mail").glob("*.eml")).read_bytes(), policy=policy.default
    )
    code = re.search(r"\b\d{6}\b", letter.get_content())
    assert code is not None
    path = f"/v1/registrations/{asked['registration_id']}/confirmation"
    token: str = http.post(path, json={"code": code[0]}).raise_for_status().json()["access_token"]
    shown = http.get("/v1/policy").json()
    accepted = {"version": shown["version"], "sha256": shown["sha256"]}
    bearer = {"Authorization": f"Bearer {token}"}
    http.post("/v1/policy/acceptance", json=accepted, headers=bearer).raise_for_status()
    return token


@pytest.mark.parametrize("who", ["stranger", "owner"])
def test_generated_requests_find_no_fault(who: str, fuzzed: Fuzzed):
    schema = schemathesis.openapi.from_url(f"{fuzzed.url}/openapi.json").exclude(
        path="/v1/sessions/current"  # it would end the session that we fuzz with
    )
    headers = {"Authorization": f"Bearer {fuzzed.token}"} if who == "owner" else {}
    results: list[Any] = list(schema.get_all_operations())
    operations = [result.ok() for result in results]
    assert len(operations) > 20
    for operation in operations:
        fuzz(operation, headers)
    assert '"event": "fault"' not in (fuzzed.folder / "server.log").read_text()


def fuzz(operation: Any, headers: dict[str, str]) -> None:
    """Try one operation with generated requests."""

    @BUDGET
    @given(case=operation.as_strategy())
    def run(case: Any) -> None:
        answer = case.call(headers=headers, allow_redirects=False)
        case.validate_response(answer, checks=list(CHECKS))
        if answer.status_code >= 400 and "problem+json" in answer.headers["content-type"][0]:
            assert answer.json()["code"] in PROBLEMS

    run()
