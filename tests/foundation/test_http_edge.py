"""The edge: an id and safe headers on every answer, small bodies, problems for every failure."""

import json
import logging
from collections.abc import AsyncIterator

import httpx
import pytest
import structlog
from fastapi import FastAPI, Response

from server.foundation.errors import InternalFault, Problem, TooManyRequests
from server.foundation.http_edge import HttpEdge, content_security_policy
from server.foundation.log import only_listed_members, start_log
from server.foundation.problem_responses import install_problem_handlers
from server.foundation.wire import Incoming

CSP = content_security_policy("wss://app.secuhome.example")


class Body(Incoming):
    """A body."""

    number: int


def _app() -> FastAPI:
    app = FastAPI()
    install_problem_handlers(app)

    @app.post("/number")
    async def number(body: Body) -> int:
        return body.number

    @app.get("/keeps")
    async def keeps(response: Response) -> None:
        response.set_cookie("ours", "1")
        response.set_cookie("visitor", "canary")
        response.headers["Accept-CH"] = "Sec-CH-UA-Model"
        response.headers["Cache-Control"] = "no-store"

    @app.get("/fault")
    async def fault() -> None:
        raise RuntimeError("canary-in-a-fault")

    @app.get("/slow")
    async def slow() -> None:
        raise TooManyRequests(7)

    return app


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """A client of a small application behind the edge."""
    ours = frozenset({"ours"})
    edge = HttpEdge(_app(), max_bytes=1024, csp=CSP, secure=True, cookies=ours)
    transport = httpx.ASGITransport(edge, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.example") as client:
        yield client


@pytest.mark.parametrize("path", ["/docs", "/nothing", "/fault", "/number"])
async def test_every_answer_has_an_id_and_safe_headers(
    browser: httpx.AsyncClient, path: str
) -> None:
    headers = (await browser.get(path)).headers
    assert headers["x-request-id"].startswith("req_")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == CSP.decode()
    assert headers["referrer-policy"] == "no-referrer"
    assert "max-age=" in headers["strict-transport-security"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/number", 405, "method_not_allowed"),
        ("GET", "/fault", 500, "internal_fault"),
        ("GET", "/slow", 429, "too_many_requests"),
        ("POST", "/number", 422, "invalid_request"),
    ],
)
async def test_every_failure_is_a_problem(
    browser: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await browser.request(method, path)
    told = answer.json()
    assert (answer.status_code, told["status"], told["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:secuhome:problem:{code}"
    assert told["title"]
    assert told["remedy"]
    assert told["request_id"] == answer.headers["x-request-id"]
    assert "canary" not in answer.text


async def test_what_the_register_lacks_does_not_leave_and_the_log_names_it(
    browser: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    start_log("error")
    try:
        answer = await browser.get("/keeps")
    finally:
        structlog.reset_defaults()
        logging.basicConfig(handlers=before, force=True)
    assert answer.status_code == 200
    assert dict(browser.cookies) == {"ours": "1"}
    assert "accept-ch" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert (line["event"], line["dropped"]) == (
        "not_in_register",
        ["set-cookie: visitor", "accept-ch"],
    )
    assert "canary" not in str(line)


async def test_a_refusal_for_now_says_when_to_come_back(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/slow")).headers["retry-after"] == "7"


async def test_a_navigation_gets_a_page(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/nothing", headers={"sec-fetch-mode": "navigate"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


async def test_unknown_members_are_named_and_values_never_repeated(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.post("/number", json={"number": "canary-one", "more": "canary-two"})
    assert {error["field"] for error in answer.json()["errors"]} == {"number", "more"}
    assert "canary" not in answer.text


@pytest.mark.parametrize(("size", "status"), [(1024, 422), (1025, 413)])
async def test_a_large_body_is_refused_before_it_is_read(
    browser: httpx.AsyncClient, size: int, status: int
) -> None:
    answer = await browser.post("/number", content=b"x" * size)
    assert answer.status_code == status


async def test_a_large_body_in_pieces_is_refused_too(browser: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    assert (await browser.post("/number", content=pieces())).status_code == 413


async def test_the_log_has_one_line_a_request_and_no_value(
    browser: httpx.AsyncClient, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:]
    start_log("info")
    try:
        await browser.get("/fault?canary=query", headers={"authorization": "canary"})
        await browser.post("/number", json={"number": "canary"})
    finally:
        structlog.reset_defaults()
        logging.basicConfig(handlers=before, force=True)
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    requests = [line for line in lines if line["event"] == "request"]
    assert [(line["route"], line["status"]) for line in requests] == [
        ("/fault", 500),
        ("/number", 422),
    ]
    (fault,) = [line for line in lines if line["event"] == "fault"]
    assert fault["request_id"] == requests[0]["request_id"]
    assert fault["fault"] == "RuntimeError"
    assert "canary" not in str(lines)


def test_a_member_that_isnt_listed_is_dropped_and_its_name_told() -> None:
    event = only_listed_members(None, "info", {"event": "x", "email": "canary", "code": "y"})
    assert event == {"event": "x", "code": "y", "dropped": ["email"]}


def test_two_problems_never_share_a_code() -> None:
    with pytest.raises(TypeError, match="internal_fault"):
        type("Other", (Problem,), {"code": InternalFault.code})
