"""Problems: every refusal that the service knows, after RFC 9457.

A problem is a class with a code, a status and a title; raising it answers the request. Each is
in the table of `docs/problems.md`. A problem names fields and opaque ids, never a person, an
address, a secret, or what the caller sent.
"""

from typing import Any, ClassVar, Final

PROBLEMS: Final[dict[str, type["Problem"]]] = {}


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """A refusal. `detail` and `field` belong to this one; the rest to its kind.

    `remedy` tells the caller, in one sentence, what to do about it.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    remedy: ClassVar[str]

    def __init__(self, detail: str | None = None, *, field: str | None = None) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.field = field

    def __init_subclass__(cls) -> None:
        if cls.code in PROBLEMS:
            raise TypeError(f"two problems have the code {cls.code}")
        PROBLEMS[cls.code] = cls

    def members(self) -> dict[str, Any]:
        """What this problem says beyond RFC 9457's members."""
        return {}

    def headers(self) -> dict[str, str]:
        """What the answer's head must say besides."""
        return {}


class InvalidRequest(Problem):
    """The request is not of the shape that the route takes."""

    code, status, title = "invalid_request", 422, "The request is not of the expected shape"
    remedy = "Correct the members that `errors` names; unknown members are refused."

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__()
        self.errors = errors

    def members(self) -> dict[str, Any]:
        """Each faulty member with what is wrong with it, never with its value."""
        return {"errors": self.errors}


class NotFound(Problem):
    """No such address."""

    code, status, title = "not_found", 404, "There is nothing at this address"
    remedy = "Check the address against the API's description at /openapi.json."


class MethodNotAllowed(Problem):
    """The address is there; not for this method."""

    code, status, title = "method_not_allowed", 405, "This address doesn't take that method"
    remedy = "Use one of the methods that the `Allow` header names."


class RequestTooLarge(Problem):
    """The body is over the limit."""

    code, status, title = "request_too_large", 413, "The request's body is too large"
    remedy = "Send less; the limit is the setting `max_request_bytes`."


class TooManyRequests(Problem):
    """A limit on how often."""

    code, status, title = "too_many_requests", 429, "Too many tries"
    remedy = "Wait for the seconds that `Retry-After` names, then try again."

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s

    def headers(self) -> dict[str, str]:
        """When to come back (RFC 9110 §10.2.3)."""
        return {"Retry-After": str(self.retry_after_s)}


class ServiceCloses(Problem):
    """The whole service ends: nothing new is taken from anybody."""

    code, status, title = "service_closes", 410, "The service is closing and takes nothing new"
    remedy = "Fetch your data and cancel your account; `/closing` tells until when you can."


class InternalFault(Problem):
    """A fault of ours. The log has it under the request id; the answer says nothing more."""

    code, status, title = "internal_fault", 500, "Something went wrong on our side"
    remedy = "Try again; if it goes on, tell support the request id."
