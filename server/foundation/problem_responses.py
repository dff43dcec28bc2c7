"""How a problem becomes an answer: JSON for programs, a small page for a browser's address bar."""

from html import escape
from typing import Any

import structlog
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
from server.foundation.log import where_of

MEDIA_TYPE = "application/problem+json"


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
    if request.headers.get("sec-fetch-mode") == "navigate":
        return HTMLResponse(_page(body), problem.status, headers)
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
        {"field": ".".join(str(step) for step in error["loc"][1:]), "message": error["msg"]}
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
    structlog.get_logger().error("fault", fault=type(fault).__name__, where=where_of(fault))
    return problem_response(InternalFault(), request)


def _page(body: dict[str, Any]) -> str:
    told = {name: escape(str(body[name])) for name in ("title", "remedy", "request_id")}
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{told['title']}</title>"
        f"<main><h1>{told['title']}</h1><p>{told['remedy']}</p>"
        f'<p><a href="/app/">Back to the app</a></p><p><small>{told["request_id"]}</small></p>'
    )
