"""A problem that a person is led to is a page; one that a program asked for is JSON."""

from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

import httpx
import pytest
from fastapi import FastAPI, Request, Response

import server
from server.accounts.errors import ProviderSignInRefused
from server.foundation.errors import (
    InternalFault,
    InvalidRequest,
    NotFound,
    Problem,
    TooManyRequests,
)
from server.foundation.http_edge import HttpEdge, content_security_policy
from server.foundation.problem_responses import install_problem_handlers, problem_response

WEB: Final = Path(server.__file__).parent / "web"
NAVIGATION: Final = {"sec-fetch-mode": "navigate", "accept": "text/html,*/*;q=0.8"}
SAMPLES: Final = (
    NotFound(),
    InvalidRequest([{"field": "state", "message": "too long"}]),
    InternalFault("canary in a detail"),
    ProviderSignInRefused(),
    TooManyRequests(7),
)


class Reader(HTMLParser):
    """What a person reads, and what a browser fetches."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.fetched: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.styled_in_place = False
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what the tag brings in."""
        told = dict(attrs)
        self.tags.append(tag)
        self.styled_in_place |= "style" in told or tag == "style"
        if tag not in {"meta", "link", "img"}:
            self._open.append(tag)
        if tag in {"link", "img"}:
            self.fetched.append(told.get("href") or told.get("src") or "")
        if tag == "a":
            self.links.append(told.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        """Everything that is opened is closed, in order."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Gather the text of each open element."""
        for tag in set(self._open):
            self.said[tag] = self.said.get(tag, "") + data


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application that only has problems."""
    app = FastAPI()
    install_problem_handlers(app)

    @app.get("/problems/{number}")
    async def fail(number: int, request: Request) -> Response:
        return problem_response(SAMPLES[number], request)

    edge = HttpEdge(app, max_bytes=1024, csp=content_security_policy("ws:"), secure=True)
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="https://x.example") as client:
        yield client


@pytest.mark.parametrize("problem", SAMPLES, ids=lambda problem: problem.code)
async def test_a_page_says_what_happened_what_to_do_and_leads_on(
    browser: httpx.AsyncClient, problem: Problem
):
    answer = await browser.get(f"/problems/{SAMPLES.index(problem)}", headers=NAVIGATION)
    assert answer.status_code == problem.status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    page = Reader()
    page.feed(answer.text)
    assert page.said["h1"] == problem.title
    assert page.said["title"] == f"{problem.title} · SecuHome"
    assert problem.remedy.replace("`", "") in page.said["p"]
    assert answer.headers["x-request-id"] in page.said["dl"]
    assert problem.code in page.said["dl"]
    assert "/app/" in page.links
    assert "canary" not in answer.text


async def test_a_page_needs_nothing_that_our_content_policy_forbids(browser: httpx.AsyncClient):
    page = Reader()
    page.feed((await browser.get("/problems/0", headers=NAVIGATION)).text)
    assert not page.styled_in_place
    assert "script" not in page.tags
    missing = [path for path in page.fetched if not (WEB / path.lstrip("/")).is_file()]
    assert (len(page.fetched) > 2, missing) == (True, [])


async def test_a_page_says_how_long_to_wait(browser: httpx.AsyncClient):
    answer = await browser.get(f"/problems/{len(SAMPLES) - 1}", headers=NAVIGATION)
    assert answer.headers["retry-after"] == "7"
    assert "<dt>Retry-After</dt><dd>7</dd>" in answer.text


@pytest.mark.parametrize(
    ("headers", "is_page"),
    [
        ({"sec-fetch-mode": "navigate"}, True),
        ({"accept": "text/html,application/xhtml+xml"}, True),  # a browser before Fetch Metadata
        ({"sec-fetch-mode": "cors", "accept": "text/html"}, False),  # a script of such a browser
        ({"accept": "*/*"}, False),
        ({"accept": "application/json"}, False),
    ],
)
async def test_only_a_navigation_gets_a_page(
    browser: httpx.AsyncClient, headers: dict[str, str], is_page: bool
):
    kind = (await browser.get("/problems/0", headers=headers)).headers["content-type"]
    assert kind.split(";")[0] == ("text/html" if is_page else "application/problem+json")
