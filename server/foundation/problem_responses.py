"""How a problem becomes an answer: JSON for programs, a small page for a browser's address bar."""

import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.exceptions import HTTPException

from server.foundation.errors import (
    InternalFault,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Problem,
)
from server.foundation.log import log_fault
from server.foundation.small_page import small_page

MEDIA_TYPE = "application/problem+json"
TO_THE_APP: Final = '<p class="actions"><a class="button first" href="/app/">Open the app</a></p>'


class ProblemOut(JSONResponse):
    """RFC 9457's media type."""

    media_type = MEDIA_TYPE


def problem_body(problem: Problem, request_id: str) -> dict[str, Any]:
    """The members of a problem, RFC 9457 §3.1 first, then ours."""
    body: dict[str, Any] = {
        "type": f"urn:secuhome:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "code": problem.code,
        "remedy": problem.remedy,
        "request_id": request_id,
    }
    if problem.detail:
        body["detail"] = problem.detail
    if problem.field:
        body["field"] = problem.field
    return body | problem.members()


def problem_response(problem: Problem, request: Request) -> Response:
    """The answer for a problem; a page where a browser navigated here."""
    headers = {"Cache-Control": "no-store", **problem.headers()}
    body = problem_body(problem, getattr(request.state, "request_id", ""))
    if _is_read_by_a_person(request):
        return HTMLResponse(_page(body, headers), problem.status, headers)
    return ProblemOut(body, problem.status, headers)


def problems(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What a route declares as `responses`: the problems it can answer with."""
    responses: dict[int | str, dict[str, Any]] = {}
    for kind in kinds:
        told = responses.setdefault(
            kind.status, {"description": "", "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        )
        told["description"] = " · ".join(filter(None, [told["description"], f"`{kind.code}`"]))
    return responses


SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "code", "remedy"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "remedy": {"type": "string"},
    },
}


def install_problem_handlers(app: FastAPI) -> None:
    """Make every way to fail answer with a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_fault)


async def _on_problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 - registered for this type only
    return problem_response(problem, request)


async def _on_validation(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, RequestValidationError)  # noqa: S101 - registered for this type only
    errors = [
        {
            "field": ".".join(str(step) for step in error["loc"][1:]),
            "message": error["msg"].removeprefix("Value error, "),
        }
        for error in fault.errors()
    ]
    return problem_response(InvalidRequest(errors), request)


async def _on_http(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)  # noqa: S101 - registered for this type only
    kinds: dict[int, type[Problem]] = {404: NotFound, 405: MethodNotAllowed}
    if kind := kinds.get(fault.status_code):
        response = problem_response(kind(), request)
    else:
        response = problem_response(
            InvalidRequest([{"field": "", "message": "the request can't be read"}]), request
        )
    response.headers.update(fault.headers or {})
    return response


async def _on_fault(request: Request, fault: Exception) -> Response:
    log_fault("fault", fault)
    return problem_response(InternalFault(), request)


def _is_read_by_a_person(request: Request) -> bool:
    """Whether a browser will show the answer by itself, rather than hand it to a script."""
    mode = request.headers.get("sec-fetch-mode")
    if mode is None:  # older browsers, and any over plain HTTP: only a navigation asks for HTML
        return "text/html" in request.headers.get("accept", "")
    return mode == "navigate"


def _page(body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """The problem for a person; names in backticks become code, as in the pages about it."""
    facts = {
        "Code": body["code"],
        "Request": body["request_id"],
        "Retry-After": headers.get("Retry-After", ""),
    }
    told = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in facts.items()
        if value
    )
    return small_page(
        body["title"],
        re.sub("`([^`]+)`", r"<code>\1</code>", escape(body["remedy"])),
        f'{TO_THE_APP}\n        <dl class="facts">{told}</dl>',
    )
